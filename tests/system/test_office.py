"""What an office relies on, day after day: files in every form, what comes back out, what the centre refuses."""
import os
import subprocess

import kc

SCHEME = 'code,name,district,plan_year,item,status,province_vnd,note\n'


def write(path, text, encoding='utf-8'):
    with open(path, 'w', encoding=encoding, newline='') as f:
        f.write(text)
    return path


def offline(base):
    """A joined office, the centre stopped: nothing here needs the line."""
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '549').join(centre.invite('549'))
    centre.process.stop()
    return office


def counts(office, *argv):
    row = office.csv('import', *argv)[0]
    return int(row['created']), int(row['changed']), int(row['unchanged'])


def headers(base):
    """By name or label; case, accents and spaces do not count; the kind is recognised all the same."""
    office = offline(base)
    rows = [
        ('Mã đề án,Tên đề án,Mã đơn vị,Năm kế hoạch,Nội dung chi,Trạng thái\nA,Máy,549,2019,III.3,approved\n', 0),
        ('MA DE AN;ten đề án;Mã  đơn vị ;NĂM KẾ HOẠCH;noi dung chi;Trạng thái\nB;Máy;549;2019;III.3;approved\n', 0),
        ('CODE, Name ,district,plan_year,item,status\nC,Máy,549,2019,III.3,approved\n', 0),
        ('Mã chỉ tiêu,Mã đơn vị,Năm,Nguồn kinh phí,Giá trị\nI.1,549,2019,KCĐP,5\n', 0),
        ('Mã đề án (*),Tên đề án*,Mã đơn vị: ,Năm kế hoạch (*):,Nội dung chi *,Trạng thái (*)\nW,Máy,549,2019,III.3,approved\n', 0),
        ('Mã đề án,code,name,district,plan_year,item,status\nD,D,Máy,549,2019,III.3,approved\n', 3),
        ('code,name,district,plan_year,item,status,x,x\nE,Máy,549,2019,III.3,approved,1,2\n', 3),
        ('code,name,district,plan_year,item,status,x,,\nF,Máy,549,2019,III.3,approved,1,,\n', 0),
    ]
    for i, (text, code) in enumerate(rows):
        office.do('import', write(os.path.join(base, 'h%d.csv' % i), text), '--ignore-unknown', want=code)
    p = office.do('import', write(os.path.join(base, 'short.csv'), 'Mã đề án,Tên đề án\nG,Máy\n'), '--lang', 'vi', want=3)
    kc.check('thiếu cột: “Mã đơn vị” (district), “Năm kế hoạch” (plan_year), “Nội dung chi” (item), “Trạng thái” (status). Sửa' in p.stderr,
             'what is missing is not named: ' + p.stderr)
    p = office.do('import', write(os.path.join(base, 'wrong.csv'), 'Mã đề án,Tên công trình,Mã đơn vị,Năm kế hoạch,Nội dung chi,Tình trạng\nG,Máy,549,2019,III.3,x\n'),
                  '--lang', 'vi', want=3)
    kc.check('đề án (scheme) nhưng thiếu cột: “Tên đề án” (name), “Trạng thái” (status). Không hiểu cột: “Tên công trình”' in p.stderr
             and '“Tình trạng”' in p.stderr, 'what is wrong is not named: ' + p.stderr)
    kc.check([r['code'] for r in office.csv('list', 'scheme')] == ['A', 'B', 'C', 'F', 'W'], 'not the schemes that were right')


def exports_come_back(base):
    """Whatever the text: an export, also one for Excel, imports with 0 changes."""
    office = offline(base)
    texts = ['007', '12E5', 'None', 'NULL', '=1+1', '+84', '-5', '@x', "'=x", ' lead', 'trail ', '😀', 'a""b', 'a,b', 'a\nb', 'ƣ',
             "''=x", "'", "'-", '=', "'quoted'", '="1"', '"=1"', "'\"=1", "=a,b", '\n=1', "a\n'=1", "''", 'x' * 900]
    texts = [t if '""' in t else t.replace('"', '""') for t in texts]
    body = ''.join('T-%02d,Máy %d,549,2019,III.3,draft,%s,"%s"\n' % (i, i, i if i % 3 else '', t) for i, t in enumerate(texts))
    kc.check(counts(office, write(os.path.join(base, 'in.csv'), SCHEME + body)) == (len(texts), 0, 0), 'not all taken')
    back = {r['code']: r['note'] for r in kc.rows_of(office.do('export', 'scheme').stdout)}
    for i, t in enumerate(texts):
        want = t.replace('""', '"').replace('ƣ', 'ư')
        kc.check(back['T-%02d' % i] == want, '%r came back as %r' % (want, back['T-%02d' % i]))
    outcomes = 'indicator,district,year,fund,value\nIII.1.a,549,2019,KCĐP,1234.5\nIII.1.a,549,2018,KCQG,1.5\nI.1,549,2014-2020,KCĐP,12\n'
    office.do('import', write(os.path.join(base, 'out.csv'), outcomes))
    for kind, n in (('scheme', len(texts)), ('outcome', 3)):
        for more in ([], ['--excel']):
            path = os.path.join(base, 'back.csv')
            office.do('export', kind, '-o', path, *more)
            kc.check(counts(office, path) == (0, 0, n), 'an export %s of %s brought changes' % (more, kind))
            office.do('export', kind, '-o', path, *more)
    # and into another store byte for byte; what a person wrote so by hand stays as it is
    other = offline(os.path.join(base, 'other'))
    for kind in ('scheme', 'outcome'):
        path = os.path.join(base, 'excel.csv')
        office.do('export', kind, '-o', path, '--excel')
        other.do('import', path)
        kc.check(other.do('export', kind).stdout == office.do('export', kind).stdout, 'an export --excel of %s is another in a new store' % kind)
    other.do('import', write(os.path.join(base, 'hand.csv'), '\ufeff' + (SCHEME + "H,Máy,549,2019,III.3,draft,1,'=1\n")))
    kc.check(kc.rows_of(other.do('export', 'scheme').stdout)[0]['note'] == "'=1", 'a person\'s own text lost a letter')


def reports_of_its_own(base):
    """An office's report is of what it holds: another office's would be blank."""
    office = offline(base)
    words = ['report', '--annex', 'all', '--years', '2020', '--format', 'csv', '--office']
    office.do(*words, '549')
    p = office.do(*words, '548', want=3)
    kc.check('548' in p.stderr and p.stdout == '', 'said of another office: ' + p.stderr)
    office.do(*words, '999', want=3)


def keys_are_copied(base):
    """Each code that list shows names its record."""
    office = offline(base)
    office.do('import', write(os.path.join(base, 'o.csv'),
                              'indicator,district,year,fund,value,value_kind,period\nIII.1.a,549,2019,KCĐP,1.5,actual,\n'
                              'I.1,549,2014-2020,KCĐP,12,plan,\nI.1,549,2019,KCQG,3,estimate,2019-H1\n'))
    for row in office.csv('list', 'outcome'):
        kc.check(row['code'] == row['code'].strip() and '  ' not in row['code'], 'a code that cannot be copied: %r' % row['code'])
        office.do('show', row['code'])
        office.do('set', row['code'], 'note=x')
        kc.check(office.csv('history', row['code'])[-1]['field'] == 'note', 'no history of ' + row['code'])
        p = office.do('set', row['code'], 'year=2018', want=3)
        kc.check(row['code'] in p.stderr, 'the key is not named as people know it: ' + p.stderr)


def narrowed(base):
    """list --where and --search: what is asked for, and nothing for a slip."""
    office = offline(base)
    office.do('import', write(os.path.join(base, 's.csv'),
                              SCHEME + 'A,Ứng dụng máy móc,549,2019,III.3,approved,5,\nB,Đào tạo,549,2014-2020,I.1,draft,,Đập Đá\n'))
    for where, codes in (('year=2019', ['A']), ('year=2014-2020', ['B']), ('status=draft,item=I.1', ['B']), ('source=province', ['A']),
                         ('category=III', ['A']), ('kind=scheme', ['A', 'B']), ('kind=outcome', []), ('year=2030', []), ('note=Đập Đá', ['B'])):
        kc.check([r['code'] for r in office.csv('list', '--where', where)] == codes, 'list --where ' + where)
    for where, code in (('status=foo', 3), ('year=20x', 3), ('item=XX', 3), ('district=999', 3), ('nope=1', 2), ('year', 2)):
        p = office.do('list', '--where', where, want=code)
        kc.check(p.stdout == '', 'an answer to --where ' + where)
    for more, codes in (([], ['A', 'B']), (['scheme'], ['A', 'B']), (['outcome'], []), (['--search', 'may moc'], ['A']),
                        (['--where', 'status=draft'], ['B'])):
        kc.check([r['code'] for r in office.csv('list', *more, '--waiting')] == codes, 'list --waiting %s' % more)
    for search, codes in (('ung dung', ['A']), ('ĐẬP', ['B']), ('dap da', ['B']), ('', ['A', 'B']), ('zzz', [])):
        kc.check([r['code'] for r in office.csv('list', '--search', search)] == codes, 'list --search ' + search)


def refused_and_mended(base):
    """A refused update is named until its office mends it; what the last contact was survives a day off line."""
    centre = kc.Centre(base).init().serve()
    first, second = (kc.Office(base, o).join(centre.invite(o)) for o in ('540', '549'))
    for office in (first, second):
        path = os.path.join(base, office.code + '.csv')
        office.do('import', write(path, SCHEME + 'SAME,Máy,%s,2019,III.3,approved,5,\n' % office.code))
    first.do('sync', '--wait')
    p = second.do('sync', '--wait', want=1)
    kc.check('SAME' in p.stdout, 'the refused record is not named: ' + p.stdout)
    kc.check(second.csv('list', '--refused')[0]['reason'] == 'key_held', 'not the reason')
    for more, n in ((['scheme'], 1), (['outcome'], 0), (['--search', 'may'], 1), (['--search', 'zzz'], 0)):
        kc.check(len(second.csv('list', *more, '--refused')) == n, 'list --refused %s' % more)
    second.do('withdraw', 'SAME', '--reason', 'trùng mã')
    second.do('sync', '--wait')
    shown = {r['field']: r['value'] for r in second.csv('show', 'SAME')}
    kc.check(shown['withdrawn'] == 'yes' and shown['refused'] == 'never_taken', 'not the end of it: %s' % shown)
    second.do('add', 'scheme', 'code=OTHER', 'name=Máy', 'district=549', 'plan_year=2019', 'item=III.3', 'status=approved')
    second.do('sync', '--wait')
    kc.check(second.csv('list', '--refused') == [], 'it is still refused')
    kc.check(centre.totals('year')[0]['schemes'] == '2', 'not two schemes at the centre')
    contact = second.csv('status')[0]['last_contact']
    kc.check(second.do('doctor', '--lang', 'en').stdout.count('[ok]') == 7, 'the doctor is not content')
    centre.process.stop()
    p = second.do('doctor', '--lang', 'en', want=4)
    kc.check(any('[fail]' in line and 'port' in line for line in p.stdout.splitlines()), 'the port is not named: ' + p.stdout)
    kc.check('ask the centre' in p.stderr, 'whom to call is not said: ' + p.stderr)
    second.do('sync', '--wait', '--timeout', '1', want=4)
    after = second.csv('status')[0]
    kc.check(contact != '' and after['last_contact'] == contact, 'the last contact was forgotten')
    kc.check(after['last_error'] != '' and after['waiting'] == '0', 'status after a failed sync: %s' % after)


def closed_streams(base):
    """A stream that came closed does not lend its number to a file of the store."""
    office = offline(base)
    p = subprocess.Popen(['bash', '-c', 'exec "$0" "$@" <&- >&- 2>&-', kc.program('kc-agent'), 'serve', office.dir])
    try:
        kc.until(lambda: 'serve.lock' in ' '.join(streams(p.pid)), 10, 'serve')
        kc.check([streams(p.pid)[fd] for fd in range(3)] == ['/dev/null'] * 3, str(streams(p.pid)))
    finally:
        p.terminate()
        code = p.wait()
        kc.check(code == 0, 'serve did not end well: %s' % code)
    kc.run('bash', '-c', 'exec "$0" "$@" >&-', kc.program('kc-agent'), 'list', office.dir, want=5)
    for words in (['list', office.dir], ['--help'], ['report', office.dir, '--annex', 'all', '--years', '2020', '--format', 'csv']):
        end, pipe = os.pipe()
        os.close(end)  # as "| head" does, once it has its lines
        p = subprocess.run([kc.program('kc-agent'), *words], stdout=pipe, stderr=subprocess.PIPE)
        os.close(pipe)
        kc.check(p.returncode == 0 and p.stderr == b'', 'a pipe nobody reads: %s %s %s' % (words, p.returncode, p.stderr))


def streams(pid):
    folder = '/proc/%d/fd' % pid
    return [os.readlink(os.path.join(folder, fd)) for fd in sorted(os.listdir(folder), key=int)]


if __name__ == '__main__':
    kc.main([headers, exports_come_back, reports_of_its_own, keys_are_copied, narrowed, refused_and_mended, closed_streams])
