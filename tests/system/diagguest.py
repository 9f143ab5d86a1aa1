"""
The guest of tests/system/test_diagnose, tests/system/guests/diag.asm: one DIAGNOSE with
the registers and the PSW that the test wants, and all that it answers.
"""
import subprocess

from commtest import *

DECK = os.path.join(TOP, BUILD, 'guests', 'diag.ipl')
DASD370 = os.path.join(TOP, BUILD, 'dasd370')

OPERATION, PRIVILEGED, EXECUTE, PROTECTION, ADDRESSING, SPECIFICATION = range(1, 7)
STORAGE = 0x100000                      # the guests' size

DIRECTORY = """\
USER OPERATOR OPERATOR 1M 16M ABCDEFG
 CONSOLE 009 3215
USER ANNA ANNA 1M 16M G
 OPTION ECMODE ACCT
 ACCOUNT 4711 BIN9
 CONSOLE 009 3215
 SPOOL 00C 2540 READER *
 SPOOL 00D 2540 PUNCH A
 SPOOL 00E 1403 A
 SPOOL 01C 3505 A
 MDISK 191 3350 010 005 WORK01 W
 MDISK 192 3350 020 005 WORK01 R
 DEDICATE 181 580
 SPECIAL 500 CTCA
USER BERT BERT 1M 16M G
 OPTION ECMODE
 CONSOLE 009 3215
 SPOOL 00C 2540 READER *
 LINK ANNA 191 291 RR
 MDISK 391 3350 030 005 WORK01 W RPASS WPASS
USER CORA CORA 16M 16M EG
 CONSOLE 009 3215
 SPOOL 00C 2540 READER *
USER PRIVY PRIVY 1M 16M ABCDEFG
 OPTION ECMODE
 CONSOLE 009 3215
 SPOOL 00C 2540 READER *
 SPOOL 00D 2540 PUNCH A
"""

UNCHANGED = 'unchanged'
# code -> the kinds of answers that a test has seen: 'good', 'bad'
SEEN = {}


class Answer:
    def __init__(self, m):
        self.cc, self.pic = int(m.group(1)), int(m.group(2), 16)
        self.csw = bytes.fromhex(m.group(3))
        text = m.group(4) + m.group(5)
        self.gr = [int(text[i:i + 8], 16) for i in range(0, 128, 8)]


ANSWER = re.compile(r'(?m)^CC (\d) PIC (\w{4}) CSW (\w{16})\n(\w{64})\n(\w{64})$')


class Guest(Machine):
    def __init__(self, system, name):
        super().__init__(system, name)
        self.psw, self.loaded, self.waits = '00000000{cc:X}0000000', None, '0000'
        self.cp('set emsg on')

    def run(self):
        self.system.punch(self.name, DECK)
        self.cp('ipl 00c clear')
        self.c.wait('DIAG READY')
        self.c.await_status('VM READ')
        # What is left of the deck: nothing may find it later.
        self.cp('close 00c')
        return self

    def mode(self, psw='00000000{cc:X}0000000'):
        """The PSW of the DIAGNOSE, with a place for the condition code (bits 34-35)."""
        self.psw = psw

    def ec(self, key=0, dat=False, problem=False):
        self.mode('%02X%X%X{cc:X}' % (4 if dat else 0, key, 8 + problem) + '0' * 11)

    def bc(self, key=0, problem=False):
        self.mode('00%X%X0000{cc:X}0000000' % (key, int(problem)))

    def key(self, address, key):
        self.send('K %06X %02X' % (address, key))

    def control(self, number, value):
        self.send('L %X %08X' % (number, value))

    def behind(self, vaddr):
        """Which device's end each DIAGNOSE waits for; 0 none."""
        if self.waits != '%04X' % vaddr:
            self.waits = '%04X' % vaddr
            self.send('W ' + self.waits)

    def diagnose(self, code, rx=1, ry=2, cc=0, wait=True, **registers):
        """Execute it with that condition code before; the Answer."""
        psw = self.psw.format(cc=cc)
        if self.loaded != psw:
            self.loaded = psw
            self.send('M ' + psw)
        line = 'D %X%X%04X' % (rx, ry, code)
        for name, value in registers.items():
            line += ' %X=%08X' % (int(name[1:]), value & 0xFFFFFFFF)
        self.send(line)
        return Answer(self.c.wait(ANSWER, line)) if wait else None

    def not_executed(self):
        """Before a DIAGNOSE that executed() waits for: not for the one before."""
        self.store(0xE54, bytes(4))

    def executed(self):
        """
        Until the DIAGNOSE has been executed, though the guest cannot say so: a program of
        its console waits for a line.
        """
        end = time.monotonic() + LIMIT
        while True:
            m = self.cp('display e54.4', re.compile(r'(?m)^000E54\s+(\w{8})'))
            if int(m.group(1), 16):
                break
            if time.monotonic() > end:
                raise Failure('%s: no DIAGNOSE: %s' % (self.name, self.c.show()))
        self.c.clear()
        self.c.await_status('VM READ')

    def check(self, code, what='', cc=UNCHANGED, pic=0, rx=1, ry=2, out={}, open=(), **gr):
        """
        Fails if the condition code, the program-interruption code or a register is not
        as wanted: out has those that change, open those that are not looked at.
        """
        before = 2 if cc == UNCHANGED else (cc + 1) % 4
        a = self.diagnose(code, rx, ry, before, **gr)
        where = "%s: DIAGNOSE X'%02X' %s" % (self.name, code, what)
        if a.pic != pic:
            raise Failure('%s: program interruption %d, not %d' % (where, a.pic, pic))
        wanted = before if cc == UNCHANGED or pic else cc
        if a.cc != wanted:
            raise Failure('%s: condition code %d, not %d' % (where, a.cc, wanted))
        for n in range(16):
            value = out.get('g%d' % n, gr.get('g%d' % n, 0)) & 0xFFFFFFFF
            if a.gr[n] != value and 'g%d' % n not in open:
                raise Failure('%s: register %d is %08X, not %08X' % (where, n, a.gr[n], value))
        return a

    def good(self, code, what='', **more):
        SEEN.setdefault(code, set()).add('good')
        return self.check(code, what, **more)

    def bad(self, code, what='', **more):
        SEEN.setdefault(code, set()).add('bad')
        return self.check(code, what, **more)

    def bytes(self, address, wanted, what=''):
        got = self.fetch(address, len(wanted))
        if got != wanted:
            raise Failure('%s: at %06X is %s, not %s %s' %
                          (self.name, address, got.hex(), wanted.hex(), what))

    def text(self, address, text):
        self.store(address, ebcdic(text))

    def fetch(self, address, length):
        data = b''
        while length:
            piece = min(length, 32)
            m = self.do('R %06X %02X' % (address, piece),
                        re.compile(r'(?m)^([0-9A-F]{%d})$' % (2 * piece)))
            data += bytes.fromhex(m.group(1))
            address += piece
            length -= piece
        return data


class Guests(System):
    """A system with disks, a tape and a segment, and the guests of one test."""

    def __init__(self, **more):
        super().__init__(DIRECTORY, **more)

    def start(self):
        for folder in 'volumes', 'tapes':
            os.makedirs(os.path.join(self.data, folder), exist_ok=True)
        volume = os.path.join(self.data, 'volumes', 'work01.cckd')
        if not os.path.exists(volume):
            subprocess.run([DASD370, 'create', '-f', 'cckd', '-c', '60', volume, '3350',
                            'WORK01'], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(self.data, 'systems.conf'), 'w') as conf:
            conf.write('SEG 3840-3841 SHARED 3840-3840\nLOW 32-33 SHARED 32-32\n')
        super().start()

    def guest(self, name='ANNA'):
        return Guest(self, name).run()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()
