"""
What the tests of the spool share: users, and a program for a bare machine that
prints and punches what it is told.
"""
import os
import struct
import subprocess
import time

from vm370test import *

DEVICES = """\
 CONSOLE 009 3215 T
 SPOOL 00C 2540 READER *
 SPOOL 00D 2540 PUNCH A
 SPOOL 00E 1403 A
"""
USERS = ("""\
USER BOB BOB 1M 16M G
 ACCOUNT 4711 BINB
""" + DEVICES + """\
USER CARL CARL 1M 16M G
 ACCOUNT 4712 BINC
""" + DEVICES + """\
USER LOCKED NOLOG 1M 1M G
""")
# The operator as a class G user: vm370 cmd then tests what everybody may say.
GENERAL = 'USER OPERATOR OPERATOR 1M 16M G\n ACCOUNT OPERATOR OPERATOR\n' + DEVICES + USERS
DIRECTORY = 'USER OPERATOR OPERATOR 1M 16M ABCDEG\n ACCOUNT OPERATOR OPERATOR\n' + DEVICES + USERS


class Session:
    """A system and the clients of one test."""

    def __init__(self, directory=DIRECTORY, **options):
        self.directory = directory
        # Nobody there could say DRAIN, and the files are to stay.
        if directory == GENERAL:
            options['options'] = ['--drain', *options.get('options', ())]
        self.options = options

    def __enter__(self):
        self.system = System(self.directory, **self.options)
        return self.system

    def __exit__(self, kind, value, trace):
        self.system.close()


def ebcdic(text, size=None):
    data = text.encode('cp037')
    return data if size is None else data.ljust(size, b'\x40')


ORIGIN = 0x200


def program(work):
    """
    Machine code for X'200' that does the CCWs of each (device, [(op, text)]) and
    ends in a disabled wait. Text: a string, or bytes as they are.
    """
    code_size = (20 * len(work) + 24 + 7) & ~7
    table_at = ORIGIN + code_size
    text_at = table_at + sum(8 * len(ops) for _, ops in work)
    code, table, text = b'', b'', b''
    for device, ops in work:
        at = ORIGIN + len(code)
        # LA 1,ccws; ST 1,CAW; SIO dev; TIO dev; BNZ back to the TIO
        code += struct.pack('>HHHHHHHHHH', 0x4110, table_at + len(table), 0x5010, 0x48,
                            0x9C00, device, 0x9D00, device, 0x4770, at + 12)
        for i, (op, line) in enumerate(ops):
            raw = line if isinstance(line, bytes) else ebcdic(line or ' ')
            flags = 0x20 | (0x40 if i + 1 < len(ops) else 0)
            table += struct.pack('>BBHBBH', op, 0, text_at + len(text), flags, 0, len(raw))
            text += raw
    wait_at = (ORIGIN + len(code) + 4 + 7) & ~7
    code += struct.pack('>HH', 0x8200, wait_at)
    code = code.ljust(wait_at - ORIGIN, b'\0') + bytes.fromhex('0002000000000000')
    code = code.ljust(code_size, b'\0') + table + text
    if len(code) > 3500:
        raise Failure('the test program is too long')
    return code


def deck(work):
    """The same as a deck that can be IPLed."""
    code = program(work)
    cards = [code[i:i + 80].ljust(80, b'\0') for i in range(0, len(code), 80)]
    if len(cards) > 9:
        raise Failure('the test deck is too long')
    reads = b''.join(struct.pack('>BBHBBH', 2, 0, ORIGIN + 80 * i,
                                 0x60 if i + 1 < len(cards) else 0x20, 0, 80)
                     for i in range(len(cards)))
    first = struct.pack('>II', 0, ORIGIN) + struct.pack('>BBHBBH', 2, 0, 0x100, 0x60, 0, 80)
    first += struct.pack('>BBHBBH', 8, 0, 0x100, 0, 0, 1)
    return b''.join([first.ljust(80, b'\0'), reads.ljust(80, b'\0')] + cards)


def run_program(s, work):
    """Let the operator's machine do work, and wait until it has stopped."""
    code = program(work)
    for at in range(0, len(code), 100):
        s.cmd('store s%x %s' % (ORIGIN + at, code[at:at + 100].hex()))
    s.cmd('store psw 00000000 %08x' % ORIGIN)
    s.cmd('begin')
    end = time.monotonic() + LIMIT
    while '= 00020000 ' not in s.cmd('display psw'):
        if time.monotonic() > end:
            raise Failure('the program does not end: ' + s.cmd('display psw'))


def printed(s, lines=(), cards=(), spool='', punch_spool='', close='close'):
    """Print lines and punch cards in the operator's machine, and close them."""
    work = []
    if lines:
        if spool:
            s.cmd('spool prt ' + spool)
        work.append((0x00E, [line if isinstance(line, tuple) else (0x09, line)
                             for line in lines]))
    if cards:
        if punch_spool:
            s.cmd('spool pun ' + punch_spool)
        work.append((0x00D, [(0x41, ebcdic(card, 80)) for card in cards]))
    run_program(s, work)
    if close:
        if lines:
            s.cmd('close prt')
        if cards:
            s.cmd('close pun')


def spooled_text(s, number):
    """The lines of a spool file, as vm370 spool get shows them."""
    p = subprocess.run([VM370, 'spool', s.data, 'get', str(number)], capture_output=True,
                       text=True, timeout=LIMIT)
    if p.returncode:
        raise Failure('spool get %d: %s' % (number, p.stderr))
    return [line.rstrip() for line in p.stdout.rstrip('\n').split('\n')]
