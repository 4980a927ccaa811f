"""Workbooks by real programs: what an office exports another reads the same, templates as a spreadsheet program sees
them, and files of other writers."""
import csv
import datetime
import io
import os
import sys

import kc

sys.path.append('/usr/lib/python3/dist-packages')  # Debian's modules, when another Python runs this
import openpyxl  # noqa: E402

KINDS = {'52': ('scheme', 'outcome', 'consulting', 'staff', 'document'), '549': ('scheme', 'outcome')}
FOREIGN = os.path.join(kc.ROOT, 'tests', 'data', 'workbooks', 'libreoffice.xlsx')


def office_of(base, centre, code, name=None):
    return kc.Office(base, code, name).join(centre.invite(code))


def export(office, kind):
    return office.do('export', kind).stdout


def totals(office):
    """All but planned and approved apart: a file has one amount for both, and the state says which it is."""
    found = []
    for by in ('year,item,source', 'district,year,status', 'indicator,year,fund', 'service,year'):
        for row in office.csv('totals', '--by', by):
            for measure in ('planned_vnd', 'approved_vnd'):
                row.pop(measure, None)
            if any(row[measure] != '0' for measure in list(row)[by.count(',') + 1:]):
                found.append(row)
    return found


def to_another_office(base):
    """All of an office's records as workbooks into a fresh store: the same records, the same totals."""
    centre = kc.Centre(base).init().serve()
    for code, kinds in KINDS.items():
        one = office_of(base, centre, code)
        one.do('import', *one.files(('schemes', 'outcomes', 'supplementary', 'consulting', 'staff', 'documents')))
        books = []
        for kind in kinds:
            books.append(os.path.join(base, '%s-%s.xlsx' % (code, kind)))
            one.do('export', kind, '-o', books[-1])
            again = one.csv('import', books[-1])
            rows = len(kc.rows_of(export(one, kind)))
            kc.check(rows > 0 and again[0]['unchanged'] == str(rows), '%s imports back changed: %s' % (books[-1], again))
        two = office_of(base, centre, code, 'second-' + code)
        two.do('import', *books)
        for kind in kinds:
            kc.check(export(two, kind) == export(one, kind), '%s of %s differ' % (kind, code))
        kc.check(totals(two) == totals(one), 'totals of %s differ' % code)


def true_figures(base):
    """What another program finds in an export: numbers as numbers, dates as dates, codes as text."""
    centre = kc.Centre(base).init().serve()
    office = office_of(base, centre, '549')
    path = os.path.join(base, 'one.csv')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('code,name,district,plan_year,item,status,province_vnd,approved_on,registered_on,approval_no\n'
                '007,Máy,549,2019,III.3,approved,140000000,2019-05-31,2019-04,0012\n')
    office.do('import', path)
    book = os.path.join(base, 'one.xlsx')
    office.do('export', 'scheme', '-o', book, '--lang', 'vi')
    sheet = openpyxl.load_workbook(book).worksheets[0]
    cells = dict(zip([c.value for c in sheet[1]], [c for c in sheet[2]]))
    want = {'Mã đề án': '007', 'Mã đơn vị': '549', 'Năm kế hoạch': 2019, 'Kinh phí cấp tỉnh': 140000000,
            'Trạng thái': 'đã phê duyệt kế hoạch', 'Ngày phê duyệt': datetime.datetime(2019, 5, 31), 'Ngày đăng ký': '2019-04',
            'Số quyết định phê duyệt': '0012', 'Ghi chú': None}
    for label, value in want.items():
        kc.check(cells[label].value == value, '%s: %r, not %r' % (label, cells[label].value, value))
    kc.check(cells['Mã đề án'].number_format == '@' and cells['Kinh phí cấp tỉnh'].number_format == '#,##0',
             'formats of the cells')


def catalogue(section, column):
    with open(os.path.join(kc.ROOT, 'deploy', 'binh-dinh', 'catalogue.csv'), encoding='utf-8-sig') as f:
        text = f.read()
    part = text.split('[%s]\n' % section, 1)[1].split('\n[', 1)[0]
    return [row[column] for row in csv.DictReader(io.StringIO(part))]


def choices_of(book, label):
    """The cells that a column's drop-down list names."""
    sheet = book.worksheets[0]
    column = [c.column_letter for c in sheet[1] if c.value == label][0]
    for rule in sheet.data_validations.dataValidation:
        if rule.type == 'list' and column + '2' in rule:
            name, cells = rule.formula1.rsplit('!', 1)
            rows = book[name.strip("='")][cells.replace('$', '')]
            kc.check(rule.error and rule.prompt and rule.showErrorMessage, '%s: no words with the list' % label)
            return [row[0].value for row in rows]
    raise kc.Failed('%s has no list' % label)


def templates(base):
    """A template's lists are the catalogue's; filled in by another program it is taken."""
    centre = kc.Centre(base).init().serve()
    office = office_of(base, centre, '549')
    path = os.path.join(base, 'mẫu.xlsx')
    kc.run(kc.program('kc-agent'), 'template', 'scheme', '-o', path, '--dir', office.dir, '--lang', 'vi')
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    kc.check(sheet.freeze_panes == 'B2', 'the header is not frozen')
    kc.check(choices_of(book, 'Nội dung chi') == catalogue('items', 'code'), 'the items to choose from')
    kc.check(choices_of(book, 'Mã đơn vị') == ['549'], 'an office chooses its own unit alone')
    kc.check('đã quyết toán' in choices_of(book, 'Trạng thái'), 'the states to choose from')
    labels = [c.value for c in sheet[1]]
    row = {'Mã đề án': '007', 'Tên đề án': 'Máy sấy', 'Mã đơn vị': '549', 'Năm kế hoạch': 2020, 'Nội dung chi': 'III.3',
           'Trạng thái': 'đã phê duyệt', 'Kinh phí cấp huyện': 35000000, 'Ngày phê duyệt': datetime.date(2020, 3, 9)}
    for label, value in row.items():
        sheet.cell(2, labels.index(label) + 1, value)
    book.save(path)
    kc.check(office.csv('import', path)[0]['created'] == '1', 'the filled-in template')
    staff = os.path.join(base, 'staff.xlsx')
    kc.run(kc.program('kc-agent'), 'template', 'staff', '-o', staff, '--lang', 'vi')
    said = [v.error or '' for v in openpyxl.load_workbook(staff).worksheets[0].data_validations.dataValidation]
    kc.check(any('số nguyên' in e for e in said) and not any('đồng' in e for e in said), 'counts are spoken of as money: %s' % said)
    got = kc.rows_of(export(office, 'scheme'))[0]
    kc.check((got['code'], got['district_vnd'], got['approved_on'], got['status']) ==
             ('007', '35000000', '2020-03-09', 'approved'), str(got))
    for kind in ('scheme', 'outcome', 'consulting', 'staff', 'document', 'submission', 'ledger', 'beneficiary'):
        for lang in ('vi', 'en'):
            one, two = os.path.join(base, 'one.xlsx'), os.path.join(base, 'two.XLSX')
            for target in (one, two):
                kc.run(kc.program('kc-agent'), 'template', kind, '-o', target, '--lang', lang)
            with open(one, 'rb') as a, open(two, 'rb') as b:
                kc.check(a.read() == b.read(), 'a template of %s is not the same twice' % kind)
            with open(one, 'rb') as f:
                kc.check(f.read(2) == b'PK', 'no workbook')
            for s in openpyxl.load_workbook(one).worksheets:
                for rule in s.data_validations.dataValidation:
                    kc.check(len(rule.prompt or '') <= 255 and len(rule.error or '') <= 255, 'words too long')


def other_writers(base):
    """As LibreOffice wrote it: title, column numbers, formulas, a hidden sheet; under any name."""
    centre = kc.Centre(base).init().serve()
    office = office_of(base, centre, '549')
    path = os.path.join(base, 'danh sách.csv')
    with open(FOREIGN, 'rb') as f, open(path, 'wb') as g:
        g.write(f.read())
    dry = office.csv('import', path, '--dry-run')
    kc.check([(r['line'], r['action'], r['code']) for r in dry] ==
             [('7', 'created', 'LO-1'), ('8', 'created', 'LO-2'), ('9', 'created', 'LO-3')], str(dry))
    kc.check(export(office, 'scheme').count('\n') == 1, 'a dry run stored something')
    kc.check(office.csv('import', path)[0]['created'] == '3', 'not all three')
    got = {r['code']: r for r in kc.rows_of(export(office, 'scheme'))}
    want = {'LO-1': ('140000000', '35000000', '2019-03-05', '12/QĐ', 'dòng 1\ndòng 2'),
            'LO-2': ('14000000', '3', '2019-12-31', '13/QĐ', ''), 'LO-3': ('15000000', '', '', '', '')}
    for code, row in want.items():
        found = tuple(got[code][c] for c in ('province_vnd', 'district_vnd', 'approved_on', 'approval_no', 'note'))
        kc.check(found == row, '%s: %r' % (code, found))


def nothing_is_guessed(base):
    """Each mistake by its sheet and cell, in both languages, and nothing stored."""
    centre = kc.Centre(base).init().serve()
    office = office_of(base, centre, '549')
    head = ['code', 'name', 'district', 'plan_year', 'item', 'status', 'province_vnd']
    good = ['A-1', 'Máy', '549', 2019, 'III.3', 'approved', 1]
    rows = [(0, 'Tổng cộng', 'Đề án!A3'), (6, datetime.date(2019, 5, 1), 'Đề án!G3'), (6, '=SUM(G2)', 'Đề án!G3'),
            (6, 'mười triệu', 'Đề án!G3'), (3, 1999, 'Đề án!D3'), (8, 'ghi chú bên lề', 'Đề án!I3'),
            (0, None, 'Đề án, dòng 3|Đề án, row 3')]
    for at, value, place in rows:
        book = openpyxl.Workbook()
        book.active.title = 'Đề án'
        book.active.append(head)
        book.active.append(good)
        book.active.append(['A-2'] + good[1:])
        book.active.cell(3, at + 1).value = value
        path = os.path.join(base, 'sai.xlsx')
        book.save(path)
        for lang, words in zip(('vi', 'en'), place.split('|') * 2):
            p = office.do('import', path, '--lang', lang, want=3)
            kc.check('%s: %s' % (path, words) in p.stderr, 'wanted %s: %s' % (words, p.stderr))
    kc.check(office.do('list', '--waiting', '--format', 'csv').stdout == 'code,since\n', 'something was stored')
    book = openpyxl.Workbook()
    for name in ('2019', '2020'):
        sheet = book.create_sheet(name)
        sheet.append(head)
        sheet.append(['A-' + name] + good[1:])
    book.save(path)
    p = office.do('import', path, want=3)
    kc.check('“2019”' in p.stderr and '“2020”' in p.stderr and '--sheet' in p.stderr, p.stderr)
    office.do('import', path, '--sheet', '2020')
    kc.check([r['code'] for r in kc.rows_of(export(office, 'scheme'))] == ['A-2020'], 'the sheet asked for')


def forms_of_files(base):
    """By --format, else by the name's ending; a workbook never goes to stdout."""
    path = os.path.join(base, 'a.xlsx')
    for argv, begin in ((('-o', path), b'PK'), (('-o', path, '--format', 'csv'), b'code,'),
                        (('-o', path + '.dat', '--format', 'xlsx'), b'PK'), (('-o', path + '.dat'), b'code,')):
        kc.run(kc.program('kc-agent'), 'template', 'scheme', *argv)
        with open(argv[1], 'rb') as f:
            kc.check(f.read(5).startswith(begin), ' '.join(argv))
    for argv in (('--format', 'xlsx'), ('-o', '-', '--format', 'xlsx'), ('--format', 'docx'), ('-o', path, '--excel')):
        kc.run(kc.program('kc-agent'), 'template', 'scheme', *argv, want=2)


kc.main([to_another_office, true_figures, templates, other_writers, nothing_is_guessed, forms_of_files])
