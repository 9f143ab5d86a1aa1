"""
Kills vm370 with -9 while files are being closed, transferred and printed, starts
it again, and looks: every file that CP called closed is there, whole, or it was
printed and its text is in the output folder, whole.
"""
import glob
import os
import random
import re
import subprocess
import threading

from spooltest import *

LINES = 12
USERS_OF_LOAD = ('BOB', 'CARL', 'OPERATOR')


class Load:
    """One thread of vm370 punch: what was acknowledged goes into a dictionary."""

    def __init__(self, system, number, acknowledged):
        self.system = system
        self.number = number
        self.acknowledged = acknowledged
        self.count = 0
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        name = os.path.join(self.system.dir, 'load%d' % self.number)
        while True:
            self.count += 1
            mark = 'T%d F%06d R%08X' % (self.number, self.count, random.getrandbits(32))
            user = random.choice(USERS_OF_LOAD)
            with open(name, 'w') as f:
                for i in range(LINES):
                    f.write('%s LINE %d\n' % (mark, i))
            p = subprocess.run([VM370, 'punch', self.system.data, user, name],
                               capture_output=True, text=True)
            m = re.match(r'RDR FILE (\d+) FOR', p.stdout)
            if p.returncode or not m:
                self.reason = p.stdout + p.stderr
                return               # it has been killed
            self.acknowledged[(int(m.group(1)), mark)] = user


def lines_of(mark):
    return ['%s LINE %d' % (mark, i) for i in range(LINES)]


def check_closed(s, acknowledged):
    """Everything acknowledged is in the spool, whole."""
    for (number, mark), user in acknowledged.items():
        if spooled_text(s, number) != lines_of(mark):
            raise Failure('file %d of %s is not what was punched: %s' %
                          (number, user, spooled_text(s, number)))


def printed_somewhere(s, mark):
    return any(mark in open(path).read()
               for path in glob.glob(os.path.join(s.data, 'output', '*', '*.txt')))


def print_until_killed(s, printed_marks, stop):
    """Close printer files in the operator's machine; remember those that CLOSE answered."""
    n = 0
    try:
        while not stop.is_set():
            n += 1
            mark = 'PRINTED %d %08X' % (n, random.getrandbits(32))
            run_program(s, [(0x00E, [(0x09, mark)])])
            s.cmd('close prt name p%d' % n)
            printed_marks.append(mark)
    except Failure:
        pass                         # it has been killed


def crash_once(s):
    acknowledged, marks, stop = {}, [], threading.Event()
    loads = [Load(s, i, acknowledged) for i in range(2)]
    printer = threading.Thread(target=print_until_killed, args=(s, marks, stop))
    printer.start()
    wanted = random.randint(1, 25)
    end = time.monotonic() + LIMIT
    while len(acknowledged) + len(marks) < wanted and time.monotonic() < end:
        time.sleep(random.random() * 0.01)  # the moment is random: nothing waits for it
    s.process.kill()
    stop.set()
    for load in loads:
        load.thread.join()
    printer.join()
    s.wait_end()
    s.start()
    if len(acknowledged) + len(marks) < wanted:
        raise Failure('there was no load to crash under: %d %d %s' %
                      (len(acknowledged), len(marks), [load.reason for load in loads]))
    check_closed(s, acknowledged)
    check_printed(s, marks, time.monotonic() + LIMIT)
    s.cmd('purge system all')
    return len(acknowledged) + len(marks)


def check_printed(s, marks, end):
    """What CLOSE answered is printed now, whole, or it was before."""
    s.cmd('start 00e nosep')
    while not s.cmd('query prt').startswith('NO PRT') and time.monotonic() < end:
        pass
    for mark in marks:
        while not printed_somewhere(s, mark):
            if time.monotonic() > end:
                raise Failure('%s was closed and is neither printed nor in the spool' % mark)
    leftover = glob.glob(os.path.join(s.data, 'output', '*', '*.txt'))
    for path in leftover:
        if not re.fullmatch(r'PRINTED \d+ [0-9A-F]{8}\n', open(path).read()):
            raise Failure('%s is not whole' % path)
        os.remove(path)


def crash(times):
    with Session() as s:
        files = sum(crash_once(s) for _ in range(times))
    print('%d crashes, %d files closed before them' % (times, files))
