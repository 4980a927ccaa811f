"""An import taken back whose records others had made: another PC, the centre by merging or settling, the province."""
import os

import kc

HEAD = 'code,name,district,plan_year,item,status,province_vnd,note\n'


def write(base, name, text):
    path = os.path.join(base, name)
    with open(path, 'w', encoding='utf-8', newline='') as f:
        f.write(text)
    return path


def sync(*pcs):
    for pc in pcs + pcs:
        pc.do('sync', '--wait')


def taken_back(pc, path, others):
    """Imports a file and takes it back: all is as before, here and at the others."""
    sync(pc, *others)
    before = pc.do('export', 'scheme').stdout
    number = kc.rows_of(pc.do('import', path, '--format', 'csv', '--as', 'Bình').stdout)[0]['import']
    sync(pc, *others)
    kc.check(pc.do('export', 'scheme').stdout != before, 'the file changed nothing')
    rows = kc.rows_of(pc.do('undo', number, '--as', 'Bình', '--format', 'csv').stdout)
    kc.check(rows and all(r['action'] == 'returned' for r in rows), 'undo said %s' % rows)
    sync(pc, *others)
    for p in (pc,) + others:
        kc.check(p.do('export', 'scheme').stdout == before, 'not as before at %s' % p.dir)


def of_other_pcs(base):
    centre = kc.Centre(base).init().serve()
    one = kc.Office(base, '549', 'one').join(centre.invite('549'))
    two = kc.Office(base, '549', 'two').join(centre.invite('549'))
    one.do('import', write(base, 'a.csv', HEAD + ''.join('S-%d,Máy,549,2020,III.3,approved,%d,gốc\n' % (i, i * 1000000) for i in (1, 2, 3))),
           '--as', 'An')
    sync(one, two)
    # S-2 is merged by the centre, S-3 settled there
    one.do('set', 'S-2', 'note=của máy một')
    two.do('set', 'S-2', 'province_vnd=2500000')
    one.do('set', 'S-3', 'note=một')
    two.do('set', 'S-3', 'note=hai')
    sync(one, two)
    centre.do('resolve', 'S-3', 'note=trung tâm', '--reason', 'theo công văn')
    sync(one, two)
    path = write(base, 'b.csv', HEAD + ''.join('S-%d,Máy khác,549,2020,III.3,contracted,7,nhầm\n' % i for i in (1, 2, 3)))
    taken_back(two, path, (one,))
    taken_back(one, path, (two,))
    fresh = kc.Office(base, '549', 'fresh').join(centre.invite('549'))
    taken_back(fresh, path, (one, two))
    province = kc.Office(base, '52', 'province').join(centre.invite('52', role='province'))
    taken_back(province, path, (one,))
    sync(two)
    kc.check([(r['note'], r['province_vnd']) for r in kc.rows_of(two.do('export', 'scheme').stdout)]
             == [('gốc', '1000000'), ('của máy một', '2500000'), ('trung tâm', '3000000')], 'at the second PC')
    centre.do('verify')


def of_one_key(base):
    """What two PCs entered under one key is one record: the import that became part of it is not withdrawn for both."""
    centre = kc.Centre(base).init().serve()
    one = kc.Office(base, '549', 'one').join(centre.invite('549'))
    two = kc.Office(base, '549', 'two').join(centre.invite('549'))
    path = write(base, 'a.csv', HEAD + 'S-1,Máy,549,2020,III.3,approved,1000000,\n')
    one.do('import', path)
    two.do('import', path)
    sync(one, two)
    rows = kc.rows_of(two.do('undo', '1', '--format', 'csv', want=1).stdout)
    kc.check([(r['code'], r['action'], r['reason']) for r in rows] == [('S-1', 'left', 'merged')], 'undo said %s' % rows)
    sync(two, one)
    kc.check(len(one.csv('list', 'scheme')) == 1, 'withdrawn for both')
    centre.do('verify')


if __name__ == '__main__':
    kc.main([of_other_pcs, of_one_key])
