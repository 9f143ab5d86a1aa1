"""
The cases of test_vm_guests and long_vm_guests: guests of the media as virtual machines
of vm370, each by its script, and many of them side by side in one system.
"""
import functools
import importlib.machinery
import importlib.util
import os
import re
import sys
import tempfile
import shutil
import threading

import vm370test
import cmswork
import vmguest

HERE = os.path.dirname(os.path.abspath(__file__))

# Four systems of IBM's and MIT's and three small ones, all at once.
TOGETHER = ('osvs1/boot', 'tos360/asm', 'madnick-sos/four-streams', 'vm370-ddr/dump-restore',
            'baremetal/tswtch', 'baremetal/itimrcl2', 'decks/echo')


def load_driver():
    loader = importlib.machinery.SourceFileLoader('guest_driver',
                                                  os.path.join(HERE, 'guest_driver'))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader('guest_driver', loader))
    loader.exec_module(module)
    return module


driver = load_driver()


def script_runs(names):
    """[(folder, run, steps)] of "folder" or "folder/run"; what is not there is missing."""
    found, missing = [], []
    for name in names:
        folder, _, wanted = name.partition('/')
        path = os.path.join(driver.MEDIA, folder, 'script.txt')
        if not os.path.exists(path):
            missing.append(name)
            continue
        found += [(os.path.join(driver.MEDIA, folder), run, steps)
                  for run, steps in driver.read_script(path) if wanted in ('', run)]
    return found, missing


def one(folder, run, steps, backend, failures):
    directory = tempfile.mkdtemp(prefix='guest-')
    try:
        driver.Run(folder, run, steps, backend, directory).run()
    except Exception as e:
        failures.append('%s/%s: %s' % (os.path.basename(folder), run, e))
    finally:
        shutil.rmtree(directory)


def side_by_side():
    runs, missing = script_runs(TOGETHER)
    if len(runs) < 3:
        raise vm370test.Skip('not there: %s' % ' '.join(missing))
    failures = []
    host = vmguest.Host()
    try:
        backend = functools.partial(vmguest.Vm370, host=host)
        threads = [threading.Thread(target=one, args=(*r, backend, failures)) for r in runs]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        # Everybody is gone again, and so are their devices.
        if not failures and host.system.cmd('query users').strip() != '001 USERS, 000 DIALED':
            failures.append(host.system.cmd('query users'))
        if not failures and host.system.cmd('query tapes').strip() != 'TAPE ACTIVE  NOT FOUND':
            failures.append(host.system.cmd('query tapes'))
    finally:
        host.close()
    if failures:
        raise vm370test.Failure('\n'.join(failures))


def alone(folder, run, steps):
    def test():
        failures = []
        one(folder, run, steps, vmguest.Vm370, failures)
        if failures:
            raise vm370test.Failure(failures[0])
    test.__name__ = '%s/%s' % (os.path.basename(folder), run)
    return test


def absent(name):
    def test():
        raise vm370test.Skip('no script for it in %s' % driver.MEDIA)
    test.__name__ = name
    return test


def cases(names):
    """One for each run of these folders or folder/run."""
    found, missing = script_runs(names)
    return [alone(*r) for r in found] + [absent(m) for m in missing]


def need_media(*names):
    for name in names:
        if not vm370test.media(*name.split('/')):
            raise vm370test.Skip('%s is not there' % name)


def media_of_make_run():
    """vm370 init --media: CMS at LOGON, OS/VS1 up to its first question."""
    need_media('cms-r6/190.cckd', 'osvs1/dliba1.150.cckd')
    s = vm370test.System(init=['--media', vm370test.MEDIA])
    try:
        c, d, v = s.client(), s.client(), s.client()
        for user, client in (('cmsuser1', c), ('cmsuser2', d)):
            client.logon(user, user, expect='CMS VERSION 6.0')
            client.await_status('VM READ')
            client.enter('access 191 a (noprof')
            client.wait('Ready;')
        c.enter('access 192 b')
        c.wait('192 ALSO = D-DISK')
        d.enter('cp link cmsuser1 191 291 rr all')
        d.wait('DASD 291 LINKED R/O; R/W BY CMSUSER1')
        v.logon('osvs1', 'osvs1')
        v.enter('ipl 150')
        v.wait('IEA760A SPECIFY VIRTUAL STORAGE SIZE')
        v.await_status('VM READ')
    finally:
        s.close()


class LateDeck(vmguest.Vm370):
    """Its deck comes by vm370 punch when OS/VS1 is about to read it."""

    def bring_up(self):
        self.late, self.decks = self.decks, []
        super().bring_up()

    def type(self, cuu, text):
        if text.startswith('S RDR'):
            for deck in self.late:
                self.punch(*deck)
        super().type(cuu, text)


def vs1_and_cms():
    """
    A job comes by vm370 punch, OS/VS1 assembles, links and runs it, its listing is as
    it should be; meanwhile two CMS users write, print and punch files to each other.
    """
    need_media('cms-r6/190.cckd', 'osvs1/dliba1.150.cckd')
    failures, rounds = [], 0
    host = vmguest.Host(init=['--media', driver.MEDIA])
    try:
        runs, _ = script_runs(['osvs1/boot'])
        vs1 = threading.Thread(target=one, args=(
            *runs[0], functools.partial(LateDeck, host=host), failures))
        vs1.start()
        users = [cmswork.CmsUser(host.system, name) for name in ('cmsuser1', 'cmsuser2')]
        for u in users:
            u.begin()
        while vs1.is_alive() or rounds < 2:
            cms_round(users, rounds)
            rounds += 1
        vs1.join()
    finally:
        host.close()
    if failures:
        raise vm370test.Failure(failures[0])


def cms_round(users, number):
    """Each writes a line more, prints his file, and punches it to the other."""
    for u in users:
        u.write_note('line %d of %s' % (number, u.name))
        u.print_note()
    for u, other in zip(users, reversed(users)):
        u.punch_note(other.name)
    for u, other in zip(users, reversed(users)):
        u.read_mail()
        line = 'LINE %d OF %s' % (number, other.name.upper())
        if line not in u.mail():
            raise vm370test.Failure('no %r:\n%s' % (line, u.c.show()))
        u.cms('erase mail text a')


STOPWATCH = """\
USER TIMER TIMER 2M 16M G
 OPTION REALTIMER
 CONSOLE 009 3215
 SPOOL 00C 2540 READER *
 SPECIAL 0C1 3270
"""


def stopwatch_on_a_dialed_terminal():
    """ITIMRCLK writes the time on its 3270 at 0C1, which is a terminal that dialed."""
    deck = vm370test.media('baremetal', 'ITIMRCLK.SAIPL')
    if not deck:
        raise vm370test.Skip('baremetal/ITIMRCLK.SAIPL is not there')
    s = vm370test.System(vmguest.OPERATOR + STOPWATCH)
    try:
        s.punch('TIMER', deck)
        owner, watch = s.client(), s.client()
        owner.logon('timer', 'timer')
        watch.wait('VM/370 ONLINE')
        watch.enter()
        watch.await_status('CP READ')
        watch.type('dial timer')
        watch.send('Enter()')  # answered when the guest unlocks the keyboard
        s.read_at_host('DIALED TO TIMER')
        owner.enter('ipl 00c')
        watch.reply()
        # Any second may be missed on a busy host; the watch must go on by two.
        seen = int(watch.wait(re.compile(r'TIME: 00:00:(\d\d)')).group(1))
        later = '|'.join('%02d' % n for n in range(seen + 2, 60))
        watch.wait(re.compile(r'TIME: 00:(?:00:(?:%s)|0[1-9]:\d\d)' % later))
    finally:
        s.close()
