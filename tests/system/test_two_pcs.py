"""Two PCs of one office, and the provincial office's: each has the office down, works with no line, and afterwards
all of them and the centre say the same. What clashes waits for a person on every side, and is gone on every side."""
import json
import os
import random

import kc

SCHEME = 'code,name,district,plan_year,item,status,province_vnd,note\n'
TOTALS = ('year,item,source', 'year,status')


def write(base, name, text):
    path = os.path.join(base, name)
    with open(path, 'w', encoding='utf-8', newline='') as f:
        f.write(text)
    return path


def sync(*pcs):
    """Until everybody has what the others sent."""
    for pc in pcs + pcs:
        pc.do('sync', '--wait')


def pair(base):
    centre = kc.Centre(base).init().serve()
    one = kc.Office(base, '549', 'one').join(centre.invite('549'))
    two = kc.Office(base, '549', 'two').join(centre.invite('549'))
    return centre, one, two


def held(pc):
    """All that a PC holds, as files."""
    return [pc.do('export', kind).stdout for kind in ('scheme', 'outcome')]


def equal(centre, *pcs):
    for pc in pcs[1:]:
        kc.check(held(pc) == held(pcs[0]), '%s holds other records than %s' % (pc.dir, pcs[0].dir))
    for by in TOTALS:
        want = centre.totals(by, 'district=549')
        for pc in pcs:
            kc.check(pc.csv('totals', '--by', by) == want, 'totals by %s of %s are others than the centre\'s' % (by, pc.dir))
    centre.do('verify')


def history(pc, code):
    return [(r['revision'], r['person'], r['field'], r['old'], r['new'], r['agent']) for r in pc.csv('history', code)]


def conflicts(pc):
    return [(r['code'], r['field'], r['mine'], r['theirs']) for r in pc.csv('conflicts')]


def one_scheme(base):
    centre, one, two = pair(base)
    one.do('add', 'scheme', 'code=S-1', 'name=Máy', 'district=549', 'plan_year=2020', 'item=III.3', 'status=approved',
           'province_vnd=5000000', '--as', 'An')
    sync(one, two)
    return centre, one, two


def downloads(base):
    """A second PC has the whole office, with its history, and writes in it at once."""
    centre = kc.Centre(base).init().serve()
    one = kc.Office(base, '549', 'one').join(centre.invite('549'))
    for path in one.files():
        one.do('import', path, '--as', 'An')
    foreign = kc.Office(base, '551', 'foreign').join(centre.invite('551'))
    foreign.do('import', *foreign.files(('schemes',)))
    sync(one, foreign)
    two = kc.Office(base, '549', 'two').join(centre.invite('549'))
    sync(two)
    equal(centre, one, two)
    codes = [r['code'] for r in one.csv('list', 'scheme')]
    kc.check(len(codes) > 20 and [r['code'] for r in two.csv('list', 'scheme')] == codes, 'lists differ')
    for code in codes[:3]:
        kc.check(history(one, code) == history(two, code), 'histories of %s differ: %r %r' % (code, history(one, code), history(two, code)))
        kc.check({r[5] for r in history(two, code)} == {'549-1'}, 'the history does not name the PC')
    annex = ('report', '--annex', 'all', '--years', '2014-2020', '--format', 'csv', '-o')
    reports = []
    for pc in (one, two):
        pc.do(*annex, pc.dir + '.csv')
        reports.append(open(pc.dir + '.csv', encoding='utf-8').read())
    kc.check(reports[0] == reports[1], 'reports differ')
    two.do('set', codes[0], 'note=từ máy hai', '--as', 'Bình')
    sync(two, one)
    last = history(one, codes[0])[-1]
    kc.check((last[1], last[2], last[4], last[5]) == ('Bình', 'note', 'từ máy hai', '549-2'), 'at the first PC: %r' % (last,))
    equal(centre, one, two)
    kc.check(foreign.do('show', codes[0], want={1, 3}).returncode != 0, 'another office has our record')


def parallel(base):
    """Different fields changed with no line on both PCs: one record with both changes."""
    centre, one, two = one_scheme(base)
    centre.process.stop()
    one.do('set', 'S-1', 'note=một', '--as', 'An')
    one.do('set', 'S-1', 'province_vnd=6000000', '--as', 'An')
    two.do('set', 'S-1', 'commune=Nhơn Hậu', '--as', 'Bình')
    two.do('set', 'S-1', 'status=contracted', '--as', 'Bình')
    one.do('add', 'scheme', 'code=S-2', 'name=Lò', 'district=549', 'plan_year=2020', 'item=III.3', 'status=approved', 'province_vnd=1')
    two.do('add', 'scheme', 'code=S-3', 'name=Quạt', 'district=549', 'plan_year=2020', 'item=III.3', 'status=approved', 'province_vnd=2')
    centre.serve()
    sync(one, two)
    equal(centre, one, two)
    row = kc.rows_of(one.do('export', 'scheme').stdout)[0]
    kc.check((row['note'], row['province_vnd'], row['commune'], row['status']) == ('một', '6000000', 'Nhơn Hậu', 'contracted'),
             'not both changes: %r' % row)
    kc.check(history(one, 'S-1') == history(two, 'S-1'), 'histories differ: %r %r' % (history(one, 'S-1'), history(two, 'S-1')))
    kc.check({'549-1', '549-2'} == {r[5] for r in history(one, 'S-1')}, 'the PCs are not named')
    kc.check(conflicts(one) == conflicts(two) == centre.csv('conflicts') == [], 'no field clashed')


def clash(base):
    """The same field on both: parked, seen on three sides; settled on one, gone on all."""
    centre, one, two = one_scheme(base)
    one.do('set', 'S-1', 'province_vnd=6000000', 'note=một', '--as', 'An')
    two.do('set', 'S-1', 'province_vnd=7000000', 'commune=Nhơn Hậu', '--as', 'Bình')
    sync(one, two)
    kc.check(conflicts(one) == [('S-1', 'province_vnd', '6000000', '7000000')], 'at the first: %r' % conflicts(one))
    kc.check(conflicts(two) == [('S-1', 'province_vnd', '7000000', '6000000')], 'at the second: %r' % conflicts(two))
    kc.check([r['parked'] for r in centre.csv('conflicts')] == ['7000000'], 'at the centre')
    kc.check(one.csv('list', '--conflicts') == one.csv('conflicts'), 'list --conflicts is another list')
    kc.check(two.csv('status')[0]['conflicts'] == '1' and 'resolve' in two.do('status').stdout, 'status is silent')
    said = [p.do('totals', '--by', 'year', '--format', 'json').stdout for p in (one, two, centre)]
    kc.check(all(json.loads(t)['parked'] == 1 for t in said), 'totals do not say what they leave out: %s' % said)
    kc.check('7000000' in two.do('show', 'S-1').stdout.replace('.', ''), 'show does not name the parked side')
    equal(centre, one, two)
    two.do('resolve', 'S-1', 'mine', want=2)
    two.do('resolve', 'S-1', 'mine', '--reason', 'theo quyết định', '--as', 'Bình')
    kc.check(conflicts(two) == [], 'settled, and still listed')
    sync(two, one)
    equal(centre, one, two)
    kc.check(conflicts(one) == conflicts(two) == centre.csv('conflicts') == [], 'not gone everywhere')
    row = kc.rows_of(one.do('export', 'scheme').stdout)[0]
    kc.check((row['province_vnd'], row['note'], row['commune']) == ('7000000', 'một', 'Nhơn Hậu'), 'settled as %r' % row)
    two.do('resolve', 'S-1', 'mine', '--reason', 'nữa', want=3)
    # settled by a value of its own, and once more at the centre
    one.do('set', 'S-1', 'note=a', '--as', 'An')
    two.do('set', 'S-1', 'note=b', '--as', 'Bình')
    sync(one, two)
    one.do('resolve', 'S-1', 'note=a và b', '--reason', 'cả hai', '--as', 'An')
    sync(one, two)
    kc.check({r['note'] for pc in (one, two) for r in kc.rows_of(pc.do('export', 'scheme').stdout)} == {'a và b'}, 'not the value given')
    one.do('set', 'S-1', 'note=c', '--as', 'An')
    two.do('set', 'S-1', 'note=d', '--as', 'Bình')
    sync(one, two)
    centre.do('resolve', 'S-1', 'parked', '--reason', 'trung tâm đã hỏi', '--as', 'Lan')
    sync(one, two)
    kc.check(conflicts(one) == conflicts(two) == [], 'settled at the centre, listed here')
    kc.check({r['note'] for pc in (one, two) for r in kc.rows_of(pc.do('export', 'scheme').stdout)} == {'d'}, 'not as the centre settled it')
    kc.check(history(two, 'S-1')[-1][1] == 'Lan', 'who settled it is not told')
    equal(centre, one, two)


def chains(base):
    """Edits made with no line on top of a side that is then parked go with it; so does what is made on top later."""
    centre, one, two = one_scheme(base)
    one.do('set', 'S-1', 'note=một', '--as', 'An')
    for note in ('hai', 'hai nữa', 'hai lần nữa'):
        two.do('set', 'S-1', 'note=' + note, '--as', 'Bình')
    two.do('set', 'S-1', 'commune=Nhơn Hậu', '--as', 'Bình')
    sync(one, two)
    kc.check(conflicts(two) == [('S-1', 'note', 'hai lần nữa', 'một')], 'the chain: %r' % conflicts(two))
    kc.check(conflicts(one) == [('S-1', 'note', 'một', 'hai lần nữa')], 'the chain: %r' % conflicts(one))
    one.do('set', 'S-1', 'implementer=X', '--as', 'An')
    sync(one, two)
    two.do('resolve', 'S-1', 'mine', '--reason', 'đúng', '--as', 'Bình')
    one.do('set', 'S-1', 'beneficiary=Y', '--as', 'An')
    sync(one, two)
    row = kc.rows_of(two.do('export', 'scheme').stdout)[0]
    kc.check((row['note'], row['commune'], row['implementer'], row['beneficiary']) == ('hai lần nữa', 'Nhơn Hậu', 'X', 'Y'),
             'chains end as %r' % row)
    equal(centre, one, two)
    kc.check(conflicts(one) == conflicts(two) == centre.csv('conflicts') == [], 'something is left')


def withdrawn(base):
    """Withdrawing against editing is a conflict, never a silent resurrection; withdrawing on both is none."""
    centre, one, two = one_scheme(base)
    one.do('withdraw', 'S-1', '--reason', 'nhập nhầm', '--as', 'An')
    two.do('set', 'S-1', 'note=cần giữ', '--as', 'Bình')
    sync(one, two)
    kc.check([c[1] for c in conflicts(one)] == ['withdrawn'] and [c[1] for c in conflicts(two)] == ['withdrawn'],
             'no conflict: %r %r' % (conflicts(one), conflicts(two)))
    kc.check(one.csv('list') == two.csv('list') == [], 'back without anybody asking for it')
    two.do('resolve', 'S-1', 'mine', '--reason', 'cần giữ', '--as', 'Bình')
    sync(two, one)
    kc.check(len(one.csv('list')) == len(two.csv('list')) == 1, 'not kept')
    equal(centre, one, two)
    for pc in (one, two):
        pc.do('withdraw', 'S-1', '--reason', 'thôi', '--as', 'An')
    sync(one, two)
    kc.check(conflicts(one) == conflicts(two) == centre.csv('conflicts') == [], 'both meant the same')
    kc.check(one.csv('list') == two.csv('list') == [], 'withdrawn on both, and still there')
    equal(centre, one, two)


def withdrawal_kept(base):
    """Whoever settles for the withdrawal, of whichever side and in whichever order: settled, and still withdrawn."""
    centre, one, two = pair(base)
    rows = ''.join('W-%d,Máy %d,549,2020,III.3,approved,1000,\n' % (i, i) for i in range(4))
    one.do('import', write(base, 'w.csv', SCHEME + rows))
    sync(one, two)
    for i in range(4):
        first, second = (one, two) if i < 2 else (two, one)
        one.do('withdraw', 'W-%d' % i, '--reason', 'nhập nhầm')
        two.do('set', 'W-%d' % i, 'province_vnd=5000')
        sync(first, second, first)
        kc.check([c[1] for c in conflicts(one)] == ['withdrawn'], '%d: %r' % (i, conflicts(one)))
        by, side = (one, 'mine') if i % 2 == 0 else (two, 'theirs')
        by.do('resolve', 'W-%d' % i, side, '--reason', 'đúng là nhầm', '--as', 'An')
        sync(one, two, one)
        kc.check(conflicts(one) == conflicts(two) == centre.csv('conflicts') == [], '%d stays a conflict' % i)
        kc.check(centre.csv('refused') == one.csv('list', '--refused') == two.csv('list', '--refused') == [], '%d refused' % i)
        kc.check(len(one.csv('list')) == len(two.csv('list')) == 3 - i, '%d is back' % i)
        equal(centre, one, two)


def same_file(base):
    """One file on both PCs makes one record of each row, whose id both know."""
    centre, one, two = pair(base)
    rows = ''.join('F-%02d,Máy %d,549,2020,III.3,approved,%d,\n' % (i, i, 1000 + i) for i in range(20))
    path = write(base, 'a.csv', SCHEME + rows)
    other = write(base, 'b.csv', SCHEME + rows.replace('F-03,Máy 3,', 'F-03,Máy ba,').replace('F-07,Máy 7,549,2020,III.3,approved,1007,', 'F-07,Máy 7,549,2020,III.3,approved,1007,ghi'))
    one.do('import', path)
    two.do('import', other)
    two.do('set', 'F-05', 'note=sửa thêm')
    sync(one, two)
    kc.check(sum(int(r['schemes']) for r in centre.totals('year')) == 20, 'counted twice')
    equal(centre, one, two)
    kc.check([c[0:2] for c in conflicts(one)] == [('F-03', 'name')], 'clashes: %r' % conflicts(one))
    notes = {r['code']: r['note'] for r in kc.rows_of(one.do('export', 'scheme').stdout)}
    kc.check((notes['F-05'], notes['F-07']) == ('sửa thêm', 'ghi'), 'what only one said is lost: %r' % notes)
    one.do('resolve', 'F-03', 'theirs', '--reason', 'đúng tên')
    sync(one, two)
    equal(centre, one, two)
    kc.check(conflicts(one) == conflicts(two) == [], 'something is left')


def live(base):
    """While both are connected each hears of the other by itself; killed ones lose nothing."""
    centre, one, two = one_scheme(base)
    one.serve()
    two.serve()

    def sees(pc, note):
        return lambda: any(r['note'] == note for r in kc.rows_of(pc.do('export', 'scheme').stdout))
    one.do('set', 'S-1', 'note=một', '--as', 'An')
    kc.until(sees(two, 'một'), 30, 'the edit at the other PC')
    two.do('set', 'S-1', 'note=hai', '--as', 'Bình')
    kc.until(sees(one, 'hai'), 30, 'the edit back')
    chance = random.Random(4)
    for i in range(6):
        pc = chance.choice((one, two))
        pc.do('set', 'S-1', 'note=lần %d' % i, '--as', 'An')
        if i % 3 == 1:
            centre.process.kill()
            centre.serve()
        else:
            victim = chance.choice((one, two))
            victim.process.kill()
            victim.serve()
        for each in (one, two):
            each.do('sync', '--wait')
        for each in (one, two):
            kc.until(sees(each, 'lần %d' % i), 30, 'edit %d on %s' % (i, each.dir))
    equal(centre, one, two)
    for pc in (one, two):
        pc.process.stop()


def random_edits(base):
    """Whatever two PCs and the province do with no line to one another, all say the same in the end, and what clashed
    is there to be settled."""
    centre, one, two = pair(base)
    province = kc.Office(base, '52', 'province').join(centre.invite('52', role='province'))
    chance = random.Random(20261125)
    rows = ''.join('R-%d,Máy,549,2020,III.3,approved,%d,\n' % (i, i) for i in range(6))
    one.do('import', write(base, 'r.csv', SCHEME + rows))
    sync(one, two, province)
    pcs = (one, two, province)
    for _ in range(5):
        for pc in pcs:
            for _ in range(chance.randrange(1, 4)):
                code = 'R-%d' % chance.randrange(6)
                field = chance.choice(('note', 'commune', 'implementer', 'province_vnd'))
                pc.do('set', code, '%s=%d' % (field, chance.randrange(1, 4)), '--as', pc.dir[-3:])
        order = list(pcs)
        chance.shuffle(order)
        sync(*order)
        equal(centre, one, two)
        kc.check(held(province) == held(one), 'the province holds other records')
        parked = {(r['code'], r['field']) for r in centre.csv('conflicts')}
        for pc in pcs:
            kc.check({c[0:2] for c in conflicts(pc)} == parked, 'parked at %s: %r, at the centre %r' % (pc.dir, conflicts(pc), parked))
        for code in sorted({c for c, _ in parked}):
            clashing = [f for c, f in parked if c == code]
            chance.choice(pcs).do('resolve', code, *['%s=9' % f for f in clashing], '--reason', 'thử')
        sync(*pcs)
        kc.check(all(conflicts(pc) == [] for pc in pcs) and centre.csv('conflicts') == [], 'not settled')
        equal(centre, one, two)


def provincial(base):
    """The provincial office's agent holds everything, edits other offices' records, reports on all."""
    centre = kc.Centre(base).init().serve()
    one = kc.Office(base, '549', 'one').join(centre.invite('549'))
    other = kc.Office(base, '551', 'other').join(centre.invite('551'))
    province = kc.Office(base, '52', 'province').join(centre.invite('52', role='province'))
    for office in (one, other):
        office.do('import', *office.files(('schemes',)))
    province.do('import', *province.files(('schemes',)))
    sync(one, other, province)
    for by in TOTALS:
        kc.check(province.csv('totals', '--by', by) == centre.totals(by), 'totals by %s of all offices' % by)
    own = province.csv('totals', '--by', 'year,item', '--where', 'district=52')
    kc.check(own == centre.totals('year,item', 'district=52'), 'its own totals')
    code = one.csv('list', 'scheme')[0]['code']
    province.do('set', code, 'note=tỉnh sửa', '--as', 'Lan')
    sync(province, one, other)
    kc.check(history(one, code)[-1][1] == 'Lan', 'the office does not see who edited its record')
    kc.check(history(one, code) == history(province, code), 'histories differ')
    annex = ('report', '--annex', 'budget', '--years', '2014-2020', '--format', 'csv', '-o')
    province.do(*annex, os.path.join(base, 'p.csv'))
    centre.do(*annex, os.path.join(base, 'c.csv'))
    kc.check(open(os.path.join(base, 'p.csv')).read() == open(os.path.join(base, 'c.csv')).read(), 'another report than the centre\'s')
    text = ('report', '--narrative', '--years', '2014-2020', '--format', 'csv')
    kc.check(province.do(*text).stdout == centre.do(*text).stdout, 'another narrative than the centre\'s')
    centre.do('verify')


def heirs(base):
    """What an office that was merged away left comes to its heir's PC, the new and the old ones; both sides go on."""
    centre = kc.Centre(base).init().serve()
    left = kc.Office(base, '549', 'left').join(centre.invite('549'))
    heir = kc.Office(base, '550', 'heir').join(centre.invite('550'))
    for pc, code in ((left, 'L'), (heir, 'H')):
        pc.do('import', write(base, code + '.csv', SCHEME + ''.join(
            '%s-%d,Máy,%s,2020,III.3,approved,%d,\n' % (code, i, pc.code, i) for i in range(1, 4))), '--as', 'An')
    sync(left, heir)
    heir.serve()
    left.do('set', 'L-3', 'note=trước')
    kc.run(kc.program('kc-collector'), 'unit', 'merge', centre.dir, '549', '--into', '550', '--on', '2025-07-01', '--legal', 'NQ 1664')
    kc.until(lambda: len(heir.csv('list', 'scheme')) == 6, 30, 'what the forebear left')
    sync(left, heir)
    left.do('set', 'L-2', 'note=máy cũ')
    heir.do('set', 'L-2', 'commune=Nhơn Hậu')
    sync(left, heir)
    for code in ('L-1', 'L-2', 'L-3'):
        kc.check(history(left, code) == history(heir, code), 'histories of %s differ: %r %r' % (code, history(left, code), history(heir, code)))
    kc.check(len(left.csv('list', 'scheme')) == 3, 'the office that has gone got what was not its own')
    second = kc.Office(base, '550', 'second').join(centre.invite('550'))
    sync(second)
    kc.check(held(second) == held(heir), 'a new PC of the heir')
    heir.do('withdraw', 'L-1', '--reason', 'trùng')
    sync(heir, left, second)
    kc.check(len(left.csv('list', 'scheme')) == 2 and len(second.csv('list', 'scheme')) == 5, 'the heir\'s withdrawal')
    centre.do('verify')
    heir.process.stop()


def moved(base):
    """A record given to another office: there with its state, here no more, and edits of it here are refused."""
    centre = kc.Centre(base).init().serve()
    one = kc.Office(base, '549', 'one').join(centre.invite('549'))
    other = kc.Office(base, '551', 'other').join(centre.invite('551'))
    province = kc.Office(base, '52', 'province').join(centre.invite('52', role='province'))
    one.do('import', write(base, 'm.csv', SCHEME + 'M-1,Máy,549,2020,III.3,approved,7,\nM-2,Lò,549,2020,III.3,approved,8,\n'))
    sync(one, province)
    one.do('set', 'M-1', 'note=chưa biết')
    province.do('set', 'M-1', 'district=551', '--as', 'Lan')
    sync(province)
    one.do('sync', '--wait', want=1)
    sync(other)
    kc.check([r['code'] for r in one.csv('list', 'scheme')] == ['M-2'], 'still listed: %r' % one.csv('list', 'scheme'))
    kc.check([r['code'] for r in other.csv('list', 'scheme')] == ['M-1'], 'not at its new office')
    for pc in (one, other, province):
        where = [] if pc is province else ['--where', 'district=' + pc.code]
        kc.check(pc.csv('totals', '--by', 'district') == centre.csv('totals', '--by', 'district', *where), 'totals of ' + pc.dir)
    kc.check([r['code'] for r in one.csv('list', '--refused')] == ['M-1'], 'the refused edit is gone')
    said = one.do('set', 'M-1', 'note=x', want=3).stderr
    kc.check('551' in said, 'who has it is not said: ' + said)
    other.do('set', 'M-1', 'note=của ta')
    sync(other, province)
    kc.check(held(province)[0].count('của ta') == 1, 'the new office\'s edit')
    centre.do('verify')


def moved_in_doubt(base):
    """A record is given to another office while a side of it is parked: who has it now sees both, and settles it."""
    centre, one, two = one_scheme(base)
    other = kc.Office(base, '551', 'other').join(centre.invite('551'))
    province = kc.Office(base, '52', 'province').join(centre.invite('52', role='province'))
    one.do('set', 'S-1', 'province_vnd=6000000', '--as', 'An')
    two.do('set', 'S-1', 'province_vnd=7000000', 'note=hai', '--as', 'Bình')
    sync(one, two, province)
    kc.check(conflicts(two) == [('S-1', 'province_vnd', '7000000', '6000000')], 'not parked: %r' % conflicts(two))
    province.do('set', 'S-1', 'district=551', '--as', 'Lan')
    sync(province, other, one, two)
    for pc in (one, two):
        kc.check(conflicts(pc) == [] and pc.csv('list', 'scheme') == [], 'still at ' + pc.dir)
    again = kc.Office(base, '551', 'again').join(centre.invite('551'))  # joins later, and has it, too
    sync(again)
    for pc in (other, again):
        kc.check(conflicts(pc) == [('S-1', 'province_vnd', '6000000', '7000000')], 'at %s: %r' % (pc.dir, conflicts(pc)))
        kc.check([r['person'] for r in pc.csv('conflicts')] == ['Bình'], 'whose side it is')
        kc.check(pc.csv('list', '--conflicts') == pc.csv('conflicts'), 'list --conflicts is another list')
        kc.check(pc.csv('status')[0]['conflicts'] == '1', 'status is silent')
    kc.check(conflicts(province) == [('S-1', 'province_vnd', '6000000', '7000000')], 'at the province: %r' % conflicts(province))
    other.do('resolve', 'S-1', 'theirs', '--reason', 'theo quyết định', '--as', 'Chi')
    sync(other, again, province)
    want = [('S-1', '551', '7000000', 'hai')]
    for pc in (other, again, province):
        rows = kc.rows_of(pc.do('export', 'scheme').stdout)
        kc.check([(r['code'], r['district'], r['province_vnd'], r['note']) for r in rows] == want, '%s: %r' % (pc.dir, rows))
        kc.check(conflicts(pc) == [], 'settled, and still listed at ' + pc.dir)
    kc.check(centre.csv('conflicts') == [] and centre.csv('refused') == [], 'the centre is left in doubt')
    centre.do('verify')


def settled_elsewhere(base):
    """The centre settles a conflict by giving the record to another office: there with its whole state, here no more."""
    centre, one, two = one_scheme(base)
    other = kc.Office(base, '551', 'other').join(centre.invite('551'))
    one.do('set', 'S-1', 'province_vnd=6000000')
    two.do('set', 'S-1', 'province_vnd=7000000', 'note=hai')
    sync(one, two, other)
    one.do('set', 'S-1', 'note=chưa biết')
    centre.do('resolve', 'S-1', 'district=551', 'province_vnd=6500000', '--reason', 'thuộc 551', '--as', 'Hòa')
    one.do('sync', '--wait', want=1)
    sync(two, other)
    for pc in (one, two):
        kc.check(pc.csv('list', 'scheme') == [], 'still listed at ' + pc.dir)
        kc.check(conflicts(pc) == [], 'still in doubt at ' + pc.dir)
    kc.check([r['code'] for r in one.csv('list', '--refused')] == ['S-1'], 'the edit that came too late is gone')
    row = kc.rows_of(other.do('export', 'scheme').stdout)
    kc.check([(r['code'], r['district'], r['province_vnd'], r['note']) for r in row] == [('S-1', '551', '6500000', 'hai')],
             'at its new office: %r' % row)
    other.do('set', 'S-1', 'note=của ta')
    sync(other)
    want = centre.totals('district,year')
    kc.check(want == other.csv('totals', '--by', 'district,year'), 'totals there: %r' % want)
    again = kc.Office(base, '551', 'again').join(centre.invite('551'))
    sync(again)
    kc.check(again.do('export', 'scheme').stdout == other.do('export', 'scheme').stdout, 'a second PC there holds something else')
    centre.do('verify')


if __name__ == '__main__':
    kc.main([downloads, parallel, clash, chains, withdrawn, withdrawal_kept, same_file, live, random_edits, provincial, heirs, moved, moved_in_doubt, settled_elsewhere])
