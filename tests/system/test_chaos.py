"""kill -9 of agents, imports and the collector at random points while updates move, over lines that are cut
mid-frame. Must end with nothing lost, nothing twice, totals equal to a recount and to an independent model.

KC_ROUNDS (default 3) and KC_SEED choose how long and which run; the seed is printed.
"""
import os
import random
import subprocess
import threading
import time

import kc

SEED = int(os.environ.get('KC_SEED', '1'))
ROUNDS = int(os.environ.get('KC_ROUNDS', '3'))
KILLS = 8  # of either side in a round


def run_or_kill(argv, rnd, chance):
    """Runs a command, killed on the way by chance. True when it ended by itself, and well."""
    p = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=kc.ENV)
    if rnd.random() < chance:
        time.sleep(rnd.random() * 0.05)
        p.kill()
    out = p.communicate()[0]
    kc.check(p.returncode in (0, -9), '%s: exit %s\n%s' % (argv, p.returncode, out.decode()[-1500:]))
    return p.returncode == 0


def clerk(office, rnd, stop):
    """Imports the office's files in order, each again until it is in; then edits scheme after scheme until told to
    stop, so that updates move for as long as things are killed."""
    files = office.files(('schemes', 'outcomes'))
    for path in files:
        while not stop.is_set() and not run_or_kill([kc.program('kc-agent'), 'import', office.dir, path], rnd, 0.3):
            pass
        time.sleep(rnd.random() * 0.2)
    codes = [r['code'] for r in office.csv('list', 'scheme')]
    while not stop.is_set():
        run_or_kill([kc.program('kc-agent'), 'set', office.dir, rnd.choice(codes), 'matching_vnd=%d' % rnd.randrange(10**9)],
                    rnd, 0.1)
        time.sleep(rnd.random() * 0.1)


def kill_while_alive(rnd, centre, offices, lines, clerks):
    """Each side is killed at least KILLS times while every clerk goes on entering."""
    kills = [0, 0]
    while min(kills) < KILLS and all(t.is_alive() for t in clerks):
        time.sleep(0.1 + rnd.random() * 0.5)
        if rnd.random() < 0.5:
            centre.process.kill()
            kills[0] += 1
            time.sleep(rnd.random() * 0.3)
            centre.serve()
        else:
            office = rnd.choice(offices)
            office.process.kill()
            kills[1] += 1
            time.sleep(rnd.random() * 0.2)
            office.serve()
        if rnd.random() < 0.2:
            line = rnd.choice(lines)
            line.down()
            time.sleep(0.1)
            line.up = True
    return kills


def one_round(base, seed):
    rnd = random.Random(seed)
    centre = kc.Centre(base).init().serve()
    lines, offices = [], []
    for code in kc.OFFICES:
        line = kc.Line(centre.port, rnd.getrandbits(32))
        office = kc.Office(base, code).join(centre.invite(code, line.endpoint))
        line.cut_every = 30000  # from here on the line breaks mid-frame, again and again
        lines.append(line)
        offices.append(office.serve())
    stop = threading.Event()
    faults = []

    def guarded(office, seed):
        try:
            clerk(office, random.Random(seed), stop)
        except Exception as e:
            faults.append(e)

    clerks = [threading.Thread(target=guarded, args=(o, rnd.getrandbits(32)), daemon=True) for o in offices]
    for t in clerks:
        t.start()
    try:
        kills = kill_while_alive(rnd, centre, offices, lines, clerks)
        kc.until(lambda: all(o.csv('list', 'outcome') != [] for o in offices) or faults, 60, 'the files to be in')
    finally:
        stop.set()
    for t in clerks:
        t.join()
    kc.check(not faults, 'a clerk failed: %s' % (faults and faults[0]))
    for line in lines:
        line.heal()
    for office in offices:
        office.do('sync', '--wait', '--timeout', '90', timeout=120)
    centre.do('verify')
    cells = kc.totals_as_cells(centre.totals('year,item,source'))
    expected = kc.expected_schemes()
    kc.check(cells == expected, 'seed %d: totals differ: %s' % (seed, sorted(set(cells.items()) ^ set(expected.items()))[:6]))
    for office in offices:
        # nothing twice, nothing lost: both sides hold the same records, and the same import changes nothing
        kc.check(office.csv('list', '--waiting') == [], 'office %s has something waiting' % office.code)
        kc.check(office.csv('list', '--refused') == [], 'office %s has refusals' % office.code)
    for office in offices:
        # every measure of every cell, the edited ones too
        own = office.csv('totals', '--by', 'year,item,source,status')
        theirs = centre.totals('year,item,source,status', 'district=' + office.code)
        kc.check(own == theirs, 'seed %d: own totals of %s differ from the centre\'s' % (seed, office.code))
    for office in offices:
        office.process.stop()
    centre.process.stop()
    centre.do('verify')
    for line in lines:
        line.close()
    print('       seed %d: collector killed %d times, agents %d, lines cut %d times mid-frame'
          % (seed, kills[0], kills[1], sum(line.cuts for line in lines)), flush=True)
    kc.check(sum(line.cuts for line in lines) > 0, 'no line was ever cut')


def kill_while_updates_move(base):
    for i in range(ROUNDS):
        folder = os.path.join(base, str(i))
        os.mkdir(folder)
        one_round(folder, SEED + i)


if __name__ == '__main__':
    kc.main([kill_while_updates_move])
