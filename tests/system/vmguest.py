"""
The back end of guest_driver that runs a guest as a virtual machine of vm370.

Each run is a user of a system: its console an s3270 in line mode, its decks go through
`vm370 punch`, its printers into the spool, its disks are MDISKs and dedicated volumes,
its tapes are mounted on the system's drives and dedicated. The user is added to the
directory of the running system (DIRECT) when the script first says ipl.
"""
import os
import re
import subprocess
import threading
import time

from vm370test import (BUILD, Client, Failure, LIMIT, Skip, System, TOP, VM370)

PRINTERS = ('1403', '1443', '3203', '3211')
PUNCHES = ('2540P', '3525')
READERS = ('2540R', '2501', '3505')
CONSOLES = ('1052', '3210', '3215')
MIDDLE = 300  # first cylinder of a minidisk
TAPES = ('3420', '3410', '2400', '2415')

OPERATOR = """\
USER OPERATOR OPERATOR 1M 16M ABCDEG
 CONSOLE 009 3215
"""


class Host:
    """A vm370 that has room for any number of guests."""

    def __init__(self, init=()):
        """init: operands of vm370 init, whose directory is the beginning; else OPERATOR."""
        self.lock = threading.Lock()
        self.directory = OPERATOR
        self.drives = {'3420': list(range(0x580, 0x588)), '2400': list(range(0x588, 0x590))}
        self.guests = 0
        self.system = System(None if init else OPERATOR, init=init, options=['--drain'],
                             prepare=self.read_directory if init else None)
        for folder in ('tapes', 'volumes'):
            os.makedirs(os.path.join(self.system.data, folder), exist_ok=True)

    def read_directory(self, data):
        with open(os.path.join(data, 'user.direct')) as f:
            self.directory = f.read()

    def add_user(self, statements):
        """The directory with these statements behind it is the one in use."""
        with self.lock:
            self.directory += statements
            path = os.path.join(self.system.data, 'user.direct')
            with open(path + '.test', 'w') as f:
                f.write(self.directory)
            os.rename(path + '.test', path)
            self.system.cmd('DIRECT')

    def add_volume(self, volser, path):
        with self.lock, open(os.path.join(self.system.data, 'volumes.conf'), 'a') as f:
            f.write('%s %s\n' % (volser, path))

    def take_drive(self, kind):
        with self.lock:
            free = self.drives['2400' if kind.startswith('24') else '3420']
            if not free:
                raise Failure('no tape drive is free')
            return free.pop(0)

    def give_drive(self, raddr):
        with self.lock:
            self.drives['3420' if raddr < 0x588 else '2400'].append(raddr)

    def new_userid(self):
        with self.lock:
            self.guests += 1
            return 'GUEST%d' % self.guests

    def close(self):
        self.system.close()


class Screen(Client):
    """A client that keeps every line the host has shown."""

    def __init__(self, port, **options):
        self.before = ''
        super().__init__(port, **options)

    def rows(self):
        """Output lines on the screen, and the status behind them."""
        rows = self.screen()
        text = ''
        for row in rows[:-2]:
            # A line that fills its row goes on in the next.
            text += row if row[-1:] != ' ' else row.rstrip() + '\n'
        return text.rstrip('\n') + '\n', rows[-1][60:].strip(), rows

    def sync(self):
        """All output so far, and the status; a full screen is turned over."""
        while True:
            text, status, _ = self.rows()
            if status not in ('MORE...', 'HOLDING'):
                return self.before + text, status
            self.before += text
            self.clear()
            self.action('Wait(%d,Unlock)' % LIMIT)

    def line(self, text):
        """Type a line; again if the screen was full at that moment."""
        while True:
            self.sync()
            self.action('Wait(%d,Unlock)' % LIMIT)
            if text:
                self.type(text)
            self.action('Enter()')
            self.action('Wait(%d,Unlock)' % LIMIT)
            rows = self.screen()
            if not text or text[:70] not in rows[-2] + rows[-1]:
                return
            self.action('EraseInput()', check=False)

    def await_status(self, word):
        """As Client's, but a full screen does not hold the guest up."""
        end = time.monotonic() + LIMIT
        while self.sync()[1] != word:
            if time.monotonic() > end:
                raise Failure('the status is not %s:\n%s' % (word, self.show()))
            self.action('Wait(0.2,Output)', check=False)

    def ask(self, line, pattern):
        """Type a line and wait for output behind it; the match."""
        seen = len(self.sync()[0])
        self.line(line)
        return self.expect(pattern, seen)

    def expect(self, pattern, seen=0):
        """Until the output behind the first seen characters has a match."""
        end = time.monotonic() + LIMIT
        while True:
            m = re.search(pattern, self.sync()[0][seen:])
            if m:
                return m
            if time.monotonic() > end:
                raise Failure('%r does not appear:\n%s' % (pattern, self.show()))
            self.action('Wait(0.2,Output)', check=False)


class Vm370:
    """One guest; methods as guest_driver's Backend."""

    look = 0.05
    spooled = True
    # CRD2CONSL with no cards behind it: CP tells the end of a deck when the program
    # starts, by condition code 1; the other way it would be told by an interruption.
    waits = {'0002000080020014': '000200008002000C'}
    # TOS/360 prints what its clock says, set to ten in the script: other machines run too.
    masks = (r'(?m)\b10[.]0\d[.]\d\d$',)

    def __init__(self, directory, host=None):
        self.dir = directory
        self.own = host is None
        self.host = host
        self.storage, self.model = '16M', '3145'
        self.console = None
        self.statements = []
        self.classes = {}    # cuu: spool class
        self.decks = []      # (cuu, file) to be punched before the first IPL
        self.mounts = []     # (raddr, name, read only)
        self.drives = []
        self.volumes = 0
        self.inside = {}     # cuu: (volume, cylinders there, the script's file)
        self.c = None
        self.pages = {}      # spool id: text

    def start(self, storage, model):
        self.storage, self.model = storage, model
        if self.own:
            self.host = Host()
        self.user = self.host.new_userid()

    def stop(self):
        if self.c:
            try:
                self.c.line('#cp logoff')
                self.c.wait('VM/370 ONLINE')
            except Failure:
                if not self.own:
                    raise
            self.c.close()
        for raddr in self.drives:
            self.host.give_drive(raddr)
        if self.own:
            self.host.close()

    def state(self):
        if not self.c:
            return 'not logged on'
        return '%s, PSW %s' % (self.c.sync()[1], self.psw())

    # ---- devices

    def class_of(self, cuu, kinds):
        self.classes[cuu] = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[len([
            c for c in self.classes if self.kinds[c] in kinds])]
        return self.classes[cuu]

    kinds = property(lambda self: self.__dict__.setdefault('_kinds', {}))

    def attach(self, cuu, kind, files, options):
        self.kinds[cuu] = kind
        if kind in CONSOLES:
            self.console = cuu
            self.statements.append('CONSOLE %s %s' % (cuu, kind))
        elif kind in READERS:
            self.attach_reader(cuu, kind, files, options)
        elif kind in PRINTERS + PUNCHES:
            kinds = PRINTERS if kind in PRINTERS else PUNCHES
            self.statements.append('SPOOL %s %s %s' % (
                cuu, kind.replace('2540P', '2540 PUNCH'), self.class_of(cuu, kinds)))
        elif kind in TAPES:
            self.attach_tape(cuu, kind, files, options)
        else:
            self.attach_disk(cuu, kind, files, options)

    def attach_reader(self, cuu, kind, files, options):
        self.statements.append('SPOOL %s %s %s' % (
            cuu, kind.replace('2540R', '2540 READER'), self.class_of(cuu, READERS)))
        if files:
            self.decks.append((cuu, self.deck(cuu, files, options)))

    def deck(self, cuu, files, options):
        """One file of all decks; long lines of text are cut."""
        data = b''.join(open(f, 'rb').read() for f in files)
        if 'ascii' in options and 'trunc' in options:
            data = b''.join(line[:80] + b'\n' for line in data.splitlines())
        if not data:
            # Under CP an empty reader is one with a file: a card that nobody wants.
            data = b'\x40' * 80
        path = os.path.join(self.dir, 'deck-%s' % cuu)
        with open(path, 'wb') as f:
            f.write(data)
        return path

    def attach_tape(self, cuu, kind, files, options):
        raddr = self.host.take_drive(kind)
        self.drives.append(raddr)
        self.statements.append('DEDICATE %s %03X' % (cuu, raddr))
        if files:
            name = '%s-%s.aws' % (self.user.lower(), cuu.lower())
            os.rename(files[0], os.path.join(self.host.system.data, 'tapes', name))
            self.mounts.append((raddr, name, 'ro' in options))

    def attach_disk(self, cuu, kind, files, options):
        """
        The first disk is a minidisk, of a 3330 in the middle of a larger volume; the
        others are dedicated volumes.
        """
        self.volumes += 1
        volser = '%s%s' % (self.user.replace('GUEST', 'G')[:3], cuu)
        if self.volumes == 1 and kind == '3330':
            # The records keep their cylinder numbers: a guest writes those it knows.
            big = os.path.join(self.dir, 'volume-%s.cckd' % cuu)
            dasd370('create', '-c', '815', big, '3330-11', volser)
            dasd370('insert', big, '%d' % MIDDLE, files[0])
            size = cylinders_of(files[0])
            self.inside[cuu] = (big, '%d-%d' % (MIDDLE, MIDDLE + size - 1), files[0])
            self.host.add_volume(volser, big)
            self.statements.append('MDISK %s %s %d %d %s MW' % (cuu, kind, MIDDLE, size,
                                                                volser))
            return
        self.host.add_volume(volser, files[0])
        if self.volumes == 1:
            self.statements.append('MDISK %s %s 000 %03d %s MW' % (
                cuu, kind, cylinders_of(files[0]), volser))
        else:
            self.statements.append('DEDICATE %s VOLID %s%s' % (
                cuu, volser, ' R/O' if 'ro' in options else ''))

    def bring_up(self):
        s = self.host.system
        self.host.add_user('USER %s %s %s 16M G\n OPTION REALTIMER ECMODE YROFFSET -28\n%s' % (
            self.user, self.user, self.storage,
            ''.join(' %s\n' % line for line in self.statements)))
        for raddr, name, read_only in self.mounts:
            s.cmd('MOUNT %03X %s%s' % (raddr, name, ' R/O' if read_only else ''))
        for cuu, deck in self.decks:
            self.punch(cuu, deck)
        self.c = Screen(s.port, model='3278-4')
        self.c.logon(self.user, self.user)
        self.c.line('set emsg on')  # DDR asks CP (DIAGNOSE X'5C') how to shorten messages

    def punch(self, cuu, deck):
        p = subprocess.run([VM370, 'punch', self.host.system.data, self.user, deck,
                            self.classes[cuu]], capture_output=True, text=True,
                           timeout=LIMIT)
        if p.returncode:
            raise Failure('punch: %s%s' % (p.stdout, p.stderr))

    def mount(self, cuu, files, options):
        if self.kinds[cuu] not in READERS:
            raise Skip('mount of a %s' % self.kinds[cuu])
        self.punch(cuu, self.deck(cuu, files, options))

    # ---- buttons and keys

    def ipl(self, cuu):
        if not self.c:
            self.bring_up()
        self.c.line('#cp ipl %s' % cuu)

    def attention(self, cuu):
        self.c.line('#cp attn')

    def reading(self, cuu):
        return self.c.sync()[1] == 'VM READ'

    def type(self, cuu, text):
        self.c.line(text)

    def psw(self):
        """The current PSW, 16 digits."""
        m = self.c.ask('#cp display psw', r'PSW = ([0-9A-F]{8}) ([0-9A-F]{8})\n')
        return m.group(1) + m.group(2)

    def waiting(self):
        psw = self.psw()
        return psw if int(psw[3], 16) & 2 else None

    # ---- output

    def printed(self, cuu):
        if cuu == self.console:
            return self.c.sync()[0] if self.c else ''
        self.quiet()
        self.c.line('#cp close %s' % cuu)
        return ''.join(self.spooled_files(self.classes[cuu]))

    def quiet(self):
        """Until the guest waits: a file closed in mid-page ends there."""
        waits, end = 0, time.monotonic() + LIMIT
        while waits < 3 and time.monotonic() < end:
            waits = waits + 1 if self.waiting() else 0
            time.sleep(self.look)

    def spooled_files(self, spool_class):
        p = subprocess.run([VM370, 'spool', self.host.system.data, 'list'],
                           capture_output=True, text=True, timeout=LIMIT, check=True)
        for line in p.stdout.split('\n'):
            words = line.split()
            if len(words) < 5 or words[1] != 'PRT' or words[3] != self.user or \
                    words[4] != spool_class:
                continue
            if words[0] not in self.pages:
                self.pages[words[0]] = subprocess.run(
                    [VM370, 'spool', self.host.system.data, 'get', words[0]],
                    capture_output=True, timeout=LIMIT, check=True).stdout.decode(
                        errors='replace')
            yield self.pages[words[0]]

    def release(self, cuu):
        self.c.ask('#cp detach %s' % cuu, cuu + ' DETACHED')
        if cuu in self.inside:
            big, where, disk = self.inside[cuu]
            dasd370('extract', '--force', big, where, disk)


def dasd370(*args):
    p = subprocess.run([os.path.join(TOP, BUILD, 'dasd370'), *args], capture_output=True,
                       text=True)
    if p.returncode:
        raise Failure('dasd370 %s: %s' % (' '.join(args), p.stderr))
    return p.stdout


def cylinders_of(path):
    return int(re.search(r'cylinders +(\d+)', dasd370('info', path)).group(1))
