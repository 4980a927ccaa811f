"""Tables of a period, from the office's word to the centre's: declared offline, due, late, nil, returned, mended, accepted."""
import os

import kc

HEAD = 'indicator,district,year,fund,value,period\n'
Q2 = '2020-Q2'


def write(path, text):
    with open(path, 'w', encoding='utf-8', newline='') as f:
        f.write(text)
    return path


def outcomes(office, base, n, value=5, period=Q2):
    """n figures of the office within the period."""
    text = HEAD + ''.join('II.%d,%s,2020,KCQG,%d,%s\n' % (i + 1, office.code, value, period) for i in range(n))
    office.do('import', write(os.path.join(base, office.code + '.csv'), text))


def states(centre, period=Q2):
    rows = centre.csv('completeness', '--period', period)
    kc.check([(r['office'], r['table']) for r in rows] == sorted((r['office'], r['table']) for r in rows), 'rows are not sorted')
    return {r['office'] + '/' + r['table']: r for r in rows}


def expect(centre, wanted, period=Q2):
    """The states named; every other row is missing. Also: asked for once, and never above 100 %."""
    rows = states(centre, period)
    got = {k: r['state'] for k, r in rows.items() if r['state'] != 'missing'}
    kc.check(got == wanted, 'completeness says %s, wanted %s' % (got, wanted))
    said = centre.do('completeness', '--period', period, '--lang', 'en').stdout.splitlines()[-1]
    done = sum(s not in ('partial', 'returned') for s in wanted.values())
    kc.check(said.startswith('Submitted %d/%d tables (%d %%)' % (done, len(rows), done * 100 // len(rows))), said)
    return rows


def start(base):
    centre = kc.Centre(base).init().serve()
    a = kc.Office(base, '549').join(centre.invite('549'))
    b = kc.Office(base, '540').join(centre.invite('540'))
    return centre, a, b


def of(office, table, period=Q2):
    found = [r for r in office.csv('submissions') if (r['table'], r['period']) == (table, period)]
    kc.check(len(found) == 1, '%d rows of %s' % (len(found), table))
    return found[0]


def whole_way(base):
    centre, a, b = start(base)
    rows = expect(centre, {})
    kc.check(len(rows) == 5 + 2 * len(kc.DISTRICTS), 'the provincial office has five tables, others two')
    kc.check(list(rows['549/budget']) == ['office', 'table', 'state', 'due', 'received'], 'columns')

    # Due: for all a day long past, for 549 a day far off.
    centre.do('due', Q2, '2020-06-20')
    centre.do('due', Q2, '2099-12-31', '--office', '549')
    centre.do('due', Q2, '2099-12-31', '--office', '549')  # once more: nothing new
    kc.check(len(centre.csv('dues')) == 2, 'not two due dates')
    a.do('sync', '--wait')
    kc.check(of(a, 'outcomes')['state'] == 'to_submit' and of(a, 'outcomes')['due'] == '2099-12-31', 'the office knows what is due')
    kc.check(a.csv('status')[0]['to_submit'] == '2', 'status counts what is due')

    # Offline: the centre is away, the office declares all the same.
    centre.process.stop()
    outcomes(a, base, 2)
    p = a.do('submit', 'outcomes', Q2, '--nil', want=3)
    kc.check('2' in p.stderr, 'a nil beside records must say how many: ' + p.stderr)
    kc.check('--nil' in a.do('submit', 'budget', Q2, want=3).stderr, 'an empty table asks for --nil')
    a.do('submit', 'staff', Q2, '--nil', want=3)   # not a district's table
    a.do('submit', 'outcomes', '2020-Q5', want=3)
    a.do('submit', 'dances', Q2, want=2)
    kc.check('2' in a.do('submit', '2', '2020-q2', '--as', 'Hoa', '--note', 'xong').stdout, 'what is in it is not said')
    a.do('submit', 'scheme', Q2, '--nil', '--as', 'Hoa')
    saved = a.csv('status')[0]['saved']
    a.do('submit', 'outcomes', Q2, '--note', 'xong')  # again: nothing new
    kc.check(a.csv('status')[0]['saved'] == saved, 'declared again without a change made an update')
    kc.check(of(a, 'outcomes')['state'] == 'waiting' and of(a, 'budget')['nil'] == 'yes', 'not waiting')

    centre.serve()
    outcomes(b, base, 1)
    b.do('sync', '--wait')
    expect(centre, {'540/outcomes': 'partial'})
    a.do('sync', '--wait')
    rows = expect(centre, {'540/outcomes': 'partial', '549/outcomes': 'on_time', '549/budget': 'empty'})
    kc.check(rows['549/outcomes']['due'] == '2099-12-31' and rows['540/outcomes']['due'] == '2020-06-20', 'due dates')
    kc.check(rows['549/outcomes']['received'] != '' and rows['540/outcomes']['received'] == '', 'received')
    kc.check(of(a, 'outcomes')['state'] == 'received', 'not received')
    b.do('submit', 'outcomes', Q2)
    b.do('sync', '--wait')
    expect(centre, {'540/outcomes': 'late', '549/outcomes': 'on_time', '549/budget': 'empty'})

    # The centre answers.
    centre.do('return', '549/outcomes/' + Q2, want=2)
    centre.do('return', '549/outcomes/' + Q2, '--comment', 'Thiếu II.3', '--as', 'Lan')
    centre.do('accept', '540/outcomes/' + Q2, '--as', 'Lan')
    centre.do('accept', '540/consulting/' + Q2, want=3)
    expect(centre, {'540/outcomes': 'accepted', '549/outcomes': 'returned', '549/budget': 'empty'})
    kc.check(of(a, 'outcomes')['state'] == 'received', 'the office cannot know yet')
    a.do('sync', '--wait')
    row = of(a, 'outcomes')
    kc.check((row['state'], row['comment'], row['answered_by']) == ('returned', 'Thiếu II.3', 'Lan'), str(row))
    said = a.do('status', '--lang', 'en').stdout
    kc.check('Thiếu II.3' in said and 'submit %s outcomes %s' % (a.dir, Q2) in said, 'status does not say what to do: ' + said)
    kc.check(a.csv('status')[0]['returned'] == '1', 'status does not count it')

    # Mended and declared again: a new version, that waits for an answer of its own.
    outcomes(a, base, 3)
    a.do('submit', 'outcomes', Q2, '--note', 'xong')
    a.do('sync', '--wait')
    kc.check(of(a, 'outcomes')['state'] == 'received', 'declared again')
    expect(centre, {'540/outcomes': 'accepted', '549/outcomes': 'on_time', '549/budget': 'empty'})
    # Declared the wrong way round, listed by their leading columns.
    for period in ('2020-12', '2020-03', '2019-Q4'):
        a.do('submit', 'outcomes', period, '--nil')
        a.do('sync', '--wait')
    for side in (centre, a):
        keys = [r['submission'] for r in side.csv('submissions')]
        kc.check(keys == sorted(keys) and len(keys) >= 4, 'sorted: %s' % keys)
    listed = [r for r in centre.csv('submissions', '--period', Q2) if r['submission'] == '549/outcomes/' + Q2]
    kc.check([(r['state'], r['revision'], r['comment']) for r in listed] == [('waiting', '2', 'Thiếu II.3')], str(listed))
    centre.do('accept', '549/outcomes/' + Q2, '--as', 'Lan')
    said = centre.do('accept', '549/outcomes/' + Q2, '--as', 'Lan', '--lang', 'en').stdout
    kc.check('before' in said, 'accepting again must say so: ' + said)
    rows = expect(centre, {'540/outcomes': 'accepted', '549/outcomes': 'accepted', '549/budget': 'empty'})
    a.do('sync', '--wait')
    kc.check(of(a, 'outcomes')['state'] == 'accepted', 'the office sees it')
    told = [(r['person'], r['new']) for r in a.csv('history', '549/outcomes/' + Q2) if r['field'] == 'answer']
    kc.check(told == [('Lan', 'returned: Thiếu II.3'), ('Lan', 'accepted')], 'history tells the answers: %s' % told)
    traced = [r['state'] for r in centre.csv('trace', '549/outcomes/' + Q2)]
    kc.check([s for s in traced if s in ('returned', 'accepted')] == ['returned', 'accepted'] and len(traced) == 4, str(traced))
    centre.do('verify')


def figures_apart(base):
    """Accepted and unaccepted figures add up to all of them, and a figure changed after it was accepted waits again."""
    centre, a, b = start(base)
    outcomes(a, base, 2, 5)
    outcomes(b, base, 2, 7)
    by = 'indicator,district'

    def apart():
        cells = {}
        for which in ('yes', 'no', ''):
            where = 'year=2020' + (',accepted=' + which if which else '')
            cells[which] = {(r['indicator'], r['district']): int(r['value']) for r in centre.totals(by, where)}
        merged = {**cells['yes'], **cells['no']}
        kc.check(merged == cells[''] and len(merged) == len(cells['yes']) + len(cells['no']), 'the parts are not the whole: %s' % cells)
        return sum(cells['yes'].values()), sum(cells['no'].values())

    a.do('sync', '--wait')
    b.do('sync', '--wait')
    kc.check(apart() == (0, 24), str(apart()))
    a.do('submit', 'outcomes', Q2)
    a.do('sync', '--wait')
    kc.check(apart() == (0, 24), 'declared is not accepted')
    centre.do('accept', '549/outcomes/' + Q2)
    kc.check(apart() == (10, 14), str(apart()))
    outcomes(a, base, 2, 6)
    a.do('sync', '--wait')
    kc.check(apart() == (0, 26), 'changed after the acceptance: %s' % (apart(),))
    centre.do('accept', '549/outcomes/' + Q2)
    kc.check(apart() == (12, 14), 'the officer accepts what it has become: %s' % (apart(),))
    kc.check('was accepted before' in centre.do('accept', '549/outcomes/' + Q2, '--lang', 'en').stdout, 'nothing has changed since')
    outcomes(a, base, 2, 5)
    a.do('submit', 'outcomes', Q2)
    a.do('sync', '--wait')
    kc.check(apart() == (0, 24), 'declared anew is not accepted')
    centre.do('accept', '549/outcomes/' + Q2)
    kc.check(apart() == (10, 14), str(apart()))
    centre.do('return', '549/outcomes/' + Q2, '--comment', 'xem lại')
    kc.check(apart() == (0, 24), str(apart()))
    centre.do('totals', '--by', by, '--where', 'accepted=maybe', want=3)

    # A figure of several years stands in no table of one; each of their tables answers for it.
    a.do('add', 'scheme', 'code=D-1', 'name=Dệt thổ cẩm', 'district=549', 'plan_year=2014-2015', 'item=III.3', 'status=approved',
         'district_vnd=13000000')
    for year in ('2014', '2015'):
        a.do('submit', 'budget', year, '--nil', want=3)
        a.do('submit', 'budget', year)
    a.do('submit', 'budget', '2016', want=3)
    a.do('sync', '--wait')
    for year in ('2014', '2015'):
        kc.check(states(centre, year)['549/budget']['state'] == 'on_time', '%r' % states(centre, year)['549/budget'])
        spans = centre.totals('year,district', 'accepted=yes')
        kc.check(not [r for r in spans if r['year'] == '2014-2015'], '%s: accepted too early' % year)
        centre.do('accept', '549/budget/' + year)
    spans = [r for r in centre.totals('year,district', 'accepted=yes') if r['year'] == '2014-2015']
    kc.check([r['support_vnd'] for r in spans] == ['13000000'], 'accepted with both years: %r' % spans)


def what_changes_later(base):
    """A nil that holds no longer, a table taken back, the same table of a second PC, another period."""
    centre, a, _ = start(base)
    a.do('submit', 'outcomes', Q2, '--nil')
    a.do('sync', '--wait')
    expect(centre, {'549/outcomes': 'empty'})
    outcomes(a, base, 1)
    a.do('sync', '--wait')
    expect(centre, {'549/outcomes': 'partial'})  # declared nil, and there is something
    a.do('submit', 'outcomes', Q2)
    a.do('sync', '--wait')
    expect(centre, {'549/outcomes': 'on_time'})
    expect(centre, {'549/outcomes': 'partial'}, '2020-H1')
    expect(centre, {}, '2020-Q1')

    second = kc.Office(base, '549', 'second').join(centre.invite('549'))
    outcomes(second, base, 2)
    second.do('submit', 'outcomes', Q2)
    second.do('sync', '--wait')
    kc.check(second.csv('list', '--refused') == [] and centre.csv('conflicts') == [], 'declared twice is declared once')
    kc.check(of(second, 'outcomes')['state'] == 'received', 'the second PC sees it')
    kc.check(len([r for r in centre.csv('submissions') if r['submission'].startswith('549/')]) == 1, 'two of one table')
    expect(centre, {'549/outcomes': 'on_time'})

    centre.do('accept', '549/outcomes/' + Q2)
    a.do('withdraw', '549/outcomes/' + Q2, '--reason', 'nộp nhầm')
    a.do('sync', '--wait')
    expect(centre, {'549/outcomes': 'partial'})
    centre.do('accept', '549/outcomes/' + Q2, want=3)
    a.do('submit', 'outcomes', Q2)
    a.do('sync', '--wait')
    expect(centre, {'549/outcomes': 'on_time'})  # declared again: it waits again
    centre.do('due', Q2, '2020-06-20', '--table', 'outcomes')
    expect(centre, {'549/outcomes': 'late'})
    centre.do('due', Q2, 'none', '--table', 'outcomes')
    expect(centre, {'549/outcomes': 'on_time'})
    centre.do('verify')


def offices_come_and_go(base):
    """Asked for is who is in being on the period's last day; a backlog is shown, and owed by nobody."""
    centre = kc.Centre(base).init()
    catalogue = kc.run(kc.program('kc-collector'), 'catalogue', 'show', centre.dir).stdout
    line = next(l for l in catalogue.splitlines() if l.startswith('12,551,'))
    path = write(os.path.join(base, 'catalogue.csv'), catalogue.replace(line, line + '2020-05-31'))
    centre.serve()
    a = kc.Office(base, '551').join(centre.invite('551'))
    kc.run(kc.program('kc-collector'), 'catalogue', 'import', centre.dir, path)
    kc.check('551/outcomes' in states(centre, '2020-Q1') and '551/outcomes' not in states(centre, Q2), 'abolished on 31 May')
    before = len(states(centre, Q2))
    outcomes(a, base, 1)
    a.do('submit', 'outcomes', Q2)
    a.do('sync', '--wait')
    rows = states(centre, Q2)
    kc.check(rows['551/outcomes']['state'] == 'on_time' and len(rows) == before + 1, 'its backlog has a row')
    said = centre.do('completeness', '--period', Q2, '--lang', 'en').stdout
    kc.check('Submitted 0/%d tables (0 %%)' % before in said, 'a backlog counts for nothing asked: ' + said)


if __name__ == '__main__':
    kc.main([whole_way, figures_apart, what_changes_later, offices_come_and_go])
