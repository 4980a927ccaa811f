"""What an heir's PC says of what it inherited, and what it will not say: its own figures stay its own, an office
that was divided is no annex here, and flags go with the records."""
import os

import kc

HEAD = 'code,name,district,plan_year,item,status,commune,district_vnd\n'
DAY = '2025-07-01'
LEGAL = 'NQ 1664/NQ-UBTVQH15'


def write(base, name, rows):
    path = os.path.join(base, name)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(HEAD + ''.join(','.join(map(str, r)) + '\n' for r in rows))
    return path


def unit(centre, what, *argv):
    kc.run(kc.program('kc-collector'), 'unit', what, centre.dir, *argv, '--on', DAY, '--legal', LEGAL)


def money(rows):
    return sum(int(r['support_vnd']) for r in rows)


def merged(base):
    """550 takes 551 over: totals and annexes are 550's own until somebody names an office."""
    centre = kc.Centre(base).init().serve()
    left = kc.Office(base, '551').join(centre.invite('551'))
    heir = kc.Office(base, '550').join(centre.invite('550'))
    left.do('import', write(base, 'l.csv', [('L-%d' % i, 'Máy', '551', 2020, 'III.3', 'approved', '', 10 ** i) for i in range(3)]))
    heir.do('import', write(base, 'h.csv', [('H-%d' % i, 'Máy', '550', 2020, 'III.3', 'approved', '', 2 * 10 ** i) for i in range(3)]))
    for pc in (left, heir):
        pc.do('sync', '--wait')
    said = heir.do('totals', '--by', 'fund', '--format', 'csv').stderr
    kc.check(said == '', 'nothing was inherited: ' + said)
    unit(centre, 'merge', '551', '--into', '550')
    heir.do('sync', '--wait')
    left.do('sync', '--wait')

    for by in ('fund', 'year', 'item,source', 'year,status'):
        told = heir.do('totals', '--by', by, '--format', 'csv', '--lang', 'en')
        kc.check(money(kc.rows_of(told.stdout)) == 222, 'by %s: %s' % (by, told.stdout))
        kc.check('551' in told.stderr and '--by district' in told.stderr and told.stderr.count('\n') == 1, told.stderr)
        kc.check('551' in heir.do('totals', '--by', by).stderr, 'people are not told')
    kc.check(money(heir.csv('totals', '--by', 'year', '--where', 'district=551')) == 111, '551 by name')
    both = heir.do('totals', '--by', 'district', '--format', 'csv')
    kc.check(kc.rows_of(both.stdout) == centre.csv('totals', '--by', 'district') and both.stderr == '', 'both: %s' % both)
    kc.check(money(left.csv('totals', '--by', 'fund')) == 111, 'the office that left')

    own = heir.do('report', '--annex', 'budget', '--years', '2020', '--format', 'csv', '--lang', 'en')
    kc.check('551' in own.stderr and '--office' in own.stderr, own.stderr)
    kc.check(own.stdout == centre.do('report', '--annex', 'budget', '--years', '2020', '--office', '550', '--format', 'csv').stdout, own.stdout)
    theirs = heir.do('report', '--annex', 'budget', '--years', '2020', '--office', '551', '--format', 'csv')
    kc.check(theirs.stderr == '', theirs.stderr)
    kc.check(theirs.stdout == centre.do('report', '--annex', 'budget', '--years', '2020', '--office', '551', '--format', 'csv').stdout, theirs.stdout)
    kc.check(len(heir.csv('list', 'scheme')) == 6, 'a list shows both')
    heir.do('report', '--annex', 'budget', '--years', '2020', '--office', '549', want=3)
    province = kc.Office(base, '52', 'province').join(centre.invite('52', role='province'))
    province.do('sync', '--wait')
    whole = province.do('totals', '--by', 'fund', '--format', 'csv')
    kc.check(money(kc.rows_of(whole.stdout)) == 333 and whole.stderr == '', 'the province has all: %s' % whole)


def divided(base):
    """549 by communes: an heir holds a part, and writes no annex of 549; it is told whom to ask."""
    centre = kc.Centre(base).init().serve()
    left = kc.Office(base, '549').join(centre.invite('549'))
    left.do('import', write(base, 'l.csv', [('L-%d' % i, 'Máy', '549', 2020, 'III.3', 'approved', c, 10 ** i)
                                            for i, c in enumerate(('Nhơn Khánh', '', 'Đập Đá'))]))
    left.do('sync', '--wait')
    unit(centre, 'split', '549', '--into', '21907:phường:Bình Định:Bình Định;Nhơn Khánh', '--into', '21910:phường:An Nhơn', '--heir', '21910')
    annex = ('report', '--annex', 'budget', '--years', '2020', '--format', 'csv')
    for code, has in (('21907', 1), ('21910', 110)):
        heir = kc.Office(base, code).join(centre.invite(code))
        heir.do('sync', '--wait')
        out = os.path.join(base, 'annex.csv')
        no = heir.do(*annex, '--office', '549', '-o', out, '--lang', 'en', want=1)
        kc.check('only the part' in no.stderr and 'kc-collector report --office 549' in no.stderr, no.stderr)
        kc.check(no.stdout == '' and not os.path.exists(out), 'written all the same')
        own = heir.do(*annex, '--lang', 'en')
        kc.check(kc.rows_of(own.stdout) == [] and '549' in own.stderr and 'centre' in own.stderr, own)
        kc.check(kc.rows_of(heir.do('totals', '--by', 'fund', '--format', 'csv').stdout) == [], 'its own totals')
        part = heir.do('totals', '--by', 'district', '--format', 'csv', '--lang', 'en')
        kc.check(money(kc.rows_of(part.stdout)) == has and '549' in part.stderr and 'only the part' in part.stderr, part)
    kc.check(centre.do(*annex, '--office', '549').stdout == left.do(*annex).stdout != '', 'the centre\'s')


def flags_follow(base):
    """What is in doubt is found under who has the record now, and under the office it was made for."""
    centre = kc.Centre(base).init().serve()
    gone = {code: kc.Office(base, code).join(centre.invite(code)) for code in ('551', '549')}
    head = HEAD.replace('district_vnd', 'district_vnd,registered_on,approved_on')
    for code, communes in (('551', ['']), ('549', ['Nhơn Khánh', 'Đập Đá'])):
        path = os.path.join(base, code + '.csv')
        with open(path, 'w', encoding='utf-8') as f:
            f.write(head + ''.join('D%s-%d,Máy %d,%s,2020,III.3,approved,%s,%d,2020-03-02,2020-03-01\n' % (code, i, i, code, c, 10 ** 6 * (i + 1))
                                   for i, c in enumerate(communes)))
        gone[code].do('import', path)
        gone[code].do('sync', '--wait')

    def dates(side, *options):
        return {r['codes']: r['office'] for r in side.csv('flags', '--check', 'dates', *options)}
    kc.check(dates(centre) == {'D551-0': '551', 'D549-0': '549', 'D549-1': '549'}, 'before: %s' % dates(centre))
    kc.check(dates(centre, '--office', '550') == {}, 'not yet')
    unit(centre, 'merge', '551', '--into', '550')
    unit(centre, 'split', '549', '--into', '21907:phường:Bình Định:Bình Định;Nhơn Khánh', '--into', '549:phường:An Nhơn', '--heir', '549')
    for office, want in (('550', {'D551-0': '550'}), ('551', {'D551-0': '550'}), ('21907', {'D549-0': '21907'}), ('549', {'D549-1': '549'}),
                         ('549@2025-06-30', {'D549-0': '21907', 'D549-1': '549'}), ('548', {})):
        kc.check(dates(centre, '--office', office) == want, 'of %s: %s' % (office, dates(centre, '--office', office)))
    for code, want in (('550', ['D551-0']), ('21907', ['D549-0', 'D549-1'])):
        heir = kc.Office(base, code, 'heir-' + code).join(centre.invite(code))
        heir.do('sync', '--wait')
        kc.check(set(want) >= set(dates(heir)) and want[0] in dates(heir), 'at the heir: %s' % dates(heir))
    flag = next(r['flag'] for r in centre.csv('flags', '--office', '550', '--check', 'dates'))
    centre.do('answer', flag, '--reason', 'ngày ghi theo biên bản')
    kc.check([r['state'] for r in centre.csv('flags', '--office', '550', '--check', 'dates')] == ['answered'], 'answered under the heir')


def flags_of_what_is_here(base):
    """An heir of a part is told what its forebear was told: it shows that of the records it has, and of no other."""
    centre = kc.Centre(base).init().serve()
    kiln = 'Lò nung gốm tiết kiệm điện làng Vân Sơn'
    left = kc.Office(base, '549').join(centre.invite('549'))
    left.do('import', write(base, 'l.csv', [('K-0', kiln, '549', 2019, 'III.3', 'approved', 'Nhơn Khánh', 10 ** 8),
                                            ('K-1', 'Máy CNC 2 trục khắc gỗ', '549', 2019, 'III.3', 'approved', 'Đập Đá', 10 ** 8)]))
    left.do('sync', '--wait')
    other = kc.Office(base, '540').join(centre.invite('540'))
    other.do('import', write(base, 'o.csv', [('O-0', kiln, '540', 2019, 'III.3', 'approved', '', 10 ** 8),
                                             ('O-1', 'Máy CNC 2 trục khắc gỗ', '540', 2019, 'III.3', 'approved', '', 10 ** 8)]))
    other.do('sync', '--wait')
    codes = lambda side: sorted(r['codes'] for r in side.csv('flags', '--check', 'duplicate'))
    kc.until(lambda: left.do('sync', '--wait') and codes(left) == ['K-0', 'K-1'], 60, 'the office is told')
    unit(centre, 'split', '549', '--into', '21907:phường:Bình Định:Bình Định;Nhơn Khánh', '--into', '21910:phường:An Nhơn', '--heir', '21910')
    for code, want in (('21907', ['K-0']), ('21910', ['K-1'])):
        heir = kc.Office(base, code).join(centre.invite(code))
        heir.do('sync', '--wait')
        kc.check(codes(heir) == want, 'flags at %s: %s' % (code, codes(heir)))
        kc.check(heir.csv('status')[0]['flags'] == '1', 'status of %s counts others' % code)
        kc.check([r['code'] for r in heir.csv('list', 'scheme') if r['flags'] == 'duplicate'] == want, 'marks at ' + code)


if __name__ == '__main__':
    kc.main([merged, divided, flags_follow, flags_of_what_is_here])
