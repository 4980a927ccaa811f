"""A store made by an older program: read as it stands by a plain read, taken further when it is opened for writing.

tests/data/stores/format-1.tar.xz holds a centre and two offices as version 0.1.0 left them before records of
consulting, staff and documents were known, with the totals it printed then. Office 549 has one update unsent."""
import hashlib
import os
import tarfile

import kc

HERE = os.path.dirname(os.path.abspath(__file__))
STORES = os.path.join(HERE, '..', 'data', 'stores', 'format-1.tar.xz')
BOUND = 5599  # where the offices know their centre


def unpack(base):
    with tarfile.open(STORES) as tar:
        tar.extractall(base)
    centre = kc.Centre(base)
    centre.dir = os.path.join(base, 'stores', 'centre')
    centre.port = BOUND
    offices = {}
    for code in ('52', '549'):
        office = offices[code] = kc.Office(base, code)
        office.dir = os.path.join(base, 'stores', 'office-' + code)
    return centre, offices


def digest(folder):
    with open(os.path.join(folder, 'data.mdb'), 'rb') as f:
        return hashlib.sha256(f.read()).hexdigest()


def printed_then(base, name):
    with open(os.path.join(base, name), encoding='utf-8') as f:
        return f.read()


def same_totals(base, centre):
    for by, name in (('year,source', 'totals.csv'), ('indicator,year,fund', 'outcomes.csv')):
        now = centre.do('totals', '--by', by, '--format', 'csv').stdout
        kc.check(now == printed_then(base, name), '%s: not what was printed then' % name)


def a_plain_read_changes_nothing(base):
    centre, offices = unpack(base)
    before = {d: digest(d) for d in [centre.dir] + [o.dir for o in offices.values()]}
    same_totals(base, centre)
    said = centre.do('verify', '--format', 'csv', want=1).stdout
    kc.check(said.count('\n') == 2, 'the old table of totals alone is named: ' + said)
    centre.do('trace', 'KC-549-2014-001')
    kc.check(centre.csv('totals', '--by', 'service,year') == [], 'consulting is empty')
    for office in offices.values():
        office.do('status')
        office.do('list', 'scheme')
        office.do('totals', '--by', 'year')
    kc.check(len(offices['549'].csv('list', '--waiting')) == 1, 'one waits')
    for folder, was in before.items():
        kc.check(digest(folder) == was, '%s was written by a read' % folder)


def going_on(base):
    centre, offices = unpack(base)
    centre.serve()
    same_totals(base, centre)
    centre.do('verify')
    offices['549'].do('sync', '--wait')
    kc.check(offices['549'].csv('list', '--waiting') == [], 'what waited has arrived')
    office = offices['52']
    for path in office.files(('consulting', 'staff', 'documents')):
        office.do('import', path)
    office.do('sync', '--wait')
    rows = centre.csv('totals', '--by', 'service')
    kc.check(sum(int(r['projects']) for r in rows) == 35, 'all projects: %r' % rows)
    kc.check(sum(int(r['revenue_vnd']) for r in rows) > 3 * 10 ** 9, 'their revenue')
    kc.check(len(office.csv('list', 'staff')) == 49 and len(office.csv('list', 'document')) == 4, 'the other kinds')
    office.do('withdraw', '1.a / 2014', '--reason', 'nhập nhầm')
    office.do('set', '1', '--kind', 'document', 'number=2651/QĐ-UBND', 'issued_on=2017-07-27')
    office.do('sync', '--wait')
    same_totals(base, centre)
    centre.do('verify')


def a_second_pc(base):
    """What an office did under the older program comes down to a PC that joins now, and both go on from there."""
    centre, offices = unpack(base)
    centre.serve()
    one = offices['549']
    was = one.do('export', 'scheme').stdout
    for _ in range(2):  # the old store's cursor begins anew once; then there is nothing left to take
        one.do('sync', '--wait')
        kc.check(one.do('export', 'scheme').stdout == was, 'taking it all again changed something')
    two = kc.Office(base, '549', 'two').join(centre.invite('549'))
    two.do('sync', '--wait')
    for kind in ('scheme', 'outcome'):
        kc.check(two.do('export', kind).stdout == one.do('export', kind).stdout, 'another %s table' % kind)
    code = one.csv('list', 'scheme')[0]['code']
    told = [[(r['revision'], r['person'], r['field'], r['new']) for r in pc.csv('history', code)] for pc in (one, two)]
    kc.check(told[0] == told[1] and len(told[0]) > 3, 'histories of %s: %r' % (code, told))
    two.do('set', code, 'note=từ máy mới')
    one.do('set', code, 'commune=Nhơn Hậu')
    for pc in (two, one, two):
        pc.do('sync', '--wait')
    kc.check(two.do('export', 'scheme').stdout == one.do('export', 'scheme').stdout, 'not both changes')
    centre.do('verify')


if __name__ == '__main__':
    kc.main([a_plain_read_changes_nothing, going_on, a_second_pc])
