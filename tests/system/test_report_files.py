"""Annexes as files people open: workbooks read back cell by cell, pages by a strict parser, the same bytes anywhere."""
import decimal
import io
import json
import os
import sys
import zipfile

import kc

sys.path.append('/usr/lib/python3/dist-packages')  # Debian's modules, when another Python runs this
import html5lib  # noqa: E402
import openpyxl  # noqa: E402

YEARS = [str(y) for y in range(2014, 2021)]
HOSTILE = '=HYPERLINK("http://x","<script>alert(1)</script>") & \'co\''
XHTML = '{http://www.w3.org/1999/xhtml}'


def start(base):
    centre = kc.Centre(base).init().serve()
    offices = [kc.Office(base, code).join(centre.invite(code)) for code in ('52', '549')]
    for office in offices:
        office.do('import', *office.files(('schemes', 'outcomes', 'consulting', 'staff', 'documents')))
    path = os.path.join(base, 'hostile.csv')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('no,title,status,note\n9,"%s",drafting,<b>@x\n' % HOSTILE.replace('"', '""'))
    offices[0].do('import', path)
    for office in offices:
        office.do('sync', '--wait')
    return centre, offices


def report(centre, base, name, *more, env=None):
    path = os.path.join(base, name)
    centre.do('report', '--annex', 'all', '--years', '2014-2020', '-o', path, *more, env=env)
    with open(path, 'rb') as f:
        return f.read()


def vi(centre, base, name, *more, **kw):
    return report(centre, base, name, '--lang', 'vi', *more, **kw)


def half_up(text, decimals):
    return decimal.Decimal(text).quantize(decimal.Decimal(1).scaleb(-decimals), decimal.ROUND_HALF_UP)


def decimals_of(cell):
    formats = {'#,##0': 0, '#,##0.0': 1, '#,##0.00': 2}
    kc.check(cell.number_format in formats, '%s: number format %s' % (cell.coordinate, cell.number_format))
    return formats[cell.number_format]


def body(sheet):
    """First row of the body, by the repeated heading rows."""
    return int(sheet.print_title_rows.replace('$', '').split(':')[1]) + 1


def check_page(sheet, seal):
    setup = sheet.page_setup
    kc.check(setup.orientation == 'landscape' and str(setup.paperSize) == '8', 'not A3 landscape')
    kc.check(sheet.sheet_properties.pageSetUpPr.fitToPage, 'does not fit to pages')
    kc.check(int(setup.fitToWidth or 1) == 1 and int(setup.fitToHeight) == 0, 'not one page wide')
    kc.check(seal in sheet.oddFooter.left.text and '&P' in sheet.oddFooter.right.text.replace('[Page]', 'P'), 'footer')
    kc.check(sheet.freeze_panes == 'C%d' % body(sheet), 'panes frozen at %s' % sheet.freeze_panes)
    kc.check(len(sheet.title) <= 31, 'name of the sheet')
    ranges = [r.bounds for r in sheet.merged_cells.ranges]
    for i, a in enumerate(ranges):
        for b in ranges[:i]:
            apart = a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
            kc.check(apart, 'merged cells overlap: %s, %s' % (a, b))


def heading(sheet, text):
    """Where a heading stands and how many columns it covers."""
    for row in sheet.iter_rows(min_row=1, max_row=body(sheet) - 1):
        for cell in row:
            if cell.value == text:
                for r in sheet.merged_cells.ranges:
                    if cell.coordinate in r:
                        return cell.column, r.size['columns']
                return cell.column, 1
    raise kc.Failed('no heading %r in %s' % (text, sheet.title))


def rows_by_code(sheet):
    """Budget: the row of each code, out of what is printed: I, then 1, 2 … below it."""
    rows, group = {}, None
    for r in range(body(sheet), sheet.max_row + 1):
        printed, label = sheet.cell(r, 1).value, sheet.cell(r, 2).value
        if label == 'Tổng số kinh phí':
            rows['total'] = r
        elif printed and label and printed.isdigit():
            rows['%s.%s' % (group, printed)] = r
        elif printed and label and set(printed) <= set('IVX'):
            group = printed
            rows[group] = r
    return rows


def check_budget(sheet, figures):
    """Every figure is there as a number, rounded as printed, and nothing else is a number."""
    order = [(y, f, m) for y in YEARS + ['total', 'average'] for f in ('KCĐP', 'KCQG') for m in ('schemes', 'support_vnd')]
    rows, seen = rows_by_code(sheet), set()
    for f in figures:
        if f['annex'] != 'budget':
            continue
        cell = sheet.cell(rows[f['code']], 3 + order.index((f['year'], f['fund'], f['measure'])))
        kc.check(isinstance(cell.value, (int, float)), '%s holds %r' % (cell.coordinate, cell.value))
        exact = decimal.Decimal(f['value'])
        # The file's averages carry three decimals: enough for what is printed of them.
        shown = half_up(exact / 1000000 if f['measure'] == 'support_vnd' else exact, decimals_of(cell))
        kc.check(decimal.Decimal(repr(cell.value)) == shown, '%s %s: %r, not %s' % (cell.coordinate, f, cell.value, shown))
        seen.add(cell.coordinate)
    kc.check(len(seen) > 100, 'few figures')
    for row in sheet.iter_rows(min_row=body(sheet)):
        for cell in row:
            number = isinstance(cell.value, (int, float))
            kc.check(number == (cell.coordinate in seen), '%s: %r' % (cell.coordinate, cell.value))


def workbook(base):
    centre, _ = start(base)
    data = vi(centre, base, 'a.xlsx')
    figures = kc.rows_of(vi(centre, base, 'a.csv').decode())
    seal = json.loads(vi(centre, base, 'a.json'))['seal']
    book = openpyxl.load_workbook(io.BytesIO(data))
    kc.check(book.sheetnames == ['1 Tư vấn', '2 Kết quả', '3 Kinh phí', '4 Văn bản', '5 Nhân lực'], book.sheetnames)
    for sheet in book:
        check_page(sheet, seal)
        kc.check([c.value for c in sheet[1] if c.value] == ['UBND TỈNH BÌNH ĐỊNH', 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM'],
                 'official header')
        for row in sheet.iter_rows():
            for cell in row:
                kc.check(cell.data_type != 'f', 'a formula at %s' % cell.coordinate)
    budget = book['3 Kinh phí']
    kc.check(heading(budget, 'Năm 2014') == (3, 4), 'a year covers four columns')
    kc.check(heading(budget, 'Năm 2020\n(ước thực hiện)') == (27, 4), 'the running year')
    kc.check(heading(budget, 'Tổng giai đoạn\n2014 - 2020') == (31, 4), 'the period')
    kc.check(heading(budget, 'KCĐP') == (3, 2), 'a fund covers two columns')
    kc.check(heading(book['4 Văn bản'], 'Tình hình văn bản') == (3, 3), 'the states of a document')
    kc.check(heading(book['5 Nhân lực'], 'Số lượng') == (4, 7), 'the years of staff')
    kc.check(budget.column_dimensions['B'].width > 30 and budget.column_dimensions['C'].width < 8, 'widths')
    check_budget(budget, figures)
    documents = book['4 Văn bản']
    hostile = [r for r in documents.iter_rows(min_row=body(documents)) if r[1].value == HOSTILE]
    kc.check(len(hostile) == 1 and [c.value for c in hostile[0]][2:] == [None, 'x', None, '<b>@x'], 'the hostile title')


def text_of(element):
    return ''.join(element.itertext())


def page(base):
    centre, _ = start(base)
    data = vi(centre, base, 'a.html').decode('utf-8')
    figures = kc.rows_of(vi(centre, base, 'a.csv').decode())
    tree = html5lib.HTMLParser(strict=True).parse(data)
    kc.check(tree.get('lang') == 'vi', 'language')
    names = {e.tag.replace(XHTML, '') for e in tree.iter() if isinstance(e.tag, str)}
    kc.check(not names & {'script', 'link', 'img', 'iframe', 'b'}, 'what stands in it: %s' % names)
    tables = list(tree.iter(XHTML + 'table'))
    kc.check(len(tables) == 5, '%d tables' % len(tables))
    for t in tables:
        kc.check([e.tag.replace(XHTML, '') for e in t] == ['caption', 'colgroup', 'thead', 'tbody'], 'parts of a table')
        kc.check(all(h.get('scope') for h in t.iter(XHTML + 'th')), 'a heading that does not say of what')
        width = len(list(t.iter(XHTML + 'col')))
        for row in t.find(XHTML + 'tbody'):
            kc.check(sum(int(c.get('colspan', 1)) for c in row) == width, 'a row with too few or many cells')
    shown = [text_of(c) for t in tables for c in t.iter(XHTML + 'td') if c.get('class') == 'n']
    kc.check(len(shown) == sum(f['annex'] != 'documents' for f in figures), 'as many figures as in the csv')
    kc.check(HOSTILE in [text_of(h) for h in tables[3].iter(XHTML + 'th')], 'the hostile title, word for word')
    one = centre.do('report', '--annex', '3', '--years', '2019', '--office', '549', '--format', 'html', '--lang', 'en').stdout
    english = html5lib.HTMLParser(strict=True).parse(one)
    kc.check(english.get('lang') == 'en' and "People's Committee of An Nhơn" in text_of(english), 'an office, in English')


def same_bytes(base):
    centre, offices = start(base)
    before = {}
    # the centre goes on writing what it doubts: files are the same for the same position
    position = json.loads(centre.do('totals', '--by', 'year', '--format', 'json').stdout)['position']
    for name in ('a.html', 'a.xlsx'):
        before[name] = vi(centre, base, name, '--as-of', position)
        for zone in ('Pacific/Kiritimati', 'America/New_York'):
            again = vi(centre, base, 'again-' + name, '--as-of', position, env=dict(kc.ENV, TZ=zone))
            kc.check(again == before[name], '%s differs in %s' % (name, zone))
    with zipfile.ZipFile(io.BytesIO(before['a.xlsx'])) as z:
        kc.check({i.date_time for i in z.infolist()} == {(1980, 1, 1, 0, 0, 0)}, 'times within the workbook')
    offices[1].do('add', 'outcome', 'indicator=I.1', 'district=549', 'year=2019', 'fund=KCQG', 'value=77')
    offices[1].do('sync', '--wait')
    for name in before:
        kc.check(vi(centre, base, 'now-' + name) != before[name], '%s: what came after is not shown' % name)


kc.main([workbook, page, same_bytes])
