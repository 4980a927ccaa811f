"""The centre as its officer sees it: figures as published, the catalogue, agents' states, a full store."""
import collections
import csv
import decimal
import json
import os
import signal
import subprocess
import time

import kc

PUBLISHED = os.path.join(kc.ROOT, 'tests', 'data')
SPAN = '2014-2020'  # where figures stand whose year the report does not give


def published(name):
    with open(os.path.join(PUBLISHED, name), encoding='utf-8', newline='') as f:
        return list(csv.DictReader(f))


def dong(million):
    return int(decimal.Decimal(million) * 10 ** 6)


def filled(base, codes=kc.OFFICES):
    centre = kc.Centre(base).init().serve()
    for code in codes:
        office = kc.Office(base, code).join(centre.invite(code))
        office.do('import', *office.files())
        office.do('sync', '--wait')
    return centre


def published_cells(centre):
    """Every cell of the budget table, its sums by category, and the outcomes with the supplementary ones."""
    want = {'item': collections.defaultdict(lambda: [0, 0]), 'category': {}, 'total': {}}
    for r in published('published_budget.csv'):
        key = (r['year'] or SPAN, r['code'], r['fund'])
        if r['level'] == 'item':
            want['item'][key][0] += int(r['schemes'])
            want['item'][key][1] += dong(r['million_vnd'])
        else:
            want[r['level']][key] = [int(r['schemes']), dong(r['million_vnd'])]
    got = {(r['year'], r['item'], r['fund']): [int(r['schemes']), int(r['support_vnd'])]
           for r in centre.totals('year,item,fund') if (r['schemes'], r['support_vnd']) != ('0', '0')}
    kc.check(got == dict(want['item']), 'budget cells: %s' % sorted(set(map(str, got.items())) ^ set(map(str, want['item'].items())))[:6])
    # Printed sums are rounded to a tenth of a million: half of that, and as much for each part below.
    for by, level in (('year,category,fund', 'category'), ('year,fund', 'total')):
        rows = {(r['year'], r.get('category', 'total'), r['fund']): r for r in centre.totals(by)}
        for key, (schemes, money) in want[level].items():
            row = rows.get(key)
            kc.check(row is not None and int(row['schemes']) == schemes, '%s: %s schemes, got %s' % (key, schemes, row))
            kc.check(abs(int(row['support_vnd']) - money) <= 500000, '%s: %d đồng, got %s' % (key, money, row['support_vnd']))
    outcomes = collections.Counter()
    for r in published('published_outcomes.csv'):
        outcomes[(r['indicator'], r['year'] or SPAN, r['fund'])] += decimal.Decimal(r['value'])
    rows = centre.totals('indicator,year,fund')
    got = {(r['indicator'], r['year'], r['fund']): decimal.Decimal(r['value']) for r in rows}
    kc.check(got == {k: v for k, v in outcomes.items() if v != 0}, 'outcomes differ: %s'
             % [(k, got.get(k), outcomes.get(k)) for k in set(got) | set(outcomes) if got.get(k, 0) != outcomes.get(k, 0)][:6])


def trace_adds_up(centre):
    for r in centre.totals('year,item,source')[::9]:
        where = 'year=%s,item=%s,source=%s' % (r['year'], r['item'], r['source'])
        behind = kc.rows_of(kc.run(kc.program('kc-collector'), 'trace', centre.dir, where, '--format', 'csv').stdout)
        sums = [sum(int(b[m]) for b in behind) for m in ('schemes', 'support_vnd')]
        kc.check(sums == [int(r['schemes']), int(r['support_vnd'])], 'trace %s: %s' % (where, sums))
    for r in centre.totals('indicator,fund')[::9]:
        where = 'indicator=%s,fund=%s' % (r['indicator'], r['fund'])
        behind = kc.rows_of(kc.run(kc.program('kc-collector'), 'trace', centre.dir, where, '--format', 'csv').stdout)
        kc.check(sum(decimal.Decimal(b['value']) for b in behind) == decimal.Decimal(r['value']), 'trace ' + where)


def figures_as_published(base):
    centre = filled(base)
    published_cells(centre)
    trace_adds_up(centre)
    centre.process.stop()
    published_cells(centre)
    centre.do('verify')


def catalogue_changes(base):
    """A new item reaches the offices; what records hold may not lose its meaning."""
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '549').join(centre.invite('549'))
    path = os.path.join(base, 'catalogue.csv')

    def show():
        return kc.run(kc.program('kc-collector'), 'catalogue', 'show', centre.dir).stdout

    def replace(text, want):
        with open(path, 'w', encoding='utf-8', newline='') as f:
            f.write(text)
        return kc.run(kc.program('kc-collector'), 'catalogue', 'import', centre.dir, path, want=want)

    now = show().replace('I.2,I,2,', 'I.3,I,3,Nội dung mới,New item\nI.2,I,2,', 1)
    replace(now, 0)
    kc.check(show() == now, 'the catalogue is not what was imported')
    scheme = os.path.join(base, 'new.csv')
    with open(scheme, 'w', encoding='utf-8') as f:
        f.write('code,name,district,plan_year,item,status,province_vnd\nKC-NEW,Thử,549,2019,I.3,approved,5000000\n')
    office.do('import', scheme, want=3)
    office.do('sync', '--wait')
    office.do('import', scheme)
    office.do('sync', '--wait')
    kc.check([r['support_vnd'] for r in centre.totals('category,item')] == ['5000000'], 'the new item is not counted')
    lines = now.split('\n')
    scaled = ['III.1.a' if line.startswith('III.1.a,') else None for line in lines].index('III.1.a')
    broken = {
        'an item gone': '\n'.join(line for line in lines if not line.startswith('I.3,I,')),
        'an indicator gone': '\n'.join(line for line in lines if not line.startswith('BS.9,')),
        'an office gone': '\n'.join(line for line in lines if not line.startswith('12,551,')),
        'another scale': '\n'.join(line.replace(',1,6,', ',1,5,') if i == scaled else line for i, line in enumerate(lines)),
        'an item of no category': now.replace('I.3,I,3,', 'I.3,XX,3,'),
        'a code twice': now.replace('I.3,I,3,', 'I.2,I,3,'),
        'an open quote': now.replace('I.3,I,3,', 'I.3,I,3,"'),
        'nothing': '',
    }
    for what, text in broken.items():
        said = replace(text, 3).stderr
        kc.check(said.strip() != '' and show() == now, '%s: %r' % (what, said))
    kc.check('dòng' in replace(broken['an item of no category'], 3).stderr, 'no line is said')
    centre.process.stop()
    centre.do('verify')


def states_of_agents(base):
    centre = kc.Centre(base).init().serve()

    def state(name):
        return {r['agent']: r['state'] for r in centre.csv('agents')}[name]

    office = kc.Office(base, '549').join(centre.invite('549'))
    office.do('import', *office.files())
    kc.until(lambda: state('549-1') == 'offline', 20, 'the joined agent to be off line')
    office.serve()
    kc.until(lambda: state('549-1') == 'online', 20, 'the agent to be on line with nothing waiting')
    row = centre.csv('agents')[0]
    kc.check((row['backlog'], row['oldest_unsent']) == ('0', ''), 'all is acknowledged: %s' % row)
    centre.process.kill()
    office.process.kill()
    kc.check(state('549-1') == 'offline', 'on line with nobody serving')
    centre.serve()
    kc.check(state('549-1') == 'offline', 'on line although it has not come back')
    office.serve()
    kc.until(lambda: state('549-1') == 'online', 20, 'the agent to come back')
    os.kill(office.process.p.pid, signal.SIGSTOP)
    kc.until(lambda: state('549-1') == 'stale', 40, 'the silent agent to be stale')
    kc.until(lambda: state('549-1') == 'offline', 40, 'the silent agent to be off line')
    os.kill(office.process.p.pid, signal.SIGCONT)
    kc.until(lambda: state('549-1') == 'online', 60, 'the agent to come back')
    centre.do('revoke', '549-1')
    kc.check(state('549-1') == 'revoked', 'not revoked')
    office.process.stop()
    centre.process.stop()


def full_store_answers(base):
    """No room: no ack, the agents wait, and the officer's commands are answered all the same."""
    centre = kc.Centre(base).init('--map-size', '4M').serve()
    office = kc.Office(base, '549').join(centre.invite('549'))
    path = os.path.join(base, 'many.csv')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('code,name,district,plan_year,item,status,province_vnd,note\n')
        for i in range(20000):
            f.write('KC-X-%05d,Đề án %d,549,2019,III.3,approved,%d,%s\n' % (i, i, 1000 + i, 'ghi chú ' * 10))
    office.do('import', path)

    def full():
        """What the centre committed after an office had hung up, the office learns at its next contact."""
        office.do('sync', '--wait', '--timeout', '8', want=4)
        with open(os.path.join(base, 'centre.log'), encoding='utf-8') as f:
            said = 'chưa ghi được kho' in f.read()
        waiting = len(office.csv('list', '--waiting'))
        counted = sum(int(r['schemes']) for r in centre.totals('year'))
        kc.check(waiting > 0 and counted + waiting >= 20000, '%d counted, %d waiting' % (counted, waiting))
        return said and counted + waiting == 20000

    kc.until(full, 60, 'the store to be full, and the office to know what is in it')
    begun = time.monotonic()
    centre.do('invite', '--office', '550', want={0, 5})
    centre.do('revoke', '549-1', want={0, 5})
    kc.check(time.monotonic() - begun < 20, 'a change waits behind the batch that cannot be written')
    centre.do('verify')
    centre.process.stop()
    centre.do('verify')


def a_stranger_is_told_whose_it_is(base):
    """Another user of the machine may not look in, and is not told that nothing is there."""
    centre = kc.Centre(base).init()
    if os.geteuid() != 0:
        return
    try:
        p = subprocess.run([kc.program('kc-collector'), 'totals', centre.dir, '--by', 'year'], capture_output=True, text=True,
                           env=kc.ENV, user=65534, group=65534, extra_groups=[])
    except PermissionError:  # the programs themselves are out of its reach
        return
    kc.check(p.returncode == 5 and 'người dùng sở hữu' in p.stderr, '%d: %s' % (p.returncode, p.stderr))


def watch_tells_every_change(base):
    """A snapshot, then changes: whenever it begins, what it said last of each cell is what totals say."""
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '549').join(centre.invite('549')).serve()
    watching = []
    for i, path in enumerate(office.files()):
        for form in ('csv', 'json'):
            out = open(os.path.join(base, 'watch-%d.%s' % (i, form)), 'wb')
            watching.append((form, out, subprocess.Popen([kc.program('kc-collector'), 'watch', centre.dir, '--by', 'year,item,source',
                                                          '--format', form], stdout=out, env=kc.ENV)))
        office.do('import', path)
    office.do('sync', '--wait')
    office.do('withdraw', 'KC-549-2014-001', '--reason', 'nhập nhầm')
    office.do('sync', '--wait')
    want = kc.totals_as_cells(centre.totals('year,item,source'))

    def said(form, out):
        with open(out.name, encoding='utf-8') as f:
            lines = f.read()
        if form == 'csv':
            rows = kc.rows_of(lines)
        else:
            rows = [row for line in lines.splitlines() for row in json.loads(line)['rows']]
        return kc.totals_as_cells({(r['year'], r['item'], r['source']): {k: str(v) for k, v in r.items()} for r in rows}.values())

    for form, out, p in watching:
        kc.until(lambda: said(form, out) == want, 20, '%s to stand where totals stand' % out.name)
        p.send_signal(signal.SIGTERM)
        kc.check(p.wait(20 * kc.PATIENCE) == 0, 'watch ended with %s' % p.returncode)
        out.close()
    office.process.stop()
    centre.process.stop()


def watch_ends_with_its_reader(base):
    centre = kc.Centre(base).init().serve()
    p = subprocess.Popen([kc.program('kc-collector'), 'watch', centre.dir], stdout=subprocess.PIPE, env=kc.ENV)
    p.stdout.close()
    try:
        p.wait(20 * kc.PATIENCE)
    except subprocess.TimeoutExpired:
        p.kill()
        raise kc.Failed('watch goes on with nobody reading')
    centre.process.stop()


def what_invites_say(base):
    centre = kc.Centre(base).init()
    centre.do('invite', '--office', '549', want=3)  # no address is known yet
    for address in ('tcp://h:0', 'tcp://h:65536', 'tcp://*:5570', 'tcp://h', 'h:5570'):
        centre.do('invite', '--office', '549', '--address', address, want=3)
    p = centre.do('invite', '--office', '549', '--address', 'tcp://h:65535')
    kc.check(len(p.stdout.split('\n')) == 2 and p.stderr == '', 'more than the invite is said')
    kc.run(kc.program('kc-collector'), 'init', centre.dir, want=5)
    bad = os.path.join(base, 'bad.csv')
    with open(bad, 'w') as f:
        f.write('[meta]\nkey,value\n')
    said = kc.run(kc.program('kc-collector'), 'init', os.path.join(base, 'other'), '--catalogue', bad, want=3).stderr
    kc.check('bad.csv' in said and not os.path.exists(os.path.join(base, 'other')), said)


if __name__ == '__main__':
    kc.main([figures_as_published, catalogue_changes, states_of_agents, full_store_answers, a_stranger_is_told_whose_it_is,
             watch_tells_every_change, watch_ends_with_its_reader, what_invites_say])
