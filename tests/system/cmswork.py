"""
Work in real CMS. The media have its nucleus but not the commands of the S-disk, EDIT,
PRINT, PUNCH and READCARD: cmstool.asm, stored into the user area and begun by DEBUG,
calls the nucleus for the same work.
"""
import os
import re
import subprocess
import tempfile

from vm370test import BUILD, Failure, TOP
from vmguest import Screen

HERE = os.path.dirname(os.path.abspath(__file__))
ORIGIN = 0x20000
EDIT, PRINT, PUNCH, READ, TYPE, PROGRAM = range(6)
STORE = 48       # bytes of one STORE command
BLANKS = 130     # at the end of the program; need not be stored


def assemble():
    """The program, as bytes."""
    with tempfile.TemporaryDirectory() as d:
        deck, core = os.path.join(d, 'tool.obj'), os.path.join(d, 'tool.core')
        for words in (['asm370', os.path.join(HERE, 'cmstool.asm'), '-o', deck],
                      ['link370', '-f', 'core', '-O', '%X' % ORIGIN, deck, '-o', core]):
            subprocess.run([os.path.join(TOP, BUILD, words[0]), *words[1:]], check=True,
                           stdout=subprocess.DEVNULL)
        with open(core, 'rb') as f:
            return f.read()[:-BLANKS]


class CmsUser:
    """A user in CMS, with the program in storage."""

    tool = None

    def __init__(self, system, name, password=None):
        self.system, self.name = system, name
        self.c = Screen(system.port, model='3278-4')
        system.clients.append(self.c)
        self.c.logon(name, password or name)

    def begin(self):
        """From IPL CMS on to the first Ready."""
        self.c.expect('CMS VERSION 6.0')
        self.c.await_status('VM READ')
        self.cms('access 191 a ( noprof')
        self.cp('set emsg on')
        if not CmsUser.tool:
            CmsUser.tool = assemble()
        for at in range(0, len(CmsUser.tool), STORE):
            self.c.ask('#cp store s%X %s' % (ORIGIN + at, CmsUser.tool[at:at + STORE].hex()),
                       'STORE COMPLETE')

    def cms(self, line, *expected, rc=0):
        """A CMS command; all of expected appears before its Ready."""
        seen = len(self.c.sync()[0])
        self.c.line(line)
        ready = 'Ready;' if rc == 0 else r'Ready\(0*%d\);' % rc
        pattern = r'(.|\n)*?'.join([re.escape(e) for e in expected] + [ready])
        self.c.expect(pattern, seen)
        return self.c.sync()[0][seen:]

    def cp(self, line, *expected):
        seen = len(self.c.sync()[0])
        self.c.line('#cp ' + line)
        for text in expected:
            self.c.expect(re.escape(text), seen)

    def go(self, entry, *lines):
        """Run an entry of the program; lines answer its reads. What it shows."""
        self.c.ask('debug', 'DEBUG ENTERED')
        # A line typed before DEBUG reads would be an attention: CMS would stack it.
        self.c.await_status('VM READ')
        seen = len(self.c.sync()[0])
        self.c.line('go %X' % (ORIGIN + 16 * entry))
        for line in lines:
            self.c.await_status('VM READ')
            self.c.line(line)
        m = self.c.expect(r'Ready(\(\d+\))?;', seen)
        if m.group(1):
            raise Failure('%s: %s' % (self.name, self.c.sync()[0][seen:]))
        return self.c.sync()[0][seen:]

    def write_note(self, *lines):
        self.go(EDIT, *lines, '')

    def write_exec(self, *lines):
        """WORK EXEC, which `exec work` gives to the EXEC processor of CMSSEG."""
        self.go(PROGRAM, *lines, '')

    def print_note(self):
        self.go(PRINT)
        self.cp('close printer name note text')

    def punch_note(self, to):
        self.cp('spool punch to ' + to)
        self.go(PUNCH)
        self.cp('close punch name note text', ' TO  %-8s COPY 01 NOHOLD' % to.upper())

    def read_mail(self):
        self.go(READ)

    def mail(self):
        return self.go(TYPE)
