"""verify and totals beside a centre that takes updates all the while: every answer is right at its position."""
import csv
import json
import os
import random
import threading
import time

import kc


def edited(path, out, rng):
    """The file with one amount, status or note of each row another one."""
    with open(path, encoding='utf-8', newline='') as f:
        rows = list(csv.DictReader(f))
        names = rows[0].keys()
    for row in rows:
        row['note'] = 'lần sửa %d' % rng.randrange(1000)
        for source in ('national', 'province', 'district'):
            for column in (source + '_vnd', 'settled_' + source + '_vnd'):
                if row.get(column):
                    row[column] = str(int(row[column]) + 1000 * rng.randrange(1, 50))
    with open(out, 'w', encoding='utf-8', newline='') as f:
        w = csv.DictWriter(f, names)
        w.writeheader()
        w.writerows(rows)
    return out


def keep_entering(office, base, rng, enough, failures):
    """All files of the office in their order, then changed copies of the last one, until it is enough."""
    try:
        files = office.files(('schemes',))
        for path in files:
            office.do('import', path)
        for i in range(500):
            if enough.wait(rng.random() * 0.3 * kc.PATIENCE):
                break
            copy = os.path.join(base, '%s-%d.csv' % (office.code, i))
            office.do('import', edited(files[-1], copy, rng))
            if i % 3 == 2:
                office.do('import', files[-1])
    except Exception as e:  # told by the test's own thread
        failures.append('%s: %s' % (office.code, e))


def answers(centre, *questions):
    """The questions asked one by one until all are answered at one position."""
    for _ in range(20):
        got = [json.loads(centre.do('totals', '--by', by, '--format', 'json').stdout) for by in questions]
        if len({g['position'] for g in got}) == 1 and len({g['seal'] for g in got}) == 1:
            return got
    return None


def sums(answer):
    return (sum(int(r['schemes']) for r in answer['rows']), sum(int(r['support_vnd']) for r in answer['rows']))


def verify_beside_imports(base):
    centre = kc.Centre(base).init().serve()
    rng = random.Random(4)
    offices = [kc.Office(base, code).join(centre.invite(code)).serve() for code in ('540', '546', '548', '549', '551')]
    failures, enough = [], threading.Event()
    entering = [threading.Thread(target=keep_entering, args=(o, base, random.Random(rng.random()), enough, failures))
                for o in offices]
    for t in entering:
        t.start()
    positions, compared = set(), 0
    end = time.monotonic() + 60 * kc.PATIENCE
    pairs = (('source', 'year,item'), ('year,item', 'district,status'), ('source', 'district,status'))
    while (compared < 12 or len(positions) < 4) and failures == [] and time.monotonic() < end:
        said = centre.do('verify', '--format', 'json', want=None)
        kc.check(said.returncode == 0, 'verify beside updates: %s %s' % (said.stdout, said.stderr))
        got = answers(centre, *pairs[compared % 3])
        if got is not None:
            compared += 1
            positions.add(got[0]['position'])
            kc.check(sums(got[0]) == sums(got[1]), 'one position, several sums: %s' % [sums(g) for g in got])
    enough.set()
    for t in entering:
        t.join()
    kc.check(failures == [], '; '.join(failures))
    kc.check(compared >= 6 and len(positions) >= 4, 'asked %d times, at %d positions' % (compared, len(positions)))
    for office in offices:
        office.do('sync', '--wait')
        # the office's own totals are those the centre has for it
        own = {r['year']: (r['schemes'], r['support_vnd']) for r in office.csv('totals', '--by', 'year')}
        theirs = {r['year']: (r['schemes'], r['support_vnd']) for r in centre.totals('year', 'district=' + office.code)}
        kc.check(own == theirs, '%s: own totals %s, at the centre %s' % (office.code, own, theirs))
        office.process.stop()
    centre.do('verify')
    centre.process.stop()
    centre.do('verify')


if __name__ == '__main__':
    kc.main([verify_beside_imports])
