"""
What the tests of communication between machines share: users, and the guest
tests/system/guests/comm.asm, which does what is typed.
"""
from vm370test import *

COMM_DECK = os.path.join(TOP, BUILD, 'guests', 'comm.ipl')

MACHINE = """\
 OPTION ECMODE
 CONSOLE 009 3215
 SPOOL 00C 2540 READER *
"""
DIRECTORY = ''.join('USER %s %s 1M 16M %s\n%s' % (name, name, classes, MACHINE)
                    for name, classes in (('OPERATOR', 'ABCDEG'), ('ANNA', 'G'),
                                          ('BERT', 'G'), ('CORA', 'G')))


def ebcdic(text, size=None):
    data = text.encode('cp037')
    return data if size is None else data.ljust(size, b'\x40')


class Machine:
    """A user at a 3270; run() gives him the guest."""

    def __init__(self, system, name, expect='LOGON AT'):
        self.system, self.name = system, name
        self.c = system.client(model='3278-4')
        self.c.logon(name.lower(), name.lower(), expect)
        self.c.await_status('CP READ')

    def run(self):
        self.system.punch(self.name, COMM_DECK)
        self.cp('ipl 00c clear')
        self.c.wait('COMM READY')
        self.c.await_status('VM READ')
        return self

    def cp(self, command, expect=None):
        """A CP command, wherever the machine is; returns the match."""
        self.c.clear()
        # #CP also in CP READ, where the escape is an ordinary way of saying it.
        self.c.enter('#cp ' + command)
        return self.c.wait(expect, command) if expect else None

    def send(self, command):
        self.c.clear()
        self.c.await_status('VM READ')
        self.c.enter(command)

    def do(self, command, expect):
        """A command of the guest; returns what matches."""
        self.send(command)
        return self.c.wait(expect, command)

    def store(self, address, data):
        """Bytes into the guest's storage."""
        for at in range(0, len(data), 48):
            self.send('S %06X %s' % (address + at, data[at:at + 48].hex().upper()))

    def fetch(self, address, length):
        m = self.do('R %06X %02X' % (address, length),
                    re.compile(r'(?m)^([0-9A-F]{%d})' % (2 * length)
                               if length <= 40 else r'()^([0-9A-F\s]+)$'))
        return bytes.fromhex(m.group(1))

    def wait(self, text):
        return self.c.wait(text, self.name)


class Session:
    """A system and the clients of one test."""

    def __init__(self, directory=DIRECTORY, **options):
        self.directory, self.options = directory, options

    def __enter__(self):
        self.system = System(self.directory, **self.options)
        return self.system

    def __exit__(self, kind, value, trace):
        self.system.close()
