"""The report's text and what was published: every figure of its narrative against the offices' messages."""
import csv
import decimal
import html
import io
import json
import os
import re
import xml.dom.minidom
import zipfile

import kc
from test_report import DISCREPANCIES, YEARS, filled

D = decimal.Decimal
FACTS = os.path.join(kc.ROOT, 'tests', 'data', 'binh-dinh', 'narrative_facts.csv')
CATALOGUE = os.path.join(kc.ROOT, 'deploy', 'binh-dinh', 'catalogue.csv')
DOCUMENTS = ('html', 'docx', 'odt')


def table(path):
    with open(path, encoding='utf-8', newline='') as f:
        return list(csv.DictReader(f))


def number(text):
    return D(text) if re.fullmatch(r'-?[0-9]+(\.[0-9]+)?', text) else None


def as_printed(value, text):
    """The exact value, rounded to the decimals of the printed one."""
    return value.quantize(D(text), decimal.ROUND_HALF_UP)


def plain(text):
    return re.sub(r'\s*-\s*', '-', text)


# What the print says twice, or against itself, by the id of its list: the printed figure and the other one. A fact
# stands for the print, a number for what the data give: a fact, or the cell of an annex.
CONTRADICTING = {
    'D15': ('F011', ('budget', 'total', 'years', 'KCĐP', 'schemes')),
    'D16': ('F018', ('budget', 'total', 'years', 'KCĐP', 'support_vnd')),
    'D17': ('F108', ('budget', 'total', 'years', 'KCĐP', 'schemes')),
    'D18': ('F109', ('budget', 'total', 'years', 'KCĐP', 'support_vnd')),
    'D19': ('F034', 'F034'),
    'D20': ('F045', ('outcomes', 'IV.3', 'total', 'KCĐP', 'value')),
    'D21': ('F045', ('budget', 'IV.3', 'total', 'KCĐP', 'schemes')),
    'D22': ('F054', 'F054'),
    'D23': ('F060', 'F060'),
    'D24': ('F065', 'F065'),
    'D25': ('F071', ('outcomes', 'VI.3', 'total', 'KCĐP', 'value')),
    'D26': ('F070+F072+F073', ('outcomes', 'VI.4', 'total', 'KCĐP', 'value')),
    'D27': ('F074', 'printed F077+F079+F081'),
    'D28': ('F075', 'printed F078+F080+F082'),
    'D29': ('F077', 'F077'),
    'D30': ('F078', 'F078'),
    'D31': ('F080', 'F080'),
    'D32': ('F076', 'F076'),
    'D33': ('F090', 'F090'),
    'R13': ('F005', 'F005'),
    'R14': ('F007', 'F007'),
    'R15': ('F103', 'F103'),
    'R16': ('F105', 'F105'),
    'R17': ('F026', 'F026'),
    'R18': ('F027', 'F027'),
    'R19': ('F005', 'printed F026+F033+F040+F064+F067+F075+F089+F091'),
    'R20': ('F031+F034+F041+F065+F069+F076+F090+F093', None),
}


def other_figure(rule, ours, printed, cells):
    if isinstance(rule, tuple):
        annex, code, year, fund, measure = rule
        years = [str(y) for y in range(2014, 2021)] if year == 'years' else [year]
        total = sum(D(cells.get((annex, code, y, fund, measure), 0)) for y in years)
        return total / 10 ** 6 if measure == 'support_vnd' else total
    source = printed if rule.startswith('printed ') else ours
    return sum(source[f] for f in rule.split(' ')[-1].split('+'))


def listed_with_both_figures(ours, printed, cells):
    """Every contradiction of the print's narrative that is known, with the two figures that do not agree."""
    known = {r['id']: r for r in table(DISCREPANCIES) if r['annex'] == 'narrative'}
    for row, (fact, rule) in CONTRADICTING.items():
        r = known[row]
        kc.check(sum(printed[f] for f in fact.split('+')) == D(r['figure_a']), '%s: printed %s' % (row, r['figure_a']))
        if rule is not None:
            got, want = other_figure(rule, ours, printed, cells), D(r['figure_b'])
            near = D('0.1') if r['kind'] == 'ROUNDING' or isinstance(rule, tuple) else D('0.001')  # printed sums of printed cells
            kc.check(abs(got - want) <= near, '%s: %s, listed %s' % (row, got, want))
    missed = [i for i in known if i[0] in 'DR' and i not in CONTRADICTING]
    kc.check(not missed, 'not looked at: %s' % missed)


def judge(fact, ours, known):
    """How a printed figure stands to ours, and the other figure where it does not agree."""
    text, value = plain(fact['value'] or fact['value_as_printed']), ours[fact['fact_id']]['value']
    if value == '':
        return 'gap', None
    printed, exact = number(text), number(value)
    if printed is None or exact is None:
        return ('equal' if plain(value) == text else 'differs'), value
    if printed == exact:
        return 'equal', None
    if as_printed(exact, text) == printed:
        return 'rounded', None
    for row in known:
        if D(row['figure_a']) == printed and abs(D(row['figure_b']) - exact) <= D('0.001'):
            return 'contradicts' if row['kind'] == 'DISCREPANCY' else 'rounded', row['figure_b']
        if row['kind'] == 'ROUNDING' and (D(row['figure_b']), D(row['figure_a'])) == (printed, exact):
            return 'rounded', row['figure_a']
    return 'differs', value


def every_fact(centre):
    facts = table(FACTS)
    rows = centre.csv('report', '--narrative', '--years', YEARS)
    ours = {r['fact']: r for r in rows}
    kc.check(len(ours) == len(rows), 'a fact stands twice')
    known = [r for r in table(DISCREPANCIES) if number(r['figure_a']) is not None and number(r['figure_b']) is not None and
             (r['annex'] == 'narrative' or r['kind'] == 'ROUNDING')]
    count, listed, lost = dict.fromkeys(('equal', 'rounded', 'contradicts', 'gap'), 0), [], []
    for fact in facts:
        how, other = judge(fact, ours, known)
        if how == 'differs':
            lost.append((fact['fact_id'], fact['value_as_printed'], other))
            continue
        count[how] += 1
        if how == 'contradicts':
            listed.append('%s %s/%s' % (fact['fact_id'], fact['value'], other))
        kc.check(ours[fact['fact_id']]['section'] == fact['section'], 'section of ' + fact['fact_id'])
        kc.check(ours[fact['fact_id']]['unit'] == fact['unit_vi'], 'unit of %s' % fact['fact_id'])
    print('       %d printed facts: %d equal, %d rounded, %d contradict (%s), %d gaps' % (
        len(facts), count['equal'], count['rounded'], count['contradicts'], ', '.join(listed), count['gap']))
    kc.check(not lost, 'neither reproduced nor listed: %s' % lost)
    kc.check(count['gap'] == 0, 'the data lack what was printed')
    kc.check(len(facts) == 120 and len(listed) == 10, '%d facts, %d contradictions' % (len(facts), len(listed)))
    cells = {(r['annex'], r['code'], r['year'], r['fund'], r['measure']): r['value']
             for r in centre.csv('report', '--annex', 'all', '--years', YEARS)}
    listed_with_both_figures({f: number(r['value']) for f, r in ours.items()},
                             {f['fact_id']: number(f['value']) for f in facts}, cells)
    return facts, ours, {x.split(' ')[0] for x in listed}


def write(centre, form, *more, env=None):
    path = os.path.join(centre.base, 'report.' + form)
    centre.do('report', '--narrative', '--years', YEARS, '-o', path, *more, env=env)
    with open(path, 'rb') as f:
        return f.read()


def text_of_archive(data, part):
    """The text of a document's part: without its marks, in lines."""
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        kc.check(z.testzip() is None, 'a damaged archive')
        for info in z.infolist():
            kc.check(info.date_time == (1980, 1, 1, 0, 0, 0), 'a time in the archive: %s' % info)
            if info.filename != 'mimetype':
                xml.dom.minidom.parseString(z.read(info))
        text = z.read(part).decode()
    text = re.sub(r'<text:s text:c="(\d+)"/>', lambda m: ' ' * int(m.group(1)), text)
    return html.unescape(re.sub('<[^>]*>', '', re.sub('</(w:p|text:p|text:h)>', '\n', text)))


def sentences_state_them(centre, facts, contradicting):
    """Each fact stands in a sentence, printed as the report prints it; the three documents say the same."""
    page = write(centre, 'html', '--lang', 'vi').decode()
    stated = dict(re.findall(r'<span data-fact="([A-Z0-9]+)">([^<]*)</span>', page))
    gaps = [m for m in re.findall('<mark[^>]*>([^<]*)</mark>', page) if m.startswith('[chưa')]
    kc.check(not re.findall('<mark data-fact', page) and len(gaps) > 0, 'only targets lack figures')
    other = [(f['fact_id'], f['value_as_printed'], stated.get(f['fact_id'])) for f in facts
             if plain(stated.get(f['fact_id'], '')) != plain(f['value_as_printed'])]
    unlike = [o for o in other if o[0] not in contradicting]
    # two that the report itself prints in two ways, or rounds from a rounded sum
    kc.check(unlike == [('F091', '1.014,2', '1.014,3')], 'printed otherwise: %s' % unlike)
    kc.check('chiếm 50,8% so tổng kinh phí' in page.replace('<span data-fact="F034">', '').replace('</span>', ''), 'F034')
    docx, odt = (write(centre, form, '--lang', 'vi') for form in ('docx', 'odt'))
    kc.check(odt[30:77] == b'mimetypeapplication/vnd.oasis.opendocument.text', 'the type of an odt stands bare at its head')
    in_docx, in_odt = text_of_archive(docx, 'word/document.xml'), text_of_archive(odt, 'content.xml')
    fold = lambda text: re.sub(r'\s+', '', text)
    kc.check(fold(in_docx) == fold(in_odt), 'docx and odt say different things')
    body = re.sub(r'<[^>]*>', '', page[page.index('<main>'):page.index('</main>')])
    kc.check(fold(html.unescape(body)) in fold(in_docx), 'html and docx say different things')
    for words in ('đã thực hiện 341 chương trình, đề án khuyến công với tổng kinh phí 27.853 triệu đồng',
                  'bình quân 1.388 triệu đồng/03 đề án/năm', 'Bình chọn cấp tỉnh năm 2020 (dự kiến): có 40 sản phẩm',
                  'doanh thu của các cơ sở CNNT ước đạt 1.141 tỷ đồng'):
        kc.check(words in in_docx, words)
    english = write(centre, 'html', '--lang', 'en').decode()
    kc.check('27,853' in english and '<html lang="en">' in english, 'English')


def same_bytes(centre):
    """One position, the same file: on any machine, and later when the figures have moved on."""
    text = centre.do('report', '--narrative', '--years', YEARS, '--format', 'json').stdout
    meta = json.loads(text)
    as_text = json.loads(text, parse_float=str, parse_int=str)['rows']
    rows = centre.csv('report', '--narrative', '--years', YEARS)
    kc.check([{k: v or '' for k, v in r.items()} for r in as_text] == rows, 'json and csv have other rows')
    first = {}
    for form in ('csv',) + DOCUMENTS:
        found = {write(centre, form, '--lang', 'vi', env=dict(kc.ENV, TZ=zone, LC_ALL=locale))
                 for zone, locale in (('UTC', 'C.UTF-8'), ('Asia/Ho_Chi_Minh', 'en_US.UTF-8'), ('America/Anchorage', 'C'))}
        kc.check(len(found) == 1, '%s is not the same everywhere' % form)
        first[form] = found.pop()
    kc.check(meta['position'].encode() in first['html'] and meta['seal'].encode() in first['html'], 'position and seal')
    office = kc.Office(centre.base, '549')
    code = office.csv('list', 'scheme')[0]['code']
    office.do('withdraw', code, '--reason', 'thử', '--kind', 'scheme')
    office.do('sync', '--wait')
    for form, before in first.items():
        kc.check(write(centre, form, '--lang', 'vi') != before, '%s after a withdrawal' % form)
        again = write(centre, form, '--lang', 'vi', '--as-of', meta['position'])
        kc.check(again == before, '%s as of the position is another file' % form)


def options(centre):
    for argv, code in ((('--narrative',), 2), (('--narrative', '--years', YEARS, '--format', 'xlsx'), 2),
                       (('--narrative', '--years', YEARS, '--annex', '3'), 2),
                       (('--narrative', '--years', YEARS, '--office', '549'), 2),
                       (('--narrative', '--years', YEARS, '--format', 'docx'), 2),
                       (('--years', YEARS, '--format', 'docx', '-o', 'x.docx'), 2)):
        p = centre.do('report', *argv, want=code)
        kc.check(p.stdout == '' and p.stderr.strip(), 'report %s' % (argv,))
    p = kc.Office(centre.base, '549').do('report', '--narrative', '--years', YEARS, want=3)
    kc.check('--annex' in p.stderr, 'an office has no narrative: %s' % p.stderr)


def published_narrative(base):
    centre = filled(base)
    facts, _, contradicting = every_fact(centre)
    sentences_state_them(centre, facts, contradicting)
    options(centre)
    same_bytes(centre)
    centre.process.stop()


def value_of(centre, fact, years):
    return {r['fact']: r['value'] for r in centre.csv('report', '--narrative', '--years', years)}[fact]


def gaps_and_targets(base):
    """What nobody sent is a gap, also two figures that must not be added up; a target's progress counts its own years."""
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '52').join(centre.invite('52'))

    def send(name, text):
        path = os.path.join(base, name + '.csv')
        with open(path, 'w', encoding='utf-8') as f:
            f.write('indicator,district,year,fund,value,value_kind\n' + text)
        office.do('import', path)
        office.do('sync', '--wait')
    kc.check(value_of(centre, 'F004', '2021-2022') == '', 'no scheme was sent: their number is not known')
    send('one', 'BS.11,52,2021,,40,actual\nBS.15,52,2021,,7,plan\nIII.3,52,2021,KCĐP,11,actual\nIII.3,52,2022,KCĐP,22,estimate\n')
    got = {r['fact']: r['value'] for r in centre.csv('report', '--narrative', '--years', '2021-2022')}
    want = {'F084': '40', 'F083': '2021', 'F111': '', 'F085': '', 'F051': '', 'T04': '110', 'T04.period': '33',
            'T04.progress': '33', 'T04.percent': '30.000', 'T03.progress': ''}
    kc.check({k: got[k] for k in want} == want, 'figures: %s' % {k: got[k] for k in want})
    earlier = {r['fact']: r['value'] for r in centre.csv('report', '--narrative', '--years', '2014-2020')}
    kc.check((earlier['T04.period'], earlier['T04.progress']) == ('', '33'), 'progress counts the years of the target')
    page = write(centre, 'html', '--lang', 'vi').decode()
    kc.check('<mark data-fact="F111">[chưa có số liệu: F111]</mark> triệu đồng' in page, 'a gap is marked in its sentence')
    kc.check('Chỉ tiêu cần nhập:' in page and re.search(r'BS\.15 [^;]*\(F111\)', page), 'and what to enter is said')
    send('two', 'BS.11,52,2021-2022,,41,actual\nBS.17,52,2021,,2.5,actual\nBS.17,52,2022,,3.5,actual\n')
    kc.check(value_of(centre, 'F113', '2021-2022') == '', 'two figures of an indicator that is not additive')
    kc.check(value_of(centre, 'F113', '2022') == '3.5', 'one of them alone')
    centre.process.stop()


def catalogues_that_do_not_fit(base):
    """A sentence with a fact there is none of is refused when the catalogue comes in, with its line."""
    with open(CATALOGUE, encoding='utf-8') as f:
        good = f.read()
    centre = kc.Centre(base).init().serve()
    for name, old, new, what in (('sentence', 'CNNT {F111} triệu', 'CNNT {F999} triệu', 'F999'), ('district', 'district=548', 'district=999', '999'),
                                 ('fact', 'share,,F007,F005', 'share,,F007,F555', 'F555'), ('progress', ',P04,', ',P94,', 'P94'),
                                 ('brace', 'cho {F112} lao', 'cho {F112 lao', 'F112')):
        kc.check(good.count(old) == 1, '%s stands %d times' % (old, good.count(old)))
        path = os.path.join(base, name + '.csv')
        with open(path, 'w', encoding='utf-8') as f:
            f.write(good.replace(old, new))
        line = good[:good.index(old)].count('\n') + 1
        p = kc.run(kc.program('kc-collector'), 'catalogue', 'import', centre.dir, path, '--lang', 'en', want=3)
        kc.check(what in p.stderr and 'line %d,' % line in p.stderr and name + '.csv' in p.stderr, p.stderr)
        p = kc.run(kc.program('kc-collector'), 'init', os.path.join(base, 'new'), '--catalogue', path, want=3)
        kc.check(what in p.stderr and not os.path.exists(os.path.join(base, 'new')), 'init: ' + p.stderr)
    path = os.path.join(base, 'bare.csv')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(good[:good.index('[facts]')])
    kc.run(kc.program('kc-collector'), 'catalogue', 'import', centre.dir, path)
    p = centre.do('report', '--narrative', '--years', YEARS, want=3)
    kc.check('[sentences]' in p.stderr, 'a catalogue without sentences: ' + p.stderr)
    centre.process.stop()


if __name__ == '__main__':
    kc.main([published_narrative, gaps_and_targets, catalogues_that_do_not_fit])
