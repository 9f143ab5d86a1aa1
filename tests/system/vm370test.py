"""
What the system tests of vm370 share: a running system in a directory of its own,
real 3270 clients (s3270), and counting.

Nothing here sleeps: a client waits for output of the host (s3270's Wait), a
process for its end, each with a limit that only a failure reaches.
"""
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

BUILD = os.environ.get('BUILD', 'build')
TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
VM370 = os.path.join(TOP, BUILD, 'vm370')
MEDIA = os.environ.get('VM370_MEDIA', os.path.join(TOP, '..', 'shared', 'media'))
# Sanitizer builds are slow; only a failure waits so long.
LIMIT = float(os.environ.get('VM370_TEST_LIMIT', '30'))


class Failure(Exception):
    pass


class System:
    """A vm370 on a free loopback port."""

    def __init__(self, directory=None, init=(), options=(), prepare=None):
        self.dir = tempfile.mkdtemp(prefix='vm370-test-')
        self.data = os.path.join(self.dir, 'data')
        subprocess.run([VM370, 'init', self.data, *init], check=True)
        if directory:
            with open(os.path.join(self.data, 'user.direct'), 'w') as f:
                f.write(directory)
        if prepare:
            prepare(self.data)
        self.clients = []
        self.process = None
        self.options = list(options)
        self.start()

    def start(self):
        self.log = open(os.path.join(self.dir, 'log'), 'a')
        self.process = subprocess.Popen([VM370, 'run', self.data, '--port', '0',
                                         *self.options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.output = b''
        line = self.read_line()
        m = re.match(r'vm370: ready on 127\.0\.0\.1 port (\d+)(?:, TLS port (\d+))?'
                     r'(?:, card port (\d+))?$', line)
        if not m:
            raise Failure('vm370 did not start: %r\n%s' % (line, self.log_text()))
        self.port = int(m.group(1))
        self.tls_port = m.group(2) and int(m.group(2))
        self.card_port = m.group(3) and int(m.group(3))

    def log_text(self):
        with open(os.path.join(self.dir, 'log')) as f:
            return f.read()

    def type_at_host(self, line):
        """A line of the operator on standard input."""
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()

    def read_line(self):
        """The next line of standard output; '' at its end, or if none comes."""
        fd = self.process.stdout.fileno()
        while b'\n' not in self.output:
            if not select.select([fd], [], [], LIMIT)[0]:
                return ''
            more = os.read(fd, 65536)
            if not more:
                return ''
            self.output += more
        line, self.output = self.output.split(b'\n', 1)
        return line.decode('latin-1')

    def read_at_host(self, text):
        """Lines of standard output until one has text in it; returns that one."""
        while True:
            line = self.read_line()
            if not line:
                raise Failure('vm370 does not print %r' % text)
            if text in line:
                return line

    def cmd(self, command, rc=0):
        """An operator's command; returns its reply."""
        p = subprocess.run([VM370, 'cmd', self.data, command], capture_output=True,
                           text=True, timeout=LIMIT)
        if p.returncode != rc:
            raise Failure('%s: return code %d, not %d: %s%s' %
                          (command, p.returncode, rc, p.stdout, p.stderr))
        return p.stdout

    def punch(self, user, data, rc=0):
        """A deck (bytes, or the name of a file) into a user's reader."""
        name = data
        if isinstance(data, bytes):
            name = os.path.join(self.dir, 'deck')
            with open(name, 'wb') as f:
                f.write(data)
        p = subprocess.run([VM370, 'punch', self.data, user, name], capture_output=True,
                           text=True, timeout=LIMIT)
        if p.returncode != rc:
            raise Failure('punch: return code %d, not %d: %s%s' %
                          (p.returncode, rc, p.stdout, p.stderr))
        return p.stdout

    def client(self, port=None, **options):
        c = Client(port or self.port, **options)
        self.clients.append(c)
        return c

    def wait_end(self):
        """The exit status, when it has ended by itself."""
        status = self.process.wait(timeout=LIMIT)
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()
        return status

    def close(self):
        for c in self.clients:
            c.close()
        status = None
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.wait_end()
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure('vm370 does not end on SIGTERM\n' + self.log_text())
        log = self.log_text()
        shutil.rmtree(self.dir, ignore_errors=True)
        if status != 0 or 'ERROR: ' in log or 'runtime error' in log or 'WARNING: Thread' in log:
            raise Failure('vm370 ended with status %d\n%s' % (status, log))


class Client:
    """An s3270 that is connected to a System."""

    def __init__(self, port, model='3279-2', host='127.0.0.1', options=()):
        # host may have a prefix of s3270's: L: speaks TLS, N: is classic TN3270.
        self.process = subprocess.Popen(
            ['s3270', '-utf8', '-model', model, *options], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.action('Connect(%s:%d)' % (host, port))
        self.action('Wait(%d,InputField)' % LIMIT)

    def send(self, text):
        """Start an action; reply() waits for its end."""
        self.process.stdin.write(text + '\n')
        self.process.stdin.flush()

    def action(self, text, check=True):
        self.send(text)
        return self.reply(text, check)

    def reply(self, text='', check=True):
        data = []
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise Failure('s3270 ended at %s' % text)
            line = line.rstrip('\n')
            if line.startswith('data: '):
                data.append(line[6:])
            elif line == 'ok':
                return data
            elif line == 'error':
                if check:
                    raise Failure('%s: %s' % (text, ' '.join(data)))
                return data
            else:
                self.status = line

    def screen(self):
        return self.action('Ascii()')

    def show(self):
        return '\n'.join('|' + row.rstrip() for row in self.screen())

    def wait(self, text, what=None):
        """Until text (or a compiled pattern) is on the screen; returns the match."""
        end = time.monotonic() + LIMIT
        while True:
            rows = self.screen()
            # A line may be wrapped; rows are also joined without anything between.
            whole = '\n'.join(r.rstrip() for r in rows) + '\n' + ''.join(rows)
            if isinstance(text, str):
                if text in whole:
                    return text
            else:
                m = text.search(whole)
                if m:
                    return m
            left = end - time.monotonic()
            if left <= 0:
                raise Failure('%s: %r does not appear:\n%s' %
                              (what or 'screen', text, self.show()))
            # Comes back at the next output, or (a change between Ascii and
            # here would be missed) after a moment.
            self.action('Wait(0.2,Output)', check=False)

    def status_area(self):
        return self.screen()[-1][60:].strip()

    def await_status(self, word):
        end = time.monotonic() + LIMIT
        while self.status_area() != word:
            if time.monotonic() > end:
                raise Failure('the status is not %s:\n%s' % (word, self.show()))
            self.action('Wait(0.2,Output)', check=False)

    def type(self, text):
        self.action('String("%s")' % text.replace('\\', '\\\\').replace('"', '\\"'))

    def enter(self, text=''):
        self.action('Wait(%d,Unlock)' % LIMIT)
        if text:
            self.type(text)
        self.action('Enter()')

    def pa1(self):
        self.action('PA(1)')

    def clear(self):
        self.action('Clear()')

    def logon(self, user, password, expect='LOGON AT'):
        self.wait('VM/370 ONLINE')
        self.enter()
        self.await_status('CP READ')
        self.enter('logon ' + user)
        self.wait('ENTER PASSWORD:')
        self.enter(password)
        self.wait(expect)

    def close(self):
        if self.process.poll() is None:
            try:
                self.process.stdin.write('Quit()\n')
                self.process.stdin.flush()
                self.process.wait(timeout=LIMIT)
            except (BrokenPipeError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def drop(self):
        """The client dies: no goodbye."""
        self.process.kill()
        self.process.wait()


def media(folder, name):
    """The path of a file of the media, or None."""
    path = os.path.join(MEDIA, folder, name)
    return path if os.path.exists(path) else None


class Skip(Exception):
    pass


def main(tests):
    """
    Run the functions, or those named in the command line, one after the other,
    print the counts, and exit.
    """
    if len(sys.argv) > 1:
        tests = [t for t in tests if t.__name__ in sys.argv[1:]]
    passed = failed = skipped = 0
    for test in tests:
        name = test.__name__
        try:
            test()
            passed += 1
        except Skip as s:
            print('SKIP: %s (%s)' % (name, s))
            skipped += 1
        except Exception as e:
            failed += 1
            print('FAIL: %s: %s' % (name, e))
            if not isinstance(e, Failure):
                traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
    print('%d passed, %d failed, %d skipped' % (passed, failed, skipped))
    sys.exit(1 if failed else 0)
