"""Entries of schemes' lists that are not there any more, or not yet: withdrawn schemes, entries taken out, refused ones."""
import os

import kc

LEDGER = 'scheme_code,ledger_kind,date,budget_year,source,amount_vnd,voucher_no,note\n'
SCHEME = ('code=S-1', 'name=Máy', 'district=549', 'plan_year=2019', 'item=III.3', 'status=approved', 'province_vnd=5000000')
ROWS = 'S-1,advance,2019-03-01,2019,province,1000,PC-1,\nS-1,payment,2019-05-01,2019,province,700,PC-2,\n'


def write(base, name, text):
    path = os.path.join(base, name)
    with open(path, 'w', encoding='utf-8', newline='') as f:
        f.write(text)
    return path


def joined(base):
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '549').join(centre.invite('549'))
    office.do('add', 'scheme', *SCHEME)
    return centre, office


def said(office, path, *more):
    return [(r['action'], r['code']) for r in kc.rows_of(office.do('import', path, '--dry-run', '--format', 'csv', *more).stdout)]


def withdrawn_scheme(base):
    """Lines of a withdrawn scheme bring it back with --restore, said so, also when no line changes; undo withdraws it again."""
    centre, office = joined(base)
    path = write(base, 'ledger.csv', LEDGER + ROWS)
    p = office.do('import', path)
    kc.check('2 dòng mới' in p.stdout and '1 đề án' in p.stdout, p.stdout)
    kc.check([(r['created'], r['changed']) for r in office.csv('imports')] == [('0', '1')], 'imports count the scheme')
    row, = office.csv('import', path)
    kc.check((row['created'], row['unchanged'], row['records']) == ('0', '2', '0'), 'unchanged: %s' % row)
    office.do('withdraw', 'S-1', '--reason', 'nhầm')
    office.do('import', path, want=3)
    kc.check(said(office, path, '--restore') == [('unchanged', 'S-1:PC-1'), ('unchanged', 'S-1:PC-2'), ('restored', 'S-1')],
             'dry run: %s' % said(office, path, '--restore'))
    p = office.do('import', path, '--restore')
    kc.check('1 đề án đã rút được đưa lại' in p.stdout, p.stdout)
    kc.check([r['code'] for r in office.csv('list', 'scheme')] == ['S-1'], 'not restored')
    number = office.csv('imports')[-1]['import']
    p = office.do('undo', number)
    kc.check('0 bản ghi do lần nhập này thêm' in p.stdout and '1 bản ghi do lần nhập này đưa lại' in p.stdout, p.stdout)
    kc.check(office.csv('list', 'scheme') == [], 'not withdrawn again')
    centre.process.stop()


def taken_out(base):
    """An entry withdrawn on purpose does not come back from an old file; who took it out and why can be read."""
    centre, office = joined(base)
    path = write(base, 'ledger.csv', LEDGER + ROWS)
    office.do('import', path)
    entry = {r['voucher_no']: r['id'] for r in kc.rows_of(office.do('export', 'ledger').stdout)}['PC-2']
    office.do('withdraw', 'S-1:PC-2', '--reason', 'ghi trùng', '--as', 'Lan')
    p = office.do('import', path, want=3)
    kc.check('--restore' in p.stderr and '3' in p.stderr, p.stderr)
    kc.check(len(office.csv('list', 'ledger')) == 1, 'it came back')
    p = office.do('import', path, '--dry-run', want=3)
    kc.check('1 dòng bị từ chối, 1 chỗ sai' in p.stdout, p.stdout)
    other = kc.Office(base, '549', 'other').join(centre.invite('549'))
    for pc in (office, other):
        pc.do('sync', '--wait')
    for pc in (office, other):
        for name in ('S-1:PC-2', 'S-1:' + entry[:8], entry):
            shown = {r['field']: r['value'] for r in pc.csv('show', name)}
            kc.check((shown['amount_vnd'], shown['removed'], shown['removed_by'], shown['removed_because'])
                     == ('700', 'yes', 'Lan', 'ghi trùng'), '%s: %s' % (name, shown))
            told = [(r['person'], r['field'], r['old'], r['new']) for r in pc.csv('history', name)]
            kc.check(('Lan', 'ledger[PC-2].amount_vnd', '700', '') in told and told[-1][1:] == ('reason', '', 'ghi trùng'), told)
        pc.do('import', path, want=3)
        pc.do('show', 'S-1:PC-3', want=3)
    kc.check(('restored', 'S-1:PC-2') in said(other, path, '--restore'), 'dry run')
    other.do('import', path, '--restore')
    kc.check(len(other.csv('list', 'ledger')) == 2, 'not restored')
    kc.check('removed' not in {r['field'] for r in other.csv('show', entry)}, 'still called removed')
    centre.process.stop()


def waiting_and_refused(base):
    """Lists of what waits and was refused name the lines that an update touched; show says what was refused of them."""
    centre, office = joined(base)
    office.do('import', write(base, 'ledger.csv', LEDGER + ROWS))
    kc.check([r['code'] for r in office.csv('list', 'ledger', '--waiting')] == ['S-1:PC-1', 'S-1:PC-2'], 'waiting')
    kc.check(office.csv('list', 'beneficiary', '--waiting') == [], 'no beneficiary waits')
    office.do('sync', '--wait')
    kc.check(office.csv('list', 'ledger', '--waiting') == [], 'nothing waits')
    centre.do('lock', '2019', 'budget', '--comment', 'đã quyết toán')
    office.do('set', 'S-1:PC-2', 'amount_vnd=750', '--reason', 'sửa')
    office.do('add', 'ledger', 'scheme_code=S-1', 'ledger_kind=payment', 'date=2019-06-01', 'source=province', 'amount_vnd=9', 'voucher_no=PC-9')
    kc.check([r['code'] for r in office.csv('list', 'ledger', '--waiting')] == ['S-1:PC-2', 'S-1:PC-9'], 'what waits')
    office.do('sync', '--wait', want=1)
    refused = [r['code'] for r in office.csv('list', 'ledger', '--refused')]
    kc.check('S-1:PC-9' in refused and 'S-1:PC-1' not in refused, 'refused: %s' % refused)
    values = [r['value'] for r in office.csv('show', 'S-1') if r['field'] == 'refused_value']
    kc.check('ledger[PC-2].amount_vnd=750' in values and 'ledger[PC-9].amount_vnd=9' in values, 'show S-1: %s' % values)
    values = [r['value'] for r in office.csv('show', 'S-1:PC-2') if r['field'] == 'refused_value']
    kc.check(values == ['ledger[PC-2].amount_vnd=750'], 'show S-1:PC-2: %s' % values)
    values = [r['value'] for r in office.csv('show', 'S-1:PC-9') if r['field'] == 'refused_value']
    kc.check('ledger[PC-9].amount_vnd=9' in values, 'show S-1:PC-9: %s' % values)
    centre.process.stop()
    centre.do('verify')


def words(base):
    """What is said of entries that are alike, and of a span of years; what a search looks at."""
    centre, office = joined(base)
    centre.process.stop()
    same = 'S-1,payment,2019-05-01,2019,province,700,,\n'
    p = office.do('import', write(base, 'a.csv', LEDGER + same + same), '--lang', 'vi', want=3)
    kc.check('voucher_no' in p.stderr and 'dòng 2' in p.stderr, p.stderr)
    p = office.do('import', write(base, 'b.csv', LEDGER + same.replace(',2019,', ',2014-2020,')), '--lang', 'vi', want=3)
    kc.check('khoảng năm' in p.stderr and 'budget_year' in p.stderr and '2014-2020' in p.stderr, p.stderr)
    office.do('import', write(base, 'c.csv', LEDGER + 'S-1,payment,2019-05-01,,province,700,PC-1,\nS-1,payment,2020-05-01,,province,700,PC-1,\n'))
    p = office.do('show', 'S-1:PC-1', '--lang', 'vi', want=3)
    kc.check('cột id' in p.stderr and '--kind' not in p.stderr, p.stderr)
    rows = kc.rows_of(office.do('export', 'ledger').stdout)
    office.do('show', 'S-1:' + rows[0]['id'][:8])
    office.do('add', 'scheme', *[a.replace('S-1', 'S-2') for a in SCHEME])
    # the same id in two schemes: nothing here makes it, so only what is said of one elsewhere is looked at
    p = office.do('add', 'ledger', 'scheme_code=S-2', 'ledger_kind=payment', 'date=2019-05-01', 'source=province', 'amount_vnd=1',
                  'id=' + rows[0]['id'], want=3)
    kc.check('id' in p.stderr, p.stderr)
    for kind, text, n in (('ledger', 'thanh toan', 2), ('ledger', 'tam ung', 0), ('ledger', 'an nhon', 2), ('ledger', 'tuy phuoc', 0),
                          ('scheme', 'an nhon', 2), ('scheme', 'tay son', 0)):
        kc.check(len(office.csv('list', kind, '--search', text)) == n, 'list %s --search %s' % (kind, text))


if __name__ == '__main__':
    kc.main([withdrawn_scheme, taken_out, waiting_and_refused, words])
