"""What is in doubt: found by the catalogue's checks, told to the offices concerned, answered by a person, gone when mended."""
import os

import kc

HEAD = 'code,name,district,plan_year,item,status,province_vnd,settled_province_vnd,beneficiary,registered_on,approved_on\n'
M = 10 ** 6


def scheme(code, name, office, year=2019, item='III.3', status='approved', amount=100 * M, settled='', who='', registered='', approved=''):
    return '%s,"%s",%s,%s,%s,%s,%s,%s,"%s",%s,%s\n' % (code, name, office, year, item, status, amount, settled, who, registered, approved)


def enter(office, base, *rows):
    path = os.path.join(base, 'rows-%s.csv' % office.code)
    with open(path, 'w', encoding='utf-8', newline='') as f:
        f.write(HEAD + ''.join(rows))
    office.do('import', path)
    office.do('sync', '--wait')


def flags(side, *options):
    return {r['flag']: r for r in side.csv('flags', *options)}


def one(side, check, *options):
    found = [r for r in flags(side, *options).values() if r['check'] == check]
    kc.check(len(found) == 1, '%d flags of %s: %s' % (len(found), check, found))
    return found[0]


def start(base, *codes):
    centre = kc.Centre(base).init().serve()
    return centre, *[kc.Office(base, code).join(centre.invite(code)) for code in codes]


def told(office, flag):
    """The office hears of it by itself, some time after its next contact."""
    def heard():
        office.do('sync', '--wait')
        return flags(office, '--all').get(flag)
    return kc.until(heard, 30, 'flag %s at %s' % (flag, office.code))


KILN = 'Lò nung gốm tiết kiệm điện làng Vân Sơn'
KILN_TOO = 'LÀNG VÂN SƠN lo nung gom (tiết kiệm điện)'


def two_offices(base):
    """One scheme registered by two offices: the flag reaches both, an answer too, and holds until the facts change."""
    centre, a, b = start(base, '549', '540')
    enter(a, base, scheme('A-1', KILN, '549'), scheme('A-2', 'Máy CNC 2 trục khắc gỗ', '549'))
    enter(b, base, scheme('B-1', KILN_TOO, '540', amount=95 * M), scheme('B-2', 'Máy CNC 3 trục khắc gỗ', '540'))
    row = one(centre, 'duplicate')
    kc.check(list(row) == ['flag', 'check', 'office', 'codes', 'since', 'state', 'words', 'answer', 'person', 'severity'], str(list(row)))
    kc.check((row['codes'], row['office'], row['state']) == ('A-1;B-1', '549;540', 'open') and row['since'] != '', str(row))
    flag = row['flag']
    for office, own, other in ((a, 'A-1', 'B-1'), (b, 'B-1', 'A-1')):
        seen = told(office, flag)
        kc.check((seen['codes'], seen['state']) == (own, 'open') and other in seen['words'], str(seen))
        kc.check(office.csv('status')[0]['flags'] == '1', 'status does not count it')
        kc.check(flag in office.do('show', own, '--format', 'csv').stdout, 'show does not name it')
        kc.check(flag not in office.do('show', own.replace('1', '2'), '--format', 'csv').stdout, 'show names it elsewhere')

    centre.do('answer', flag, want=2)
    centre.do('answer', flag, '--reason', ' ', want=2)
    for side in (centre, a):
        said = side.do('flags', '--check', 'foo', '--lang', 'en', want=3)
        kc.check('"foo"' in said.stderr and 'duplicate' in said.stderr and said.stdout == '', 'an unknown check: %s' % said)
    centre.do('answer', 'nosuchflag00', '--reason', 'x', want=3)
    centre.do('answer', flag, '--reason', 'Hai lò ở hai làng', '--as', 'Lan')
    said = centre.do('answer', flag, '--reason', 'Hai lò ở hai làng', '--as', 'Lan', '--lang', 'en').stdout
    kc.check('before' in said, said)
    row = one(centre, 'duplicate')
    kc.check((row['state'], row['answer'], row['person']) == ('answered', 'Hai lò ở hai làng', 'Lan'), str(row))
    kc.check(flags(centre, '--open') == {}, 'an answered flag is not open')
    for office in (a, b):
        office.do('sync', '--wait')
        seen = flags(office)[flag]
        kc.check((seen['state'], seen['answer'], seen['person']) == ('answered', 'Hai lò ở hai làng', 'Lan'), str(seen))
        kc.check(office.csv('status')[0]['flags'] == '0', 'status counts what is answered')

    # Something else of the record changes: the answer holds. The amount changes: another flag, and the first is gone.
    a.do('set', 'A-1', 'note=xong')
    a.do('sync', '--wait')
    kc.check(one(centre, 'duplicate')['state'] == 'answered', 'a note is no new fact')
    a.do('set', 'A-1', 'province_vnd=%d' % (97 * M))
    a.do('sync', '--wait')
    row = one(centre, 'duplicate')
    kc.check(row['flag'] != flag and row['state'] == 'open', str(row))
    kc.check(flags(centre, '--all')[flag]['state'] == 'resolved', 'the first is not resolved')
    told(b, row['flag'])
    kc.until(lambda: b.do('sync', '--wait') and flags(b, '--all')[flag]['state'] == 'resolved', 30, 'the office hears that it is gone')

    # Mended: nothing in doubt any more, and the office hears that too.
    last = row['flag']
    b.do('withdraw', 'B-1', '--reason', 'trùng với An Nhơn')
    b.do('sync', '--wait')
    kc.check(flags(centre) == {}, str(flags(centre)))
    kc.until(lambda: a.do('sync', '--wait') and a.csv('status')[0]['flags'] == '0', 30, 'the other office hears that it is gone')
    kc.check(flags(a) == {}, str(flags(a)))
    centre.do('answer', last, '--reason', 'x', want=3)
    events = [r['event'] for r in centre.csv('flags', '--history', flag)]
    kc.check(events == ['opened', 'opened', 'answered', 'answered', 'cleared', 'cleared'], str(events))
    centre.do('verify')


def without_serve(base):
    """With no serve, flags are worked out when asked, and an answer is taken; serve goes on from there."""
    centre, a, b = start(base, '549', '540')
    enter(a, base, scheme('A-1', KILN, '549'))
    centre.process.stop()
    a.do('set', 'A-1', 'registered_on=2019-05-01', 'approved_on=2019-04-01')
    kc.check(one(a, 'dates')['state'] == 'open', 'the office sees it with no line')
    kc.check('dates' in a.do('show', 'A-1', '--format', 'csv').stdout, 'show does not name it')
    centre.serve()
    a.do('sync', '--wait')
    enter(b, base, scheme('B-1', KILN_TOO, '540'))
    centre.process.stop()
    before = flags(centre)
    kc.check(sorted(r['check'] for r in before.values()) == ['dates', 'duplicate'], str(before))
    flag = one(centre, 'dates')['flag']
    kc.check(flag == one(a, 'dates')['flag'], 'both sides name it alike')
    for side in (a, centre):  # people read labels, machines the columns' names
        shown = side.do('flags', '--check', 'dates', '--lang', 'vi').stdout
        kc.check('Ngày phê duyệt' in shown and 'approved_on' not in shown, shown)
        kc.check('approved_on' in one(side, 'dates')['words'], 'words for machines')
    centre.do('answer', flag, '--reason', 'đúng như vậy', '--as', 'Lan')
    centre.do('verify')
    centre.serve()
    kc.check({k: v['state'] for k, v in flags(centre).items()} ==
             {k: 'answered' if k == flag else 'open' for k in before}, 'serve sees others')
    seen = told(a, flag)
    kc.until(lambda: a.do('sync', '--wait') and flags(a)[flag]['state'] == 'answered', 30, 'the answer at the office')
    told(b, one(centre, 'duplicate')['flag'])
    kc.check(len(flags(b)) == 1 and seen['person'] in ('', 'Lan'), 'an office sees its own')

    # Killed and started again: nothing is told twice, nothing is lost.
    def position():
        return centre.do('totals', '--by', 'year', '--format', 'json').stdout.split('"')[3]
    centre.process.kill()
    at = position()
    centre.serve()
    a.do('sync', '--wait')
    kc.check({k: v['state'] for k, v in flags(centre, '--all').items()} ==
             {k: 'answered' if k == flag else 'open' for k in before}, 'after a crash')
    enter(a, base, scheme('A-9', 'Máy sấy bún', '549', approved='2019-06-01', registered='2019-05-01'))
    enter(a, base, scheme('A-9', 'Máy sấy bún', '549', amount=250 * M, approved='2017-06-01', year=2017))  # a note: told to nobody
    kc.check(one(centre, 'ceiling')['severity'] == 'note', 'a ceiling that priority may lift is a note')
    kc.check(at != position(), 'the log has grown')
    kc.check(len(centre.csv('flags', '--history', flag)) == 2, 'told twice')
    centre.do('verify')


def each_check(base):
    """One row a check, each side of its limit; at the centre and, where it needs only the office's own, at the office."""
    centre, a = start(base, '549')
    rows = [  # (check, the code doubted, whether the office finds it by itself), rows that do and rows that do not
        ('ceiling', 'C-1', True, [scheme('C-1', 'Máy ép một', '549', 2017, amount=301 * M), scheme('C-2', 'Máy ép hai', '549', 2017, amount=200 * M)]),
        ('ceiling', 'C-3', True, [scheme('C-3', 'Máy ép ba', '549', 2019, amount=451 * M), scheme('C-4', 'Máy ép bốn', '549', 2019, amount=300 * M)]),
        ('ceiling', 'C-5', True, [scheme('C-5', 'Máy ép năm', '549', 2018, amount=250 * M, approved='2018-05-10'),
                                  scheme('C-6', 'Máy ép sáu', '549', 2018, amount=250 * M, approved='2018-05-11'),
                                  scheme('C-7', 'Máy ép bảy', '549', 2018, amount=250 * M)]),
        ('settled_above', 'S-1', True, [scheme('S-1', 'Máy hấp một', '549', 2015, 'IX.6', 'settled', 90 * M, 90 * M + 1),
                                        scheme('S-2', 'Máy hấp hai', '549', 2015, 'IX.6', 'settled', 91 * M, 91 * M)]),
        ('twice', 'T-1;T-2', False, [scheme('T-1', 'Máy cắt đá', '549', 2014, who='HTX Đập Đá'), scheme('T-2', 'Máy mài bóng', '549', 2017, who='hợp tác xã đập đá', amount=30 * M),
                                     scheme('T-3', 'Máy tiện', '549', 2021, who='HTX Đập Đá', amount=31 * M)]),
        ('unit_money', 'U-1', False, [scheme('U-1', 'Hội chợ xuân', '549', 2016, 'IV.2', amount=100000), scheme('U-2', 'Hội chợ hè', '549', 2016, 'IV.2', amount=M)]),
    ]
    for check, codes, here, lines in rows:
        before, mine = set(flags(centre)), set(flags(a))
        enter(a, base, *lines)
        new = [r for k, r in flags(centre).items() if k not in before]
        kc.check([(r['check'], r['codes']) for r in new] == [(check, codes)], '%s: %s' % (check, new))
        found = [r['codes'] for k, r in flags(a).items() if k not in mine and r['check'] == check]
        kc.check(found == [codes] or (found == [] and not here), '%s at the office: %s' % (check, found))  # others may be told any time
    path = os.path.join(base, 'outcomes.csv')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('indicator,district,year,fund,value\nI.1,549,2018,KCĐP,30\nI.1.a,549,2018,KCĐP,31\nI.1,549,2019,KCĐP,30\nI.1.a,549,2019,KCĐP,30\n')
    a.do('import', path)
    row = one(a, 'subset')
    kc.check('31' in row['words'] and '30' in row['words'] and '2018' in row['codes'], str(row))
    a.do('sync', '--wait')
    kc.check(one(centre, 'subset')['flag'] == row['flag'], 'both sides name it alike')
    kc.check(set(flags(centre, '--office', '549')) == set(flags(centre)) and flags(centre, '--office', '540') == {}, '--office')
    kc.check({r['check'] for r in flags(centre, '--check', 'twice').values()} == {'twice'}, '--check')
    centre.do('flags', '--office', '999', want=3)
    kc.check('T-1' in centre.do('flags').stdout, 'the table for people')


def catalogue_says(base):
    """A check the catalogue does not name is not run, one of an unknown kind is stepped over, a bad one refused with its line."""
    centre, a = start(base, '549')
    enter(a, base, scheme('C-1', 'Máy ép một', '549', 2017, amount=301 * M))
    kc.check(one(centre, 'ceiling')['state'] == 'open', 'flagged at first')
    told(a, one(centre, 'ceiling')['flag'])
    file = kc.run(kc.program('kc-collector'), 'catalogue', 'show', centre.dir).stdout
    lines = file.splitlines()
    at = next(i for i, l in enumerate(lines) if l.startswith('ceiling,ceiling,'))

    def put(line, want=0):
        path = os.path.join(base, 'catalogue.csv')
        with open(path, 'w', encoding='utf-8') as f:
            f.write('\n'.join(lines[:at] + line + lines[at + 1:]) + '\n')
        return kc.run(kc.program('kc-collector'), 'catalogue', 'import', centre.dir, path, want=want)
    p = put([lines[at].replace(',warning,', ',loud,')], 3)
    kc.check(str(at + 1) in p.stderr and 'severity' in p.stderr, p.stderr)
    put([lines[at].replace('ceiling,ceiling,', 'ceiling,horoscope,')])
    p = centre.do('flags', '--format', 'csv')
    kc.check(len(p.stdout.splitlines()) == 1 and 'ceiling' in p.stderr, p.stdout + p.stderr)
    kc.until(lambda: a.do('sync', '--wait') and flags(a) == {}, 30, 'the office hears that it is gone')
    put([])
    kc.check(centre.do('flags', '--format', 'csv').stderr == '', 'a check that is not there is not missed')
    head = next(i for i, l in enumerate(lines) if l == '[checks]')
    rest = next(i for i in range(head, len(lines)) if lines[i] == '')
    path = os.path.join(base, 'catalogue.csv')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines[:head] + lines[rest:]) + '\n')
    kc.run(kc.program('kc-collector'), 'catalogue', 'import', centre.dir, path)
    kc.check('[checks]' in centre.do('flags').stderr, 'a catalogue without checks must say so')
    put([lines[at]])
    kc.check(one(centre, 'ceiling')['state'] == 'open', 'the same flag again')
    centre.do('verify')


if __name__ == '__main__':
    kc.main([two_offices, without_serve, each_check, catalogue_says])
