"""Bad input of every sort: a clear error with file, line, column and advice; the right exit code; the store untouched."""
import os
import shutil

import kc

HEAD = 'code,name,district,plan_year,item,status,province_vnd,note\n'
GOOD = 'KC-549-2019-901,Hỗ trợ máy,549,2019,III.3,approved,5000000,\n'


def standing(base):
    """A joined office with one scheme in it, and the centre stopped."""
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '549').join(centre.invite('549'))
    centre.process.stop()
    path = os.path.join(base, 'good.csv')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(HEAD + GOOD)
    office.do('import', path)
    return centre, office


def state(office):
    return office.do('export', 'scheme').stdout, office.do('list', '--waiting', '--format', 'csv').stdout


# what the file holds (text or bytes), what the message must name: line, column (0 = none), a word of it
BAD_FILES = [
    ('empty', '', 0, None),
    ('header only half', 'code,na', 0, None),
    ('no kind', 'a,b,c\n1,2,3\n', 0, None),
    ('unknown column', HEAD.replace('note', 'ghi_chu_la') + GOOD, 1, 'ghi_chu_la'),
    ('same header twice', HEAD.replace('note', 'name') + GOOD, 1, 'name'),
    ('row too short', HEAD + 'KC-1,Máy,549\n', 2, None),
    ('row too long', HEAD + GOOD.strip() + ',x\n', 2, None),
    ('open quote', HEAD + GOOD + 'KC-2,"Máy,549,2019,III.3,approved,1,\n', 3, None),
    ('text after quote', HEAD + 'KC-2,"Máy"x,549,2019,III.3,approved,1,\n', 2, None),
    ('invalid utf-8', (HEAD + 'KC-2,M').encode() + b'\xe1y,549,2019,III.3,approved,1,\n', 2, None),
    ('nul', (HEAD + 'KC-2,M').encode() + b'\0y,549,2019,III.3,approved,1,\n', 2, None),
    ('control', (HEAD + 'KC-2,M').encode() + b'\x07y,549,2019,III.3,approved,1,\n', 2, None),
    ('unknown item', HEAD + 'KC-2,Máy,549,2019,III.33,approved,1,\n', 2, 'III.33'),
    ('an item of no group', HEAD + 'KC-2,Máy,549,2019,XX.9,approved,1,\n', 2, 'kc-agent template'),
    ('unknown status', HEAD + 'KC-2,Máy,549,2019,III.3,done,1,\n', 2, 'done'),
    ('unknown district', HEAD + 'KC-2,Máy,599,2019,III.3,approved,1,\n', 2, '599'),
    ('foreign office', HEAD + 'KC-2,Máy,540,2019,III.3,approved,1,\n', 2, '540'),
    ('year out of range', HEAD + 'KC-2,Máy,549,1999,III.3,approved,1,\n', 2, '1999'),
    ('span backwards', HEAD + 'KC-2,Máy,549,2020-2014,III.3,approved,1,\n', 2, '2020-2014'),
    ('negative amount', HEAD + 'KC-2,Máy,549,2019,III.3,approved,-1,\n', 2, '-1'),
    ('amount too large', HEAD + 'KC-2,Máy,549,2019,III.3,approved,1000000000000001,\n', 2, None),
    ('grouped number', HEAD + 'KC-2,Máy,549,2019,III.3,approved,1.388,\n', 2, '1.388'),
    ('scientific', HEAD + 'KC-2,Máy,549,2019,III.3,approved,1E+09,\n', 2, '1E+09'),
    ('a word for a number', HEAD + 'KC-2,Máy,549,2019,III.3,approved,nhiều,\n', 2, 'nhiều'),
    ('code not ascii', HEAD + 'KC-Đ,Máy,549,2019,III.3,approved,1,\n', 2, 'KC-Đ'),
    ('missing name', HEAD + 'KC-2,,549,2019,III.3,approved,1,\n', 2, 'name'),
    ('missing key', HEAD + ',Máy,549,2019,III.3,approved,1,\n', 2, 'code'),
    ('same key twice', HEAD + 'KC-2,A,549,2019,III.3,approved,1,\nKC-2,B,549,2019,III.3,approved,1,\n', 3, 'KC-2'),
    ('illegal move', HEAD + GOOD.replace('approved', 'draft'), 2, None),
    ('settled without amount', HEAD + GOOD.replace('approved', 'settled'), 2, None),
    ('over-long name', HEAD + 'KC-2,%s,549,2019,III.3,approved,1,\n' % ('x' * 5000), 2, None),
    ('a workbook by another name', b'PK\x03\x04' + b'\0' * 500, 0, None),
    ('noise', bytes(range(256)) * 40, 0, None),
    ('a good row then a bad one', HEAD + GOOD.replace('901', '902') + 'KC-3,Máy,549,2019,III.3,approved,x,\n', 3, None),
    ('consulting is the province\'s', 'code,service,year,revenue_vnd\nTV-1,1,2019,5\n', 2, '52'),
    ('unknown service', 'code,service,year,revenue_vnd\nTV-1,99,2019,5\n', 2, '99'),
    ('staff is the province\'s', 'indicator,year,value\n1,2019,5\n', 2, '52'),
    ('a part of a person', 'indicator,year,value\n1,2019,1.5\n', 2, '1.5'),
    ('unknown state of a document', 'no,title,status\n1,x,y\n', 2, 'drafting'),
]


def bad_files(base):
    _, office = standing(base)
    before = state(office)
    for name, content, line, word in BAD_FILES:
        path = os.path.join(base, 'bad file.csv')
        with open(path, 'wb') as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        for lang, line_word in (('vi', 'dòng'), ('en', 'line')):
            dry = office.do('import', path, '--dry-run', '--lang', lang, want=3)
            p = office.do('import', path, '--lang', lang, want=3)
            kc.check('bad file.csv' in p.stderr, '%s: the file is not named: %s' % (name, p.stderr))
            kc.check(not line or '%s %d' % (line_word, line) in p.stderr, '%s: line %d is not named: %s' % (name, line, p.stderr))
            kc.check(not word or word in p.stderr, '%s: %r is not named: %s' % (name, word, p.stderr))
            kc.check(dry.stderr.count('\n') >= 1, '%s: the dry run says nothing' % name)
        kc.check(state(office) == before, '%s changed the store' % name)


def bad_paths(base):
    _, office = standing(base)
    before = state(office)
    office.do('import', os.path.join(base, 'none.csv'), want=3)
    office.do('import', base, want=3)
    large = os.path.join(base, 'large.csv')
    with open(large, 'wb') as f:
        f.write(HEAD.encode())
        f.truncate(200 << 20)
    kc.check('large.csv' in office.do('import', large, want=3).stderr, 'the large file is not named')
    os.remove(large)
    # a file cut in the middle of a row
    path = office.files()[0]
    with open(path, 'rb') as f:
        whole = f.read()
    cut = os.path.join(base, 'cut.csv')
    with open(cut, 'wb') as f:
        f.write(whole[:len(whole) // 2].rsplit(b',', 5)[0])
    office.do('import', cut, want=3)
    # with several files each stands alone and the first refused one stops
    good = os.path.join(base, 'second.csv')
    with open(good, 'w', encoding='utf-8') as f:
        f.write(HEAD + GOOD.replace('901', '903'))
    late = os.path.join(base, 'third.csv')
    with open(late, 'w', encoding='utf-8') as f:
        f.write(HEAD + GOOD.replace('901', '904'))
    kc.check(state(office) == before, 'a refused file changed the store')
    office.do('import', good, cut, late, want=3)
    codes = {r['code'] for r in kc.rows_of(office.do('export', 'scheme').stdout)}
    kc.check(codes == {'KC-549-2019-901', 'KC-549-2019-903'}, 'stored: %s' % codes)


def wrong_use(base):
    _, office = standing(base)
    before = state(office)
    agent, collector = kc.program('kc-agent'), kc.program('kc-collector')
    for argv in ([agent], [agent, 'nonsense'], [agent, 'import'], [agent, 'list', office.dir, '--no-such'], [collector, 'totals', office.dir],
                 [collector], [collector, 'invite', office.dir], [agent, 'set', office.dir], [agent, 'import', office.dir, 'x', '--locale', 'fr']):
        p = kc.run(*argv, want=2)
        kc.check(p.stdout == '' and p.stderr != '', 'wrong use must speak on stderr only: %s' % argv)
    for argv in ([agent, '--help'], [agent, 'import', '--help'], [collector, '--help'], [collector, 'invite', '--help'],
                 [agent, '--version'], [collector, '--version']):
        kc.check(kc.run(*argv).stdout != '', 'no help from %s' % argv)
    office.do('show', 'KC-NONE', want=3)
    office.do('set', 'KC-549-2019-901', 'nope=1', want=(2, 3))
    office.do('set', 'KC-549-2019-901', 'item=XX', want=3)
    office.do('set', 'KC-549-2019-901', 'status=draft', want=3)
    office.do('withdraw', 'KC-549-2019-901', want=2)
    kc.check(state(office) == before, 'wrong use changed the store')
    office.do('set', 'KC-549-2019-901', 'name=Hỗ trợ máy')
    kc.check(state(office) == before, 'a set that changes nothing made an update')


def no_store(base):
    """What is no store, or was cut: exit 5 and words, from every command; nothing is created."""
    centre, office = standing(base)
    agent, collector = kc.program('kc-agent'), kc.program('kc-collector')
    empty = os.path.join(base, 'empty')
    os.mkdir(empty)
    text = os.path.join(base, 'text')
    os.mkdir(text)
    for name in ('data.mdb', 'store.mdb'):
        with open(os.path.join(text, name), 'w') as f:
            f.write('this is no store\n' * 1000)
    zero = os.path.join(base, 'zero')
    os.mkdir(zero)
    open(os.path.join(zero, 'data.mdb'), 'w').close()
    for folder in (empty, text, zero, os.path.join(base, 'missing')):
        listing = sorted(os.listdir(folder)) if os.path.isdir(folder) else None
        for argv in ([agent, 'list', folder], [agent, 'status', folder], [agent, 'import', folder, office.files()[0]],
                     [agent, 'sync', folder], [agent, 'serve', folder], [collector, 'totals', folder, '--by', 'year'],
                     [collector, 'verify', folder], [collector, 'serve', folder, '--bind', 'tcp://127.0.0.1:0'],
                     [collector, 'agents', folder]):
            p = kc.run(*argv, want=5)
            kc.check(p.stderr.strip() != '', 'no words from %s' % argv)
        kc.check((sorted(os.listdir(folder)) if os.path.isdir(folder) else None) == listing, '%s was changed' % folder)
    # each other's stores
    for argv in ([agent, 'list', centre.dir], [agent, 'serve', centre.dir], [collector, 'agents', office.dir],
                 [collector, 'serve', office.dir, '--bind', 'tcp://127.0.0.1:0']):
        p = kc.run(*argv, '--lang', 'en', want=5)
        kc.check(' is no store of ' in p.stderr, 'words of %s: %s' % (argv, p.stderr))
    # cut stores, at several lengths: an error, never a crash
    for source, commands in ((office.dir, [[agent, 'list'], [agent, 'status'], [agent, 'serve']]),
                             (centre.dir, [[collector, 'verify'], [collector, 'agents'], [collector, 'serve', '--bind', 'tcp://127.0.0.1:0']])):
        size = os.path.getsize(os.path.join(source, 'data.mdb'))
        for keep in (0, 1, 100, 4096, 4097, 8192, 12288, size // 2, size - 4096):
            if keep >= size:
                continue
            cut = os.path.join(base, 'cut')
            shutil.rmtree(cut, ignore_errors=True)
            shutil.copytree(source, cut)
            with open(os.path.join(cut, 'data.mdb'), 'r+b') as f:
                f.truncate(keep)
            for argv in commands:
                # the last page may be a free one: then nothing is missing and reading succeeds
                whole = keep == size - 4096
                if whole and argv[1] == 'serve':
                    continue
                p = kc.run(*argv, cut, want=(0, 5) if whole else 5)
                kc.check(p.returncode == 0 or p.stderr.strip() != '', 'no words from %s on a store cut to %d' % (argv, keep))
    kc.run(collector, 'init', centre.dir, want=5)


def damaged_bytes(base):
    """A byte of a record turned over on disk: verify says no and names the record."""
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '546').join(centre.invite('546'))
    for path in office.files(('schemes',)):
        office.do('import', path)
    office.do('sync', '--wait')
    centre.process.stop()
    centre.do('verify')
    data = os.path.join(centre.dir, 'data.mdb')
    with open(data, 'rb') as f:
        whole = f.read()
    code = office.csv('list', 'scheme')[0]['code']
    places, at = [], whole.find(code.encode() + b')')  # inside the name of that scheme, wherever it is stored
    while at >= 0:
        places.append(at)
        at = whole.find(code.encode() + b')', at + 1)
    kc.check(places, 'the record is not in the file')
    said_no = named = 0
    for place in places:
        with open(data, 'r+b') as f:
            f.seek(place)
            f.write(bytes([whole[place] ^ 1]))
        p = centre.do('verify', want=None)
        kc.check(p.returncode in (0, 1), 'verify ended with %d' % p.returncode)
        said_no += p.returncode == 1
        named += p.returncode == 1 and code in p.stdout + p.stderr
        with open(data, 'r+b') as f:
            f.seek(place)
            f.write(whole[place:place + 1])
    # some places are old pages that nothing points to any more; log and record are two that are live
    kc.check(said_no >= 2 and named >= 1, 'of %d places verify said no to %d and named the record %d times' % (len(places), said_no, named))
    centre.do('verify')


if __name__ == '__main__':
    kc.main([bad_files, bad_paths, wrong_use, no_store, damaged_bytes])
