"""The reform of 2025: eleven districts become 58 communes while the centre serves and an office is away."""
import csv
import os

import kc

DAY = '2025-07-01'
LEGAL = 'NQ 1664/NQ-UBTVQH15'
HEAD = 'code,name,district,plan_year,item,status,commune,district_vnd\n'
NAMES = {'540': 'Quy Nhơn', '542': 'An Lão', '543': 'Hoài Nhơn', '544': 'Hoài Ân', '545': 'Phù Mỹ', '546': 'Vĩnh Thạnh',
         '547': 'Tây Sơn', '548': 'Phù Cát', '549': 'An Nhơn', '550': 'Tuy Phước', '551': 'Vân Canh'}


def successors():
    """district -> its communes, each with the old ones it is made of."""
    path = os.path.join(os.path.dirname(__file__), '..', 'data', 'reform_2025.csv')
    table = {}
    with open(path, encoding='utf-8', newline='') as f:
        for row in csv.DictReader(f):
            table.setdefault(row['district'], []).append(row)
    return table


def heir_of(district, rows):
    """District names live on: the commune that bears the district's name takes what no commune decides."""
    return next(r['code'] for r in rows if r['name'] == NAMES[district])


def unit(centre, what, *argv, **kw):
    return kc.run(kc.program('kc-collector'), 'unit', what, centre.dir, *argv, **kw)


def units(centre, *argv):
    return kc.rows_of(unit(centre, 'list', *argv, '--format', 'csv').stdout)


def split(centre, district, rows):
    into = []
    for r in rows:
        into += ['--into', '%s:%s:%s:%s' % (r['code'], r['type'], r['name'], r['communes'])]
    return unit(centre, 'split', district, *into, '--heir', heir_of(district, rows), '--on', DAY, '--legal', LEGAL, '--lang', 'en')


def reform(centre, table):
    unit(centre, 'rename', '52', '--name', 'Trung tâm tỉnh Gia Lai', '--on', DAY, '--legal', 'NQ 202/2025/QH15')
    for district, rows in table.items():
        said = split(centre, district, rows).stdout
        kc.check('is in force' in said, said)


def write(base, name, rows):
    path = os.path.join(base, name)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(HEAD + ''.join(','.join(map(str, r)) + '\n' for r in rows))
    return path


def schemes(prefix, communes, year=2024, district='549'):
    """A scheme a commune; the n-th has 10^n đồng, so that a sum says whose it is made of."""
    return [('%s-%d' % (prefix, i), 'S%d' % i, district, year, 'I.1', 'approved', c, 10 ** i) for i, c in enumerate(communes)]


def money(rows, key='district'):
    return {r[key]: int(r['support_vnd']) for r in rows}


def expected(table, district, rows):
    """Where the schemes are today, from the table alone."""
    out = {}
    for r in rows:
        name = r[6].split(' và ')[0].replace('Xã ', '').replace('P. ', '').replace('Nhơn Hòa', 'Nhơn Hoà').strip()
        to = next((t['code'] for t in table[district] if name in t['communes'].split(';')), heir_of(district, table[district]))
        out[to] = out.get(to, 0) + r[7]
    return out


def both_views(centre, by, where=None):
    more = ['--where', where] if where else []
    return [centre.csv('totals', '--by', by, '--view', v, *more) for v in ('then', 'today')]


def the_reform(base):
    """The whole way, with 549 offline while it happens; its backlog lands and is routed by the map."""
    table = successors()
    kc.check(len(table) == 11 and sum(map(len, table.values())) == 58, 'the table')
    centre = kc.Centre(base).init().serve()
    a = kc.Office(base, '549').join(centre.invite('549'))
    b = kc.Office(base, '547').join(centre.invite('547'))
    sent = schemes('A', ['Nhơn Hưng', 'Xã Nhơn Phúc', 'P. Đập Đá', 'Nhơn Hòa', 'Nhơn Lộc và Nhơn Tân', '', 'Chưa rõ'])
    for path in a.files():
        a.do('import', path)
    a.do('import', write(base, 'a.csv', sent))
    a.do('sync', '--wait')
    for path in b.files():
        b.do('import', path)
    b.do('sync', '--wait')
    waiting = [(r[0].replace('A', 'W'),) + r[1:] for r in sent]
    a.do('import', write(base, 'w.csv', waiting))  # and now it is away

    whole = centre.csv('totals', '--by', 'year,source,status')
    figures = centre.csv('totals', '--by', 'indicator,year,fund')
    kc.check(both_views(centre, 'district')[0] == both_views(centre, 'district')[1], 'nothing has happened yet')
    reform(centre, table)
    for district, rows in table.items():
        said = split(centre, district, rows).stdout
        kc.check('recorded before' in said, said)

    # Names and codes of a day.
    kc.check(len(units(centre, '--on', '2025-06-30')) == 12 and len(units(centre, '--on', DAY)) == 59, 'units of a day')
    before, after = [{r['code']: r for r in units(centre, '--on', d)} for d in ('2025-06-30', DAY)]
    kc.check(before['52']['name'] != after['52']['name'] == 'Trung tâm tỉnh Gia Lai', 'the province')
    kc.check(set(NAMES) <= set(before) and not set(NAMES) & set(after), 'districts ended')
    kc.check(sorted(NAMES.values()) == sorted(r['name'] for r in after.values() if r['name'] in NAMES.values()), 'their names live on')
    kc.check(after['21853']['name'] == 'Phù Cát' and after['21901']['name'] == 'Ngô Mây', 'a name on another code')

    # Nothing is lost or gained; offices are mapped. A district's plain records go to its heir.
    for by, was in (('year,source,status', whole), ('indicator,year,fund', figures)):
        then, today = both_views(centre, by)
        kc.check(then == was and today == was, 'totals over all offices: ' + by)
    then, today = [money(r) for r in both_views(centre, 'district')]
    kc.check(set(then) == {'547', '549'} and sum(then.values()) == sum(today.values()), 'by office')
    kc.check(today[heir_of('547', table['547'])] == then['547'], 'Tây Sơn')
    then, today = [money(r) for r in both_views(centre, 'district', 'year=2024')]
    kc.check(then == {'549': 1111111} and today == expected(table, '549', sent), 'by commune: %s' % today)
    one = money(both_views(centre, 'year', 'district=21907,year=2024')[1], 'year')
    kc.check(one == {'2024': 10}, 'one office of today: %s' % one)
    out = both_views(centre, 'district,indicator')
    kc.check({r['district'] for r in out[1]} == {heir_of(d, table[d]) for d in ('547', '549')}, 'outcomes go to the heir')

    # The backlog.
    a.do('sync', '--wait')
    kc.check(a.csv('list', '--refused') == [] and a.csv('list', '--waiting') == [], 'the backlog was taken')
    then, today = [money(r) for r in both_views(centre, 'district', 'year=2024')]
    doubled = {k: 2 * v for k, v in expected(table, '549', sent).items()}
    kc.check(then == {'549': 2222222} and today == doubled, 'the backlog is routed: %s' % today)
    said = kc.run(kc.program('kc-agent'), 'import', a.dir, '--dry-run', '--lang', 'en',
                  write(base, 'late.csv', schemes('L', ['Nhơn Hưng', 'Cát Tài'], 2026))).stderr
    kc.check('ended after' in said and 'no commune of' in said, 'soft flags: ' + said)
    a.do('import', os.path.join(base, 'late.csv'))
    a.do('sync', '--wait')

    # An heir goes on with what is its own, and with no more.
    heir = kc.Office(base, '21907').join(centre.invite('21907'))
    heir.do('import', write(base, 'h.csv', schemes('H', ['Nhơn Khánh', 'Bình Định'])))
    heir.do('import', write(base, 'x.csv', schemes('X', ['Đập Đá'])), want=3)
    heir.do('import', write(base, 'y.csv', schemes('Y', ['Phú Phong'], district='547')), want=3)
    heir.do('import', write(base, 'z.csv', schemes('Z', ['Bình Định'], 2026, '21907')))
    heir.do('sync', '--wait')
    kc.check(heir.csv('list', '--refused') == [], 'an heir may write')
    kc.check(money(both_views(centre, 'district', 'year=2024')[1])['21907'] == doubled['21907'] + 11, 'and is counted')

    # Who is behind: an office that has gone is not waited for; its heirs have what it left.
    def state(period):
        return {r['office']: r['state'] for r in centre.csv('completeness', '--period', period) if r['table'] == 'budget'}
    kc.check(state('2024')['549'] == 'partial' and '21907' not in state('2024'), 'before the reform: %s' % state('2024'))
    behind = state('2025')
    kc.check(set(behind) == {'52'} | {r['code'] for rows in table.values() for r in rows}, 'after it: %s' % behind)
    kc.check(set(behind.values()) == {'missing'}, 'nobody has figures of 2025: %s' % behind)
    a.do('import', write(base, 'n.csv', schemes('N', ['Nhơn Khánh', ''], 2025)))
    a.do('sync', '--wait')
    have = {office for office, how in state('2025').items() if how == 'partial'}
    kc.check(have == {'21907', heir_of('549', table['549'])}, 'what it left: %s' % have)
    centre.do('verify')


def one_by_one(base):
    """Rename, retype, merge, abolish without serve; past and future days; the same again; wrong words."""
    centre = kc.Centre(base).init()
    name = lambda code, day: next(((r['name'], r['type']) for r in units(centre, '--on', day) if r['code'] == code), None)
    kc.check(name('543', '2020-05-31') == ('Hoài Nhơn', 'huyện') and name('543', '2020-06-01') == ('Hoài Nhơn', 'thị xã'), 'NQ 932')
    before = centre.do('offices').stdout
    unit(centre, 'retype', '550', '--type', 'thị xã', '--on', '2099-01-01', '--legal', 'dự kiến')
    kc.check(name('550', '2098-12-31')[1] == 'huyện' and name('550', '2099-01-01')[1] == 'thị xã', 'a future day')
    unit(centre, 'rename', '542', '--name', 'An Lão Mới', '--on', '2010-01-01', '--legal', 'NQ 1')
    kc.check(name('542', '2009-12-31')[0] == 'An Lão' and name('542', DAY)[0] == 'An Lão Mới', 'a past day')
    unit(centre, 'merge', '550', '551', '--into', '560', '--name', 'Phước Canh', '--type', 'huyện', '--on', '2100-01-01', '--legal', 'x')
    kc.check(name('560', '2100-01-01') == ('Phước Canh', 'huyện') and name('551', '2100-01-01') is None, 'merged')
    unit(centre, 'abolish', '542', '--heir', '543', '--on', DAY, '--legal', 'x')
    rows = {r['code']: r for r in units(centre) if r['valid_to'] == '2025-06-30'}
    kc.check(rows['542']['successors'] == '543', 'abolished')
    kc.check([r['code'] for r in units(centre)] == sorted(r['code'] for r in units(centre)), 'sorted')
    kc.check(before != centre.do('offices').stdout, 'offices')

    # Every other byte of the catalogue is as it was.
    shipped = os.path.join(os.path.dirname(__file__), '..', '..', 'deploy', 'binh-dinh', 'catalogue.csv')
    with open(shipped, encoding='utf-8') as f:
        old = f.read().splitlines()
    new = kc.run(kc.program('kc-collector'), 'catalogue', 'show', centre.dir).stdout.splitlines()
    gone = [l for l in old if l not in new]
    kc.check(sorted(l.split(',')[0] for l in gone) == ['11', '12', '3'], 'changed rows: %s' % gone)

    for what, argv, want in (
            ('rename', ['542'], 2), ('rename', ['542', '--name', 'x', '--on', DAY], 2),
            ('rename', ['542', '543', '--name', 'x', '--on', DAY, '--legal', 'x'], 2),
            ('rename', ['549', '--name', 'x', '--on', '2025-07', '--legal', 'x'], 3),
            ('rename', ['549', '--name', '', '--on', DAY, '--legal', 'x'], 3),
            ('rename', ['549', '--name', 'two\nlines', '--on', DAY, '--legal', 'x'], 3),
            ('merge', ['549', '--into', '549', '--on', DAY, '--legal', 'x'], 3),
            ('split', ['549', '--into', '9:xã:A\n8:xã:B', '--on', DAY, '--legal', 'x'], 3),
            ('rename', ['999', '--name', 'x', '--on', DAY, '--legal', 'x'], 3),
            ('rename', ['549', '--name', 'x', '--type', 'y', '--on', DAY, '--legal', 'x'], 2),
            ('abolish', ['52', '--on', DAY, '--legal', 'x'], 3), ('bury', ['549'], 2),
            ('split', ['549', '--into', '1:xã', '--on', DAY, '--legal', 'x'], 2),
            ('split', ['549', '--into', '540:xã:B', '--on', DAY, '--legal', 'x'], 3),
            ('merge', ['549', '--into', '700', '--on', DAY, '--legal', 'x'], 3),
            ('list', ['--on', 'x'], 3)):
        unit(centre, what, *argv, want=want)
    centre.do('verify')


def a_code_lives_on(base):
    """A district ends and a commune takes over its very code: each PC goes on meaning its own office by it."""
    centre = kc.Centre(base).init().serve()
    old = kc.Office(base, '551').join(centre.invite('551'))
    old.do('import', write(base, 'a.csv', schemes('A', ['Canh Liên', 'Canh Vinh'], district='551')))
    old.do('sync', '--wait')
    unit(centre, 'split', '551', '--into', '551:xã:Vân Canh', '--into', '21997:xã:Canh Liên:Canh Liên', '--heir', '551',
         '--on', DAY, '--legal', LEGAL)
    new = kc.Office(base, '551', 'office-new').join(centre.invite('551'))
    new.do('import', write(base, 'b.csv', schemes('B', [''], 2026, '551')))
    old.do('sync', '--wait')  # it has the new catalogue now
    changed = [('A-1',) + r[1:5] + ('running',) + r[6:] for r in schemes('A', ['Canh Liên', 'Canh Vinh'], district='551')[1:]]
    old.do('import', write(base, 'c.csv', changed + schemes('C', ['Canh Liên'], district='551')))
    for office in (old, new):
        office.do('sync', '--wait')
        kc.check(office.csv('list', '--refused') == [], 'nothing is refused')
    then, today = [money(r) for r in both_views(centre, 'district', 'year=2024')]
    kc.check(then == {'551@2025-06-30': 12} and today == {'21997': 2, '551': 10}, 'views: %s %s' % (then, today))
    # The plain code is who bears it now; with a day, who bore it then. Two units are never one figure.
    for which, want in (('551', {}), ('551@2025-06-30', {'551@2025-06-30': 12}), ('551@2024-01-31', {'551@2025-06-30': 12})):
        got = money(both_views(centre, 'district', 'year=2024,district=' + which)[0])
        kc.check(got == want, '%s: %s' % (which, got))
    centre.do('totals', '--by', 'year', '--where', 'district=551@2025-06', want=3)
    for district, want in (('551', 10), ('21997', 2), ('551@2025-06-30', 0)):
        behind = centre.csv('trace', 'district=%s,year=2024' % district, '--view', 'today')
        kc.check(sum(int(r['support_vnd']) for r in behind) == want, 'behind %s today: %s' % (district, behind))
    codes = {r['code'] for r in centre.csv('trace', 'district=551@2025-06-30,year=2024')}
    kc.check('A-1' in codes and not any(c.startswith('B') for c in codes), 'behind the old office: %s' % codes)
    ended = {r['code']: r['ended'] for r in centre.csv('offices')}
    kc.check(ended['551@2025-06-30'] == '2025-06-30' and ended['551'] == '' and list(ended) == sorted(ended), 'offices: %s' % ended)
    # A PC's name is one PC's.
    kc.check(sorted(r['agent'] for r in centre.csv('agents')) == ['551-1', '551-2'], 'names of PCs')
    # What is decreed for later is not its name yet.
    unit(centre, 'rename', '549', '--name', 'Mai Sau', '--on', '2099-01-01', '--legal', 'x')
    names = {r['code']: r['name'] for r in centre.csv('offices')}
    kc.check(names['549'] == 'An Nhơn', 'offices of today: %s' % names['549'])
    centre.do('verify')


def imports_keep_what_is_used(base):
    """A catalogue that drops codes records may hold is refused, in words."""
    centre = kc.Centre(base).init()
    text = kc.run(kc.program('kc-collector'), 'catalogue', 'show', centre.dir).stdout
    for start, word in (('5.2,5,', '5.2'), ('3.2.a,3.2', '3.2.a'), ('12,551', '551'), ('VII.5,VII,', 'VII.5')):
        lines = text.splitlines(True)
        at = next(i for i, l in enumerate(lines) if l.startswith(start))
        path = os.path.join(base, 'less.csv')
        with open(path, 'w', encoding='utf-8') as f:
            f.write(''.join(lines[:at] + lines[at + 1:]))
        said = kc.run(kc.program('kc-collector'), 'catalogue', 'import', centre.dir, path, want=3).stderr
        kc.check(word in said, said)


if __name__ == '__main__':
    kc.main([the_reform, one_by_one, a_code_lives_on, imports_keep_what_is_used])
