"""Two PCs of one office, and the province, that edit the same record while the line is down: what the centre says,
how it is settled there, and that totals and verify hold all the way."""
import json
import os

import kc

SCHEME = 'code,name,district,plan_year,item,status,province_vnd,note\n'


def write(base, name, text):
    path = os.path.join(base, name)
    with open(path, 'w', encoding='utf-8', newline='') as f:
        f.write(text)
    return path


def sent(office):
    office.do('sync', '--wait')


def two_pcs(base):
    centre = kc.Centre(base).init().serve()
    one = kc.Office(base, '549', 'pc-1').join(centre.invite('549'))
    two = kc.Office(base, '549', 'pc-2').join(centre.invite('549'))
    return centre, one, two


def support(centre):
    rows = centre.totals('year')
    return sum(int(r['support_vnd']) for r in rows), sum(int(r['schemes']) for r in rows)


def one_file_two_pcs(base):
    """The same file on both PCs makes one record; what only one of them says is in it."""
    centre, one, two = two_pcs(base)
    path = write(base, 'a.csv', SCHEME + 'S-1,Máy,549,2019,III.3,approved,5000000,\nS-2,Lò,549,2019,III.3,approved,7000000,\n')
    for pc in (one, two):
        pc.do('import', path)
        sent(pc)
    kc.check(support(centre) == (12000000, 2), 'counted twice: %r' % (support(centre),))
    kc.check(centre.csv('refused') == [] and centre.csv('conflicts') == [], 'equal figures are no trouble')
    two.do('set', 'S-1', 'note=từ máy hai')
    one.do('set', 'S-1', 'province_vnd=6000000')
    for pc in (two, one):
        sent(pc)
    kc.check(support(centre) == (13000000, 2), 'two fields of one record: %r' % (support(centre),))
    kc.check(centre.csv('conflicts') == [], 'two fields are no conflict')
    kc.check('merged' in [r['verdict'] for r in centre.csv('trace', 'S-1')], 'the merge is not in the history')
    centre.do('verify')


def clash(base):
    """One field changed on both sides to different values: parked, counted apart, settled by a person."""
    centre, one, two = two_pcs(base)
    path = write(base, 'a.csv', SCHEME + 'S-1,Máy,549,2019,III.3,approved,5000000,\n')
    for pc in (one, two):
        pc.do('import', path)
        sent(pc)
    one.do('set', 'S-1', 'province_vnd=6000000', '--as', 'Chị Một')
    two.do('set', 'S-1', 'province_vnd=8000000', 'note=máy hai', '--as', 'Anh Hai')
    for pc in (one, two):
        sent(pc)
    kc.check(support(centre) == (6000000, 1), 'what stands does not move: %r' % (support(centre),))
    rows = centre.csv('conflicts')
    kc.check(len(rows) == 1, 'not one field: %r' % rows)
    r = rows[0]
    kc.check((r['code'], r['field'], r['current'], r['parked'], r['person']) ==
             ('S-1', 'province_vnd', '6000000', '8000000', 'Anh Hai'), 'not what clashes: %r' % r)
    said = json.loads(centre.do('totals', '--by', 'year', '--format', 'json').stdout)
    kc.check(said['parked'] == 1, 'json does not say what is left out')
    note = centre.do('totals', '--by', 'year', '--lang', 'en').stderr
    kc.check('1 parked side' in note, 'people are not told: ' + note)
    kc.check(one.csv('list', '--waiting') == [] and two.csv('list', '--waiting') == [], 'a parked side waits for nothing')
    place = said['position']
    centre.do('resolve', 'S-1', 'parked', want=2)
    centre.do('resolve', 'S-1', 'sideways', '--reason', 'x', want=2)
    centre.do('resolve', 'S-9', 'parked', '--reason', 'x', want=3)
    centre.do('resolve', 'S-1', 'nothing=1', '--reason', 'x', want=3)
    centre.do('resolve', 'S-1', 'parked', '--reason', 'theo QĐ 12', '--as', 'Trần B')
    kc.check(support(centre) == (8000000, 1), 'not settled: %r' % (support(centre),))
    kc.check(centre.csv('conflicts') == [], 'it is still there')
    last = centre.csv('trace', 'S-1')[-1]
    kc.check((last['verdict'], last['person'], last['comment']) == ('settled', 'Trần B', 'theo QĐ 12'), 'nobody is named: %r' % last)
    then = json.loads(centre.do('totals', '--by', 'year', '--as-of', place, '--format', 'json').stdout)
    kc.check(then == said, 'as-of is not what was said then: %r' % then)
    centre.do('resolve', 'S-1', 'current', '--reason', 'x', want=3)
    centre.do('verify')


def withdrawal(base):
    """A withdrawal against an edit is a conflict, never a silent return; values settle it."""
    centre, one, two = two_pcs(base)
    path = write(base, 'a.csv', SCHEME + 'S-1,Máy,549,2019,III.3,approved,5000000,\n')
    for pc in (one, two):
        pc.do('import', path)
        sent(pc)
    one.do('withdraw', 'S-1', '--reason', 'ghi nhầm')
    two.do('set', 'S-1', 'note=vẫn làm')
    for pc in (one, two):
        sent(pc)
    kc.check(support(centre)[1] == 0, 'it came back by itself')
    rows = centre.csv('conflicts')
    kc.check([(r['field'], r['current'], r['parked']) for r in rows] == [('withdrawn', 'yes', '')], '%r' % rows)
    centre.process.stop()
    centre.do('resolve', 'S-1', 'parked', '--reason', 'có làm thật')  # also without serve
    kc.check(support(centre) == (5000000, 1), 'not brought back: %r' % (support(centre),))
    centre.do('verify')


if __name__ == '__main__':
    kc.main([one_file_two_pcs, clash, withdrawal])
