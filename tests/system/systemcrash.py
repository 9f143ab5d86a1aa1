"""
Kills the whole system with -9 while decks are punched, printer files closed and two
guests write their minidisks, and looks: what was acknowledged is there. Files as in
spoolcrash.py; a disk record when the guest, who has seen device end, said so on his
console. Then vm370 check finds nothing wrong, and the system starts again.
"""
from spoolcrash import *

DASD370 = os.path.join(TOP, BUILD, 'dasd370')
DISK_DECK = os.path.join(TOP, BUILD, 'guests', 'diskload.ipl')
RECORD = 4096
TRACKS = 150                             # of a minidisk: 5 cylinders of a 3350
# user, format of his volume, the first cylinder there
DISKS = (('BOB', 'cckd', 2), ('CARL', 'ckd', 3))


def directory():
    text = DIRECTORY
    for user, format, start in DISKS:
        text = text.replace('USER %s %s 1M 16M G\n' % (user, user),
                            'USER %s %s 1M 16M G\n' % (user, user), 1)
        head, tail = text.split('USER %s ' % user, 1)
        entry, *rest = re.split(r'(?m)^(?=USER )', tail, maxsplit=1)
        entry += ' MDISK 191 3350 %d 5 %s MR\n' % (start, user + 'DK')
        text = head + 'USER %s ' % user + entry + ''.join(rest)
    return text


def make_volumes(data):
    os.makedirs(os.path.join(data, 'volumes'))
    for user, format, _ in DISKS:
        subprocess.run([DASD370, 'create', '-f', format, '-c', '10', image(data, user, format),
                        '3350', user + 'DK'], check=True, stdout=subprocess.DEVNULL)


def image(data, user, format):
    return os.path.join(data, 'volumes', '%s.%s' % (user.lower(), format))


class Writer:
    """A guest that writes, and what it said."""

    def __init__(self, s, user, number):
        self.user, self.written = user, None
        s.punch(user, DISK_DECK)
        self.p = subprocess.Popen([VM370, 'console', s.data, user], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        self.p.stdin.write('ipl 00c clear\n%08X\n' % number)
        self.p.stdin.flush()
        self.said = []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        for line in self.p.stdout:
            m = re.match(r'W ([0-9A-F]{8})$', line)
            if m:
                self.written = int(m.group(1), 16)
            else:
                self.said.append(line)

    def end(self):
        """After the crash: the last number that was acknowledged."""
        self.thread.join()
        self.p.wait()
        self.p.stdin.close()
        self.p.stdout.close()
        if self.written is None:
            raise Failure('%s wrote nothing: %s' % (self.user, self.said))
        return self.written


def track_records(data):
    """(record number, data) of a track in a CKD image, up to its end."""
    at = 5
    while data[at:at + 8] != b'\xff' * 8:
        key, length = data[at + 5], int.from_bytes(data[at + 6:at + 8], 'big')
        yield data[at + 4], data[at + 8 + key:at + 8 + key + length]
        at += 8 + key + length


def number_of(record):
    """The number that a whole record is full of; None if it is torn."""
    number = record[:4]
    return int.from_bytes(number, 'big') if record == number * (RECORD // 4) else None


def read_disk(s, user, format, start):
    """What number each track of the minidisk has."""
    path = image(s.data, user, format)
    if format != 'ckd':
        plain = os.path.join(s.dir, user + '.plain')
        subprocess.run([DASD370, 'copy', '--force', '-f', 'ckd', path, plain], check=True,
                       stdout=subprocess.DEVNULL)
        path = plain
    numbers = []
    with open(path, 'rb') as f:
        size = int.from_bytes(f.read(512)[12:16], 'little')
        for track in range(TRACKS):
            f.seek(512 + (start * 30 + track) * size)
            record = dict(track_records(f.read(size))).get(1)
            numbers.append(number_of(record) if record else 0)
    return numbers


def check_disk(s, user, format, start, acknowledged):
    """
    The guest wrote the numbers from 1 on, one after the other. Up to the highest that
    is there all must be, each on its track, and none is missing that was acknowledged.
    The one behind it may be torn. Returns the highest.
    """
    numbers = read_disk(s, user, format, start)
    highest = max(n for n in numbers if n is not None)
    if highest < acknowledged:
        raise Failure('%s: %d was acknowledged, and the disk ends with %d' %
                      (user, acknowledged, highest))
    for track, got in enumerate(numbers):
        wanted = max(0, highest - (highest - track) % TRACKS)
        if got != wanted and track != (highest + 1) % TRACKS:
            raise Failure('%s, track %d: %s, and not %d; the highest is %d' %
                          (user, track, got, wanted, highest))
    return highest


def crash_system_once(s, state):
    writers = [Writer(s, user, state[user]) for user, _, _ in DISKS]
    acknowledged, marks, stop = {}, [], threading.Event()
    end = time.monotonic() + LIMIT
    while not all(w.written for w in writers) and time.monotonic() < end:
        time.sleep(0.002)        # until they write
    loads = [Load(s, i, acknowledged) for i in range(2)]
    printer = threading.Thread(target=print_until_killed, args=(s, marks, stop))
    printer.start()
    wanted = random.randint(1, 12)
    while len(acknowledged) + len(marks) < wanted and time.monotonic() < end:
        time.sleep(random.random() * 0.01)  # the moment is random: nothing waits for it
    s.process.kill()
    stop.set()
    for load in loads:
        load.thread.join()
    printer.join()
    s.wait_end()
    acked = {w.user: w.end() for w in writers}
    p = subprocess.run([VM370, 'check', s.data], capture_output=True, text=True)
    if p.returncode:
        raise Failure('check: ' + p.stdout + p.stderr)
    written = 0
    for user, format, start in DISKS:
        highest = check_disk(s, user, format, start, acked[user])
        written += highest + 1 - state[user]
        state[user] = highest + 1
    s.start()
    if len(acknowledged) + len(marks) < wanted:
        raise Failure('there was no load to crash under')
    check_closed(s, acknowledged)
    check_printed(s, marks, end)
    s.cmd('purge system all')
    return len(acknowledged) + len(marks), written


def crash_system(times):
    files = records = 0
    state = {user: 1 for user, _, _ in DISKS}
    s = System(directory(), prepare=make_volumes)
    for n in range(times):
        try:
            f, r = crash_system_once(s, state)
        except Failure as e:
            s.process.kill()
            raise Failure('crash %d, %s: %s' % (n + 1, s.dir, e))
        files += f
        records += r
    s.close()
    print('%d crashes; before them %d files were closed, %d disk records written' %
          (times, files, records))
