"""
Dialogues with CP: what is typed at terminals, and the lines that must come. The files are
in tests/system/rows, their grammar in its README; here they are read and played.
"""
import os
import re
import subprocess
import time

from vm370test import Failure, LIMIT, VM370

MESSAGE = re.compile(r'DMK[A-Z]{3}(\d{3})([A-Z])(?: |$)')
# {name} in an expected line.
WILD = {'time': r'\d\d:\d\d:\d\d', 'date': r'\d\d/\d\d/\d\d', 'day': r'\d\d/\d\d',
        'n': r'\d+', 'hex': r'[0-9A-F]+', '*': r'.*'}
MARK = 'query userid'


class Step:
    def __init__(self, kind, who, text, where):
        self.kind, self.who, self.text, self.where = kind, who, text, where
        self.reply = []


class Case:
    def __init__(self, row, title, where):
        self.row, self.title, self.where, self.steps = row, title, where, []

    def __str__(self):
        return '%s: %s %s' % (self.where, self.row, self.title)


def read(path):
    """The cases of a file."""
    cases, base = [], os.path.basename(path)
    with open(path) as f:
        for n, line in enumerate(f, 1):
            line, where = line.rstrip('\n'), '%s:%d' % (base, n)
            if line.startswith('#') or not line.strip():
                continue
            m = re.match(r'== (\S+) *(.*)$', line)
            if m:
                cases.append(Case(m.group(1), m.group(2), where))
                continue
            if not cases:
                raise Failure(where + ': no case has begun')
            steps = cases[-1].steps
            m = re.match(r'([A-Z][A-Z0-9]*|\$)(>>|[>!<:=]| )(?: ?)(.*)$', line)
            if line.startswith('    ') and steps and steps[-1].kind in ('>', '>>'):
                steps[-1].reply.append(line[4:].rstrip())
            elif m:
                steps.append(Step('$' if m.group(1) == '$' else m.group(2), m.group(1),
                                  m.group(3), where))
            else:
                raise Failure('%s: what is this? %s' % (where, line))
    return cases


def pattern(text, known):
    """An expected line as a regular expression; known: what was captured before."""
    def one(m):
        word = m.group(1)
        if word.startswith('='):
            return re.escape(known[word[1:]])
        if word.startswith('id:'):
            return r'(?P<%s>\d{4})' % word[3:]
        if word not in WILD:
            raise Failure('no such wildcard: {%s}' % word)
        return WILD[word]

    parts = re.split(r'(\{[^{}]*\})', text)
    return ''.join(one(re.match(r'\{(.*)\}', p)) if p.startswith('{') and p.endswith('}')
                   else re.escape(p) for p in parts)


def fits(rows, expected, known):
    """Are these the lines? '...' stands for any number of them. Captures into known."""
    if not expected:
        return not rows
    if expected[0] == '...':
        return any(fits(rows[i:], expected[1:], known) for i in range(len(rows) + 1))
    if not rows:
        return False
    m = re.fullmatch(pattern(expected[0], known), rows[0])
    if not m:
        return False
    mine = dict(known, **m.groupdict())
    if not fits(rows[1:], expected[1:], mine):
        return False
    known.update(mine)
    return True


class Terminal:
    """A user at an s3270."""

    def __init__(self, system, name, password=None):
        self.name, self.system = name, system
        self.client = system.client(model='3278-2', options=['-oversize', '132x60'])
        self.logged_on = False
        c = self.client
        c.wait('VM/370 ONLINE')
        c.enter()
        c.await_status('CP READ')
        if password:
            self.logon(password)
        c.clear()

    def logon(self, password):
        c = self.client
        c.enter('logon ' + self.name.lower())
        c.wait('ENTER PASSWORD:')
        c.enter(password)
        c.wait(re.compile('LOGON AT|RECONNECTED AT'))
        self.is_now(self.name)
        self.type('set emsg on', ['...'], {})  # only class G may

    def is_now(self, user):
        """Somebody has logged on there, or nobody."""
        self.logged_on = bool(user)
        self.mark_is = '%s AT VM370' % user

    def rows(self):
        """What is written above the input line, and the status."""
        screen = self.client.screen()
        width = len(screen[-1])
        text = [r.rstrip() for r in screen[:-2]]
        joined, full = [], False
        for r in text:
            if full:
                joined[-1] += r
            elif r:
                joined.append(r)
            full = len(r) == width
        return joined, screen[-1][width - 20:].strip()

    def mark(self):
        """A line of which the answer is known: what comes before it is complete."""
        c = self.client
        if not self.logged_on:
            c.enter('mark')
            return 'mark', 'restart'
        text = MARK if self.rows()[1] in ('CP READ', 'MORE...') else '#cp ' + MARK
        c.enter(text)
        return text, self.mark_is

    def collect(self, typed, done):
        """
        The lines behind the echo of typed, until done(lines) or the end of patience, over
        any number of screens.
        """
        before, end = [], time.monotonic() + LIMIT
        c = self.client
        while True:
            rows, status = self.rows()
            lines = before + rows
            if typed.strip() in lines:  # a warning may come before the echo
                lines.remove(typed.strip())
            answer = done(lines)
            if answer is not None:
                return answer
            if status in ('MORE...', 'HOLDING'):
                before += rows
                c.clear()
                continue
            if time.monotonic() > end:
                raise Failure('%s> %s: no end of the reply, %s:\n%s' %
                              (self.name, typed, status, '\n'.join(lines)))
            c.action('Wait(0.1,Output)', check=False)

    def type(self, text, expected, known, question=False):
        """Type a line; fails if these are not the lines that come. Returns them."""
        c = self.client
        c.clear()
        c.enter(text)
        if question:
            return self.collect(text, lambda rows: rows if fits(rows, expected, known)
                                else None)
        mark, answer = self.mark()

        def done(rows):
            return rows[:-2] if rows[-2:] == [mark, answer] else None

        rows = self.collect(text, done)
        if not fits(rows, expected, known):
            raise Failure('%s> %s\n  answers\n%s\n  and not\n%s' %
                          (self.name, text, '\n'.join('    ' + r for r in rows),
                           '\n'.join('    ' + r for r in expected)))
        return rows

    def see(self, text, known):
        """A line that comes by itself."""
        want = pattern(text, known)

        def done(rows):
            for r in rows:
                m = re.fullmatch(want, r)
                if m:
                    known.update(m.groupdict())
                    return [r]
            return None

        self.collect('', done)


class Player:
    """Plays cases on a system; seen() is told of each line typed, and its reply."""

    def __init__(self, make, passwords, seen):
        self.make, self.passwords, self.seen = make, passwords, seen
        self.system, self.terminals, self.known = make(), {}, {}

    def terminal(self, name):
        t = self.terminals.get(name)
        if not t:
            t = Terminal(self.system, name, self.passwords.get(name))
            self.terminals[name] = t
        return t

    def leave(self, name):
        """Its user's session ends, in whatever state it is."""
        t = self.terminals.pop(name, None)
        if not t:
            return
        t.client.close()
        self.system.clients.remove(t.client)
        if name in self.passwords:
            subprocess.run([VM370, 'cmd', self.system.data, 'force ' + name],
                           capture_output=True, timeout=LIMIT)
            self.await_gone(name)

    def await_gone(self, name):
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            p = subprocess.run([VM370, 'cmd', self.system.data, 'query ' + name],
                               capture_output=True, text=True, timeout=LIMIT)
            if 'NOT LOGGED ON' in p.stdout + p.stderr:
                return
        raise Failure(name + ' does not log off')

    def leave_all(self):
        for name in list(self.terminals):
            self.leave(name)

    def play(self, case):
        self.known = {}
        for step in case.steps:
            try:
                self.step(case, step)
            except Failure as e:
                raise Failure('%s: %s' % (step.where, e))

    def step(self, case, step):
        text = re.sub(r'\{=(\w+)\}', lambda m: self.known[m.group(1)], step.text)
        if step.kind in ('>', '>>'):
            rows = self.terminal(step.who).type(text, step.reply, self.known,
                                                step.kind == '>>')
            self.seen(case, step, text, rows, self.terminals[step.who].logged_on)
        elif step.kind == '!':
            self.terminal(step.who).client.action(text)
        elif step.kind == '<' and step.who == 'HOST':
            self.host_says(case, step)
        elif step.kind == '<':
            self.seen(case, step, None, self.see(step), True)
        elif step.kind == '=':
            self.terminal(step.who).client.await_status(text)
        elif step.kind == ':':
            self.session(step, text)
        elif step.kind == '$':
            self.host(text)
        else:
            raise Failure('what is this?')

    def see(self, step):
        self.terminal(step.who).see(step.text, self.known)
        return [step.text]

    def host_says(self, case, step):
        """The operator's console, which is standard output."""
        want = pattern(step.text, self.known)
        while True:
            line = self.system.read_line()
            if not line:
                raise Failure('the operator does not see ' + step.text)
            m = re.search(want, line)
            if m:
                self.known.update(m.groupdict())
                return self.seen(case, step, None, [step.text], True)

    def session(self, step, text):
        if text == 'fresh':
            self.leave(step.who)
            self.terminal(step.who)
        elif text == 'gone':  # the terminal is dropped by CP
            self.terminals.pop(step.who)
        elif text == 'drop':  # its cable is pulled
            self.terminals.pop(step.who).client.drop()
        elif text == 'off':  # he has logged off, with HOLD
            self.terminals[step.who].is_now(None)
        elif text == 'is gone':
            self.await_gone(step.who)
        elif text.startswith('is '):
            self.terminals[step.who].is_now(text[3:])
        else:
            raise Failure('what is %s?' % text)

    def host(self, text):
        """A command of the shell, in a rather small shell."""
        words = text.split()
        if words[0] == 'punch':  # USER, then a card each
            cards = ''.join(w + '\n' for w in words[2:])
            self.system.punch(words[1], cards.encode())
        elif words[0] in ('away', 'back'):  # a file of the data directory
            path = os.path.join(self.system.data, words[1])
            os.rename(*(path, path + '.away')[::1 if words[0] == 'away' else -1])
        elif words[0] == 'mkdir':
            os.mkdir(os.path.join(self.system.data, words[1]))
        elif words[0] == 'rmdir':
            os.rmdir(os.path.join(self.system.data, words[1]))
        elif words[0] in ('block', 'unblock'):  # the host takes no output of this user
            path = os.path.join(self.system.data, 'output', words[1])
            if words[0] == 'unblock':
                os.remove(path)
            else:
                os.makedirs(path, exist_ok=True)
                os.rename(path, path + '.before')
                open(path, 'w').close()
        elif words[0] == 'cmd':
            self.system.cmd(text[4:])
        elif words[0] == 'end':
            if self.system.wait_end():
                raise Failure('vm370 ends with an error')
            self.terminals.clear()
            self.system.clients.clear()
            self.system.start()
        else:
            raise Failure('what is %s?' % text)
