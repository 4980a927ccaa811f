"""Money ledger and beneficiaries of schemes: from files, one at a time, through the line, and to the limits."""
import os

import kc

LEDGER = 'scheme_code,ledger_kind,date,budget_year,source,amount_vnd,voucher_no,note\n'
REACHED = 'scheme_code,name,address,support_vnd,accepted_on\n'


def write(base, name, text):
    path = os.path.join(base, name)
    with open(path, 'w', encoding='utf-8', newline='') as f:
        f.write(text)
    return path


def joined(base):
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '549').join(centre.invite('549'))
    for path in office.files():
        office.do('import', path)
    office.do('sync', '--wait')
    return centre, office


def fields_of(office, code):
    return {r['field']: r['value'] for r in office.csv('show', code)}


def entries_through_the_line(base):
    """Beside a running serve; no total moves, the store stays good, and history tells each step."""
    centre, office = joined(base)
    first, second = [r['code'] for r in office.csv('list', 'scheme')][:2]
    before = centre.totals('year,item,source,district')
    office.serve()
    ledger = write(base, 'ledger.csv', LEDGER
                   + '%s,advance,2019-03-01,2019,province,1000,PC-1,đợt 1\n' % first
                   + '%s,advance,2019-03-01,2019,province,1000,PC-1,\n' % second
                   + '%s,settlement,2020-01-10,2019,province,900,PC-9,\n' % first)
    changes = office.csv('import', ledger, '--dry-run')
    kc.check([(r['action'], r['code']) for r in changes if r['action'] == 'created'] ==
             [('created', first + ':PC-1'), ('created', second + ':PC-1'), ('created', first + ':PC-9')],
             'the dry run said %s' % changes)
    kc.check(office.csv('list', 'ledger') == [], 'a dry run stored something')
    for created, unchanged in (('3', '0'), ('0', '3')):
        row, = office.csv('import', ledger)
        kc.check((row['kind'], row['created'], row['unchanged']) == ('ledger', created, unchanged), 'import said %s' % row)
    office.do('import', write(base, 'reached.csv', REACHED + '%s,Cơ sở Minh Tâm,Nhơn Hậu,500,2019-06-01\n%s,HTX Đập Đá,,400,\n' % (first, first)))
    office.do('sync', '--wait')
    kc.check(len(centre.csv('trace', first)) >= 3 and office.csv('list', '--waiting') == [], 'the entries are not at the centre')

    office.do('set', first + ':pc-9', 'amount_vnd=950', '--reason', 'cộng lại')
    office.do('set', first + ':htx dap da', 'address=Đập Đá')
    office.do('add', 'ledger', 'scheme_code=' + second, 'ledger_kind=payment', 'date=2019-05-01', 'source=province', 'amount_vnd=7')
    office.do('withdraw', second + ':PC-1', '--reason', 'nhập nhầm')
    office.do('withdraw', second + ':PC-1', '--reason', 'nhập nhầm', want=3)
    office.do('add', 'ledger', 'scheme_code=' + second, 'ledger_kind=payment', want=3)
    office.do('sync', '--wait')
    shown = fields_of(office, first)
    kc.check(shown['ledger[PC-9].amount_vnd'] == '950' and shown['beneficiary[HTX Đập Đá].address'] == 'Đập Đá' and
             shown['state'] == 'sent', 'shown: %s' % shown)
    told = [(r['field'], r['old'], r['new']) for r in office.csv('history', second)]
    kc.check(('ledger[PC-1].amount_vnd', '', '1000') in told and ('ledger[PC-1].amount_vnd', '1000', '') in told and
             ('reason', '', 'nhập nhầm') in told, 'history: %s' % told)
    told = [(r['field'], r['old'], r['new']) for r in office.csv('history', first + ':PC-9')]
    kc.check(('ledger[PC-9].amount_vnd', '900', '950') in told, 'history of an entry: %s' % told)
    kc.check(not any('PC-1' in field or field == 'name' for field, _, _ in told), 'history of one entry tells of others')

    for form, rows in (('ledger', 3), ('beneficiary', 2)):
        for name in (form + '.csv', form + '.xlsx'):
            path = os.path.join(base, name)
            office.do('export', form, '-o', path)
            row, = office.csv('import', path)
            kc.check((row['kind'], row['unchanged']) == (form, str(rows)), '%s came back as %s' % (name, row))
    kc.check(office.csv('list', '--waiting') == [], 'an export imported back made updates')
    kc.check(centre.totals('year,item,source,district') == before, 'an entry moved a total')
    office.process.stop()
    centre.process.stop()
    centre.do('verify')


def files_are_all_or_nothing(base):
    """One bad row and nothing of the file is there, of whatever scheme."""
    centre, office = joined(base)
    code = office.csv('list', 'scheme')[0]['code']
    good = '%s,advance,2019-03-01,2019,province,5,PC-%d,\n'
    for what, row in (('no such scheme', 'XX-1,advance,2019-03-01,2019,province,5,PC-7,\n'),
                      ('twice', good % (code, 1)),
                      ('another province', '%s,advance,2019-03-01,2019,moon,5,PC-7,\n' % code),
                      ('no amount', '%s,advance,2019-03-01,2019,province,,PC-7,\n' % code),
                      ('a span', '%s,advance,2019-03-01,2014-2020,province,5,PC-7,\n' % code)):
        said = office.do('import', write(base, 'bad.csv', LEDGER + good % (code, 1) + row), want=3).stderr
        kc.check('3' in said, '%s: line 3 is not named: %s' % (what, said))
        kc.check(office.csv('list', 'ledger') == [], '%s: something was stored' % what)
    centre.process.stop()


def limits(base):
    """A full list travels; one entry more, or a scheme longer than an update may be, is refused in words."""
    centre, office = joined(base)
    first, second = [r['code'] for r in office.csv('list', 'scheme')][:2]
    full = LEDGER + ''.join('%s,payment,2019-03-01,2019,province,%d,PC-%d,\n' % (first, i, i) for i in range(1000))
    office.do('import', write(base, 'full.csv', full))
    said = office.do('import', write(base, 'more.csv', LEDGER + '%s,payment,2019-03-01,2019,province,1,PC-1000,\n' % first), want=3)
    kc.check('1000' in said.stderr, 'a full list: %s' % said.stderr)
    long = LEDGER + ''.join('%s,payment,2019-03-01,2019,province,%d,PC-%d,%s\n' % (second, i, i, 'x' * 1000) for i in range(400))
    for option in ((), ('--dry-run',)):
        said = office.do('import', write(base, 'long.csv', long), *option, want=3)
        kc.check(second in said.stderr and 'byte' in said.stderr, 'of a scheme that is too long: %s' % said.stderr)
    office.do('sync', '--wait')
    kc.check(len(office.csv('list', 'ledger')) == 1000, 'not all entries are there')
    centre.process.stop()
    centre.do('verify')


if __name__ == '__main__':
    kc.main([entries_through_the_line, files_are_all_or_nothing, limits])
