"""Stores that are not what they were: a DIR copied to a second PC, an old copy put back, a PC installed anew. What was
entered arrives once, wherever it was entered; what an old copy has lost comes back; people at the centre are told until
one of them confirms."""
import os
import random
import shutil
import time

import kc

SCHEME = 'code,name,district,plan_year,item,status,province_vnd,note\n'
ENGLISH = dict(kc.ENV, LC_ALL='en_US.UTF-8', LANG='en_US.UTF-8')
CALM = ('offline', 'online', 'draining')
TOTALS = ('year,item,source', 'year,status')


def add(pc, code, money=1000000, note=''):
    pc.do('add', 'scheme', 'code=' + code, 'name=Máy ' + code, 'district=549', 'plan_year=2020', 'item=III.3',
          'status=approved', 'province_vnd=%d' % money, 'note=' + note, '--as', 'An')


def sync(*pcs):
    """Until everybody has what the others sent."""
    for pc in pcs + pcs:
        pc.do('sync', '--wait')


def start(base):
    centre = kc.Centre(base).init().serve()
    return centre, kc.Office(base, '549', 'one').join(centre.invite('549'))


def copied(base, pc, name):
    """The same DIR once more, as a disk image or a backup has it."""
    other = kc.Office(base, '549', name)
    shutil.copytree(pc.dir, other.dir)
    return other


def put_back(pc, copy):
    shutil.rmtree(pc.dir)
    shutil.copytree(copy.dir, pc.dir)


def entered(pc):
    return {r['code']: (r['province_vnd'], r['note']) for r in kc.rows_of(pc.do('export', 'scheme').stdout)}


def agree(centre, want, *pcs):
    """All hold what was entered, and nothing counts twice."""
    for pc in pcs:
        kc.check(entered(pc) == want, '%s holds %r, entered was %r' % (pc.dir, entered(pc), want))
        for by in TOTALS:
            kc.check(pc.csv('totals', '--by', by) == centre.totals(by, 'district=549'), 'totals by %s differ at %s' % (by, pc.dir))
    money = sum(int(r['support_vnd']) for r in centre.totals('year', 'district=549'))
    kc.check(money == sum(int(m) for m, _ in want.values()), 'the centre counts %d' % money)
    centre.do('verify')


def state(centre, agent='549-1'):
    return [r['state'] for r in centre.csv('agents') if r['agent'] == agent][0]


def told(centre, pc, name):
    """The alarm stands at the centre with words, the office is told that nothing is lost; a person confirms."""
    kc.check(state(centre) == name, 'state is %s, not %s' % (state(centre), name))
    words = centre.do('agents', '--format', 'table', env=ENGLISH).stdout
    kc.check('kc-collector confirm' in words and 'all the office' in words, 'no words for people: ' + words)
    said = pc.do('status', env=ENGLISH).stdout
    kc.check('nothing is lost' in said, 'status says nothing of it: ' + said)
    centre.do('confirm', '549-1', '--reason', 'đã gọi', '--as', 'Hòa')
    kc.check(state(centre) in CALM, 'not confirmed: ' + state(centre))
    pc.do('sync', '--wait')
    kc.check('nothing is lost' not in pc.do('status', env=ENGLISH).stdout, 'status goes on about it')


def clone(base):
    """Two PCs run copies of one DIR: both send, both have everything."""
    centre, one = start(base)
    add(one, 'S-1')
    sync(one)
    one.do('set', 'S-1', 'note=chờ', '--as', 'An')  # waits while the disk is copied
    two = copied(base, one, 'two')
    want = {'S-1': ('1000000', 'chờ')}
    for i in range(5):
        add(one, 'A-%d' % i, 100 + i)
        add(two, 'B-%d' % i, 200 + i)
        want['A-%d' % i], want['B-%d' % i] = (str(100 + i), ''), (str(200 + i), '')
    two.do('set', 'B-1', 'note=của hai', '--as', 'Bình')
    one.do('set', 'A-1', 'note=của một', '--as', 'An')
    want['A-1'], want['B-1'] = ('101', 'của một'), ('201', 'của hai')
    sync(one)
    kc.check(state(centre) in CALM, 'an alarm too early: ' + state(centre))
    sync(two, one)
    agree(centre, want, one, two)
    kc.check(state(centre) == 'forked', 'no alarm: ' + state(centre))
    add(one, 'A-9', 5)  # the stream that was left is written on: there are two
    add(two, 'B-9', 6)
    want['A-9'], want['B-9'] = ('5', ''), ('6', '')
    sync(one, two)
    agree(centre, want, one, two)
    one.do('set', 'B-1', 'note=cả hai', '--as', 'An')
    want['B-1'] = ('201', 'cả hai')
    sync(one, two)
    agree(centre, want, one, two)
    told(centre, two, 'cloned')


def clones_served(base):
    """Both at the same time, on the line: the newest session stands, and in turn both get through."""
    centre, one = start(base)
    add(one, 'S-1')
    sync(one)
    two = copied(base, one, 'two')
    want = {'S-1': ('1000000', '')}
    one.serve()
    two.serve()
    for i in range(4):
        add(one, 'A-%d' % i, 10 + i)
        add(two, 'B-%d' % i, 20 + i)
        want['A-%d' % i], want['B-%d' % i] = (str(10 + i), ''), (str(20 + i), '')
    kc.until(lambda: entered(one) == want and entered(two) == want, 150, 'both PCs have what both entered')
    agree(centre, want, one, two)
    one.process.stop()
    two.process.stop()


def idle_copies(base):
    """Neither copy has written anything since: both merely connect, in turn, and people are told all the same."""
    centre, one = start(base)
    add(one, 'S-1')
    sync(one)
    two = copied(base, one, 'two')
    sync(one)
    kc.check(state(centre) in CALM, 'an alarm too early: ' + state(centre))
    two.do('sync', '--wait')
    kc.until(lambda: state(centre) == 'forked', 20, 'the centre says forked')
    words = centre.do('agents', '--format', 'table', env=ENGLISH).stdout
    kc.check('kc-collector confirm' in words and 'copied to another PC' in words, 'no words for people: ' + words)
    one.do('sync', '--wait')
    two.do('sync', '--wait')
    kc.until(lambda: state(centre) == 'cloned', 20, 'the centre says cloned')
    centre.do('confirm', '549-1', '--reason', 'đã gọi', '--as', 'Hòa')
    for _ in range(3):  # the one that goes on, and its line cut
        one.do('sync', '--wait')
    kc.check(state(centre) in CALM, 'again, of one alone: ' + state(centre))
    one.serve()
    kc.until(lambda: state(centre) == 'online', 20, 'it is on the line')
    centre.process.kill()
    centre.serve()
    kc.until(lambda: state(centre) == 'online', 40, 'it came back by itself')
    one.process.stop()
    agree(centre, {'S-1': ('1000000', '')}, one, two)


def old_copy(base):
    """A backup of some weeks ago is put back: what it lost comes down, and work goes on."""
    centre, one = start(base)
    for i in range(3):
        add(one, 'S-%d' % i, 10 + i)
    sync(one)
    add(one, 'S-3', 13)  # waits in the backup, and arrives after it was made
    backup = copied(base, one, 'backup')
    one.do('set', 'S-0', 'note=sau', '--as', 'An')
    add(one, 'S-4', 14)
    path = os.path.join(base, 'lost.csv')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(SCHEME + ''.join('I-%d,Máy,549,2020,III.3,approved,%d,\n' % (i, 50 + i) for i in range(20)))
    one.do('import', path, '--as', 'An')
    sync(one)
    want = entered(one)
    put_back(one, backup)
    kc.check(len(entered(one)) == 4, 'not the old copy')
    add(one, 'N-1', 77)  # goes on before there is a line
    one.do('set', 'S-1', 'note=mới', '--as', 'An')
    want['N-1'], want['S-1'] = ('77', ''), ('11', 'mới')
    sync(one)
    agree(centre, want, one)
    kc.check(not one.csv('conflicts'), 'conflicts out of nothing')
    lines = one.csv('history', 'S-0')
    kc.check([(r['field'], r['new'], r['agent']) for r in lines][-1] == ('note', 'sau', '549-1'), 'history: %r' % lines)
    one.do('set', 'S-4', 'note=tiếp', '--as', 'An')
    want['S-4'] = ('14', 'tiếp')
    sync(one)
    agree(centre, want, one)
    told(centre, one, 'forked')
    put_back(one, backup)  # and once more
    sync(one)
    agree(centre, want, one)
    kc.check(state(centre) == 'forked', 'the second time: ' + state(centre))


def undone(base):
    """Imports of before and after are taken back as ever; what was refused stays so."""
    centre, one = start(base)
    for name, codes in (('a.csv', ('A-1', 'A-2')), ('b.csv', ('B-1', 'B-2'))):
        path = os.path.join(base, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(SCHEME + ''.join('%s,Máy,549,2020,III.3,approved,5,\n' % c for c in codes))
        one.do('import', path, '--as', 'An')
        if name == 'a.csv':
            sync(one)
            backup = copied(base, one, 'backup')
            add(one, 'X-1', 7)
            sync(one)
            put_back(one, backup)
    sync(one)
    agree(centre, {'A-1': ('5', ''), 'A-2': ('5', ''), 'B-1': ('5', ''), 'B-2': ('5', ''), 'X-1': ('7', '')}, one)
    numbers = [r['import'] for r in one.csv('imports')]
    for n in numbers:
        one.do('undo', n, '--as', 'An')
    sync(one)
    agree(centre, {'X-1': ('7', '')}, one)


def reinstalled(base):
    """A PC that lost its disk joins by a new invite, and has the office again."""
    centre, one = start(base)
    for i in range(3):
        add(one, 'S-%d' % i, 10 + i)
    sync(one)
    want = entered(one)
    shutil.rmtree(one.dir)
    again = kc.Office(base, '549', 'again').join(centre.invite('549'))
    sync(again)
    add(again, 'N-1', 5)
    want['N-1'] = ('5', '')
    sync(again)
    agree(centre, want, again)


def killed(base):
    """Killed at any moment of leaving the stream, it leaves it once."""
    centre, one = start(base)
    path = os.path.join(base, 'many.csv')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(SCHEME + ''.join('I-%d,Máy,549,2020,III.3,approved,1,\n' % i for i in range(1500)))
    add(one, 'S-1', 10)
    sync(one)
    backup = copied(base, one, 'backup')
    add(one, 'S-2', 11)
    sync(one)
    put_back(one, backup)
    one.do('import', path, '--as', 'An')
    want = entered(one)
    want['S-2'] = ('11', '')
    chance = random.Random(4)
    for _ in range(8):
        one.serve()
        time.sleep(chance.random() * 0.25)
        one.process.kill()
    sync(one)
    agree(centre, want, one)
    kc.check(state(centre) == 'forked', 'no alarm: ' + state(centre))


if __name__ == '__main__':
    kc.main([clone, clones_served, idle_copies, old_copy, undone, reinstalled, killed])
