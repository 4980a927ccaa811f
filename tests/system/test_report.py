"""The annexes and what was published: every figure of five printed tables against the offices' messages."""
import csv
import decimal
import json
import os
import re
import shutil

import kc

D = decimal.Decimal
PUBLISHED = os.path.join(kc.ROOT, 'deploy', 'binh-dinh', 'published')
DISCREPANCIES = os.path.join(kc.ROOT, 'tests', 'data', 'binh-dinh', 'discrepancies.csv')
KINDS = ('schemes', 'outcomes', 'supplementary', 'consulting', 'staff', 'documents')
YEARS = '2014-2020'
MILLION = D(10) ** 6
FUNDS = {'kcdp': 'KCĐP', 'kcqg': 'KCQG'}
MONEY = {'support_vnd', 'revenue_vnd'}


def filled(base, codes=kc.OFFICES):
    centre = kc.Centre(base).init().serve()
    for code in codes:
        office = kc.Office(base, code).join(centre.invite(code))
        office.do('import', *office.files(KINDS))
        office.do('sync', '--wait')
    return centre


def table(name, folder=PUBLISHED):
    with open(os.path.join(folder, name), encoding='utf-8', newline='') as f:
        return list(csv.DictReader(f))


def printed():
    """Every printed figure: (annex, code, year, fund, measure, text); year '' where the publication says none."""
    out = []

    def add(annex, code, year, fund, measure, text):
        if text != '':
            out.append((annex, code, year, fund, measure, text))
    for r in table('annex_budget.csv'):
        add('budget', r['code'], r['year'], r['source'], 'schemes', r['schemes'])
        add('budget', r['code'], r['year'], r['source'], 'support_vnd', r['amount_million_vnd'])
    for r in table('annex_outcomes.csv'):
        add('outcomes', r['code'], r['year'], r['source'], 'value', r['value'])
    for r in table('annex_consulting.csv'):
        add('consulting', r['code'], r['year'], '', 'projects', r['projects'])
        add('consulting', r['code'], r['year'], '', 'revenue_vnd', r['revenue_million_vnd'])
    for r in table('annex_staff.csv'):
        add('staff', r['code'], r['year'], '', 'value', r['value'])
    for r in table('annex_legal_documents.csv'):
        add('documents', r['no'], '', '', 'status', r['status_en'])
    for column, year in (('total', 'total'), ('avg', 'average')):
        for r in table('annex_consulting_published.csv'):
            of = '_per_year' if column == 'avg' else ''
            add('consulting', r['code'], year, '', 'projects', r[column + '_projects' + of])
            add('consulting', r['code'], year, '', 'revenue_vnd', r[column + '_revenue_million_vnd' + of])
        for plain, fund in FUNDS.items():
            for r in table('annex_outcomes_published.csv'):
                add('outcomes', r['code'], year, fund, 'value', r['%s_%s' % (column, plain)])
            for r in table('annex_budget_published.csv'):
                add('budget', r['code'], year, fund, 'schemes', r['%s_%s_schemes' % (column, plain)])
                add('budget', r['code'], year, fund, 'support_vnd', r['%s_%s_amount_million_vnd' % (column, plain)])
    return out


def place(text):
    """One unit of the last printed place."""
    return D(1).scaleb(D(text).as_tuple().exponent)


def within(annex, code, of):
    """Is the row a part of the other, or it? By the codes alone."""
    if annex == 'budget' or annex == 'consulting':
        return of == 'total' or code == of or code.startswith(of + '.')
    return code == of


def slack(cells, annex, code, year, fund, measure):
    """How far rounding can take a printed amount of money from the exact one."""
    if measure not in MONEY:
        return D(0)
    years = None if year == 'total' else {year}
    parts = [c for c in cells if c[0] == annex and c[3] == fund and c[4] == measure and within(annex, c[1], code)
             and (c[2] != 'average' if years is None else c[2] in years)]
    return sum(place(c[5]) for c in parts) / 2


def in_print(value, measure):
    return D(value) / MILLION if measure in MONEY else D(value)


def reproduced(cells, ours, cell):
    """'equal', 'rounded' or None."""
    annex, code, year, fund, measure, text = cell
    if measure == 'status':
        return 'equal' if ours.get(cell[:5]) == text else None
    if year == '':   # together, and beyond the years that are printed
        same = [c for c in cells if (c[0], c[1], c[3], c[4]) == (annex, code, fund, measure)]
        undated = sum(D(c[5]) for c in same if c[2] == '')
        rest = in_print(ours[annex, code, 'total', fund, measure], measure)
        rest -= sum(in_print(ours.get((annex, code, c[2], fund, measure), 0), measure) for c in same if c[2].isdigit())
        return 'equal' if undated == rest else None
    got = in_print(ours.get(cell[:5], 0), measure)
    if year == 'average':
        exact = in_print(ours.get((annex, code, 'total', fund, measure), 0), measure) / 7
        return 'equal' if exact.quantize(place(text), decimal.ROUND_HALF_UP) == D(text) else None
    if got == D(text):
        return 'equal'
    return 'rounded' if abs(got - D(text)) <= slack(cells, annex, code, year, fund, measure) else None


def every_published_figure(base):
    centre = filled(base)
    rows = centre.csv('report', '--annex', 'all', '--years', YEARS)
    keys = [(r['annex'], r['code'], r['year'], r['fund'], r['measure']) for r in rows]
    kc.check(len(keys) == len(set(keys)), 'a cell stands twice in the report')
    ours = dict(zip(keys, (r['value'] for r in rows)))
    cells = printed()
    judged = centre.csv('reconcile', '--published', PUBLISHED, '--lang', 'vi', want=1)
    listed = {}
    for r in judged:
        if r['verdict'] == 'contradicts':
            listed.setdefault((r['annex'], r['code'], r['year'], r['fund'], r['measure']), []).append(
                (r['published'], r['other']))
    count = {'equal': 0, 'rounded': 0}
    contradicting, lost = [], []
    for cell in cells:
        how = reproduced(cells, ours, cell)
        if how:
            count[how] += 1
        if cell[:5] in listed and all(p == cell[5] and o != '' for p, o in listed[cell[:5]]):
            contradicting.append(cell)
        elif not how:
            lost.append((cell, ours.get(cell[:5])))
    blank = [k for k in listed if k not in {c[:5] for c in cells}]
    print('       %d published figures: %d reproduced exactly, %d as rounded; %d figures (and %d blank cell) '
          'contradict, each listed with both figures' % (len(cells), count['equal'], count['rounded'],
                                                       len(contradicting), len(blank)))
    kc.check(not lost, 'neither reproduced nor listed: %s' % lost[:5])
    kc.check(len(cells) > 700 and count['equal'] > 600, 'only %d figures were looked at' % len(cells))
    # and nothing is there that was not printed, but averages left out of the print
    here = {c[:5] for c in cells}
    undated = {(c[0], c[1], c[3], c[4]) for c in cells if c[2] == ''}
    extra = [k for k, v in ours.items() if k not in here and k[2] != 'average' and D(v) != 0 and
             (k[0], k[1], k[3], k[4]) not in undated]
    kc.check(not extra, 'not printed: %s' % extra[:5])
    every_cell_is_judged(cells, judged)
    what_the_publication_is_known_for(judged)
    same_bytes(base, centre)
    office_against_centre(base, centre)
    planted(base, centre)
    options(base, centre)
    centre.process.stop()


def every_cell_is_judged(cells, judged):
    seen = {(r['annex'], r['code'], r['year'], r['fund'], r['measure'], r['published']) for r in judged}
    missed = [c for c in cells if c not in seen]
    kc.check(not missed, 'not judged: %s' % missed[:5])
    kc.check(all(r['note'] for r in judged), 'a comparison does not say with what')
    equal = [r for r in judged if r['verdict'] == 'equal' and r['measure'] != 'status' and D(r['published']) != D(r['other'])]
    kc.check(not equal, 'called equal: %s' % equal[:3])


def what_the_publication_is_known_for(judged):
    """D01-D14 and no other contradiction; R01-R12 rounded; nothing differs from ours."""
    known = {r['id']: r for r in csv.DictReader(open(DISCREPANCIES, encoding='utf-8', newline=''))}
    got = sorted((D(r['published']), D(r['other'])) for r in judged if r['verdict'] == 'contradicts')
    want = []
    for i in range(1, 15):
        r = known['D%02d' % i]
        a, b = D(r['figure_a']), D(r['figure_b'])
        want.append((b, a) if i <= 4 or i == 14 else (a, b))   # the row stands on the total, the outcome, staff 1
    kc.check(got == sorted(want), 'contradictions: %s, wanted %s' % (got, sorted(want)))
    kc.check(not [r for r in judged if r['verdict'] == 'differs'], 'something differs from ours')
    rounded = {(D(r['published']), D(r['other'])) for r in judged if r['verdict'] == 'rounded'}
    for i in range(1, 13):
        r = known['R%02d' % i]
        pair = (D(r['figure_b']), D(r['figure_a']))
        kc.check(pair in rounded, 'R%02d %s is not shown as rounded' % (i, pair))
    places = {(r['annex'], r['code'], r['year'], r['fund'], r['measure']) for r in judged if r['verdict'] == 'contradicts'}
    kc.check(('outcomes', 'IV.1', '2018', 'KCQG', 'value') in places, 'the fair of 2018')
    kc.check(('staff', '1', '2020', '', 'value') in places, 'staff of 2020')
    undated = [r for r in judged if r['verdict'] == 'undated']
    kc.check({(r['annex'], r['code']) for r in undated} == {('budget', 'IV.8'), ('outcomes', 'IV.6'), ('outcomes', 'VI.3')}
             and len(undated) == 13, 'without a year: %d' % len(undated))


def same_bytes(base, centre):
    """One position, the same files: in any time zone and language of the machine, replaced or new."""
    text = centre.do('report', '--years', YEARS, '--format', 'json').stdout
    meta = json.loads(text)
    kc.check(re.fullmatch('[0-9a-f]{16}:[0-9]+', meta['position']) and re.fullmatch('[0-9a-f]{32}', meta['seal']),
             'json says %s %s' % (meta['position'], meta['seal']))
    as_text = json.loads(text, parse_float=str, parse_int=str)['rows']
    kc.check(as_text == centre.csv('report', '--years', YEARS), 'json and csv have other rows')
    for r in meta['rows']:
        kc.check((r['measure'] in MONEY | {'status'}) == isinstance(r['value'], str), 'json type of %s' % r)
    for form in ('csv', 'json', 'html', 'xlsx'):
        found = set()
        for zone in ('UTC', 'Asia/Ho_Chi_Minh', 'America/Anchorage'):
            path = os.path.join(base, 'report.' + form)
            centre.do('report', '--years', YEARS, '--format', form, '-o', path, '--lang', 'vi',
                      env=dict(kc.ENV, TZ=zone, LC_ALL='C.UTF-8' if zone == 'UTC' else 'en_US.UTF-8'))
            with open(path, 'rb') as f:
                found.add(f.read())
        kc.check(len(found) == 1, '%s is not the same everywhere' % form)
        kc.check(not [n for n in os.listdir(base) if n.startswith('report.' + form) and n != 'report.' + form],
                 'something was left beside the report')


def office_against_centre(base, centre):
    """With no line an office's own annexes are those the centre writes of it."""
    for code in ('549', '52'):
        office = kc.Office(base, code)
        own = office.csv('report', '--annex', 'all', '--years', YEARS)
        kc.check(own == centre.csv('report', '--annex', 'all', '--years', YEARS, '--office', code), 'report of ' + code)
        kc.check(own, 'an empty report of ' + code)
        meta = json.loads(office.do('report', '--years', YEARS, '--format', 'json').stdout)
        kc.check(re.fullmatch('[0-9a-f]{32}:[0-9]+ \\+ [0-9a-f]+:[0-9]+', meta['position']), 'position of an office: ' + meta['position'])
    one = kc.Office(base, '549').csv('report', '--annex', 'budget', '--years', '2019')
    kc.check({r['year'] for r in one} == {'2019', 'total', 'average'}, 'a single year')
    kc.check({r['annex'] for r in one} == {'budget'}, 'one annex')
    total = {(r['code'], r['fund'], r['measure']): r['value'] for r in one if r['year'] == 'total'}
    kc.check(all(total[r['code'], r['fund'], r['measure']] == r['value'] for r in one if r['year'] == '2019'),
             'a year is its own total: no span is in it')
    empty = kc.Office(base, '542').do('report', '--annex', 'staff', '--years', YEARS, '--format', 'csv').stdout
    kc.check(empty == 'annex,code,year,fund,measure,value\n', 'no rows: %r' % empty)


def copy(base, name, change=None, only=None):
    """The publication with one file changed by its lines; or of a few files only."""
    folder = os.path.join(base, 'published-' + name)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PUBLISHED, folder)
    for file in os.listdir(folder):
        if only is not None and file not in only:
            os.remove(os.path.join(folder, file))
    if change:
        file, old, new = change
        path = os.path.join(folder, file)
        with open(path, encoding='utf-8', newline='') as f:
            text = f.read()
        kc.check(len(re.findall(old, text, re.M)) == 1, '%s: %s stands %d times' % (file, old, len(re.findall(old, text, re.M))))
        with open(path, 'w', encoding='utf-8', newline='') as f:
            f.write(re.sub(old, new, text, flags=re.M))
    return folder


# What is changed in the print, and the comparisons that must then be new: place, published, other, verdict.
PLANTED = [
    ('staff', ('annex_staff.csv', r'^2\.a,(.*),2016,1$', r'2.a,\1,2016,3'),
     {('staff', '2.a', '2016', '', '3', '1', 'differs'), ('staff', '1', '2016', '', '10', '12', 'contradicts')}),
    ('count', ('annex_budget.csv', r'^(V,V\.1,.*),2019,KCĐP,1,35\.0', r'\1,2019,KCĐP,2,35.0'),
     {('budget', 'V.1', '2019', 'KCĐP', '2', '1', 'differs'), ('budget', 'V', '2019', 'KCĐP', '1', '2', 'contradicts'),
      ('budget', 'V.1', 'total', 'KCĐP', '5', '6', 'contradicts'), ('outcomes', 'V.1', '2019', 'KCĐP', '1', '2', 'contradicts')}),
    ('money', ('annex_budget.csv', r'^(I,I\.1,.*),2015,KCĐP,3,284\.9', r'\1,2015,KCĐP,3,285.2'),
     {('budget', 'I.1', '2015', 'KCĐP', '285.2', '284.9', 'differs'), ('budget', 'I', '2015', 'KCĐP', '284.9', '285.2', 'contradicts'),
      ('budget', 'I.1', 'total', 'KCĐP', '743.0', '743.3', 'contradicts'),
      ('budget', 'I', 'total', 'KCĐP', '743.0', '743', None)}),
    ('rounding', ('annex_budget.csv', r'^(I,I\.1,.*),2015,KCĐP,3,284\.9', r'\1,2015,KCĐP,3,284.95'),
     {('budget', 'I.1', '2015', 'KCĐP', '284.95', '284.9', 'differs')}),
    ('average', ('annex_consulting_published.csv', r',35,3079\.48,5,439\.93', ',35,3079.48,5,439.94'),
     {('consulting', 'total', 'average', '', '439.94', '439.93', 'differs'),
      ('consulting', 'total', 'average', '', '439.94', '439.93', 'contradicts')}),
    ('blank', ('annex_outcomes.csv', r'^(VII,VII\.5,.*),2014,KCQG,1,', r'\1,2014,KCQG,,'),
     {('outcomes', 'VII.5', '2014', 'KCQG', '0', '1', 'differs'), ('outcomes', 'VII.5', '2014', 'KCQG', '0', '1', 'contradicts'),
      ('outcomes', 'VII.5', 'total', 'KCQG', '1', '0', 'contradicts')}),
    ('few', ('annex_outcomes.csv', r'^(III,III\.3,.*),2014,KCĐP,11,', r'\1,2014,KCĐP,10,'),
     {('outcomes', 'III.3', '2014', 'KCĐP', '10', '11', 'differs'), ('outcomes', 'III.3', '2014', 'KCĐP', '10', '11', 'contradicts'),
      ('outcomes', 'III.3', 'total', 'KCĐP', '111', '110', 'contradicts')}),
    ('undated', ('annex_budget.csv', r'^(IV,IV\.8,.*),,KCĐP,8,10\.0,ambiguous,2014', r'\1,,KCĐP,9,10.0,ambiguous,2014'),
     {('budget', 'IV.8', '', 'KCĐP', '9', '36', 'differs'), ('budget', 'IV.8', 'total', 'KCĐP', '36', '37', 'contradicts')}),
    ('document', ('annex_legal_documents.csv', r'^(3,.*,x,Đã ban hành,)issued', r'\1drafting'),
     {('documents', '3', '', '', 'drafting', 'issued', 'differs')}),
    ('strange', ('annex_staff.csv', r'^4\.b,(.*),2020,1$', r'4.z,\1,2020,1'),
     {('staff', '4.z', '2020', '', '1', '0', 'differs'), ('staff', '4.b', '2020', '', '0', '1', 'differs')}),
]


def verdicts(rows):
    return {(r['annex'], r['code'], r['year'], r['fund'], r['published'], r['other'], r['verdict']) for r in rows
            if r['verdict'] in ('differs', 'contradicts')}


def planted(base, centre):
    before = verdicts(centre.csv('reconcile', '--published', PUBLISHED, want=1))
    for name, change, want in PLANTED:
        rows = centre.csv('reconcile', '--published', copy(base, name, change), want=1)
        new = verdicts(rows) - before
        want = {w for w in want if w[6]}
        kc.check(want <= new, '%s: missing %s among %s' % (name, sorted(want - new), sorted(new)))
    # tables that are not there are left out, with a word
    some = copy(base, 'some', only=('annex_consulting.csv', 'annex_consulting_published.csv'))
    p = centre.do('reconcile', '--published', some, '--format', 'csv')
    kc.check({r['annex'] for r in kc.rows_of(p.stdout)} == {'consulting'} and 'annex_staff.csv' in p.stderr,
             'a few tables only: ' + p.stderr)
    # what cannot be read is named by file, line and column
    for name, change, where in (
            ('number', ('annex_staff.csv', r'^1,(.*),2014,11$', r'1,\1,2014,1l'), r'annex_staff\.csv\D+2\D+5\D'),
            ('year', ('annex_staff.csv', r'^1,(.*),2015,11$', r'1,\1,20x5,11'), r'annex_staff\.csv\D+3\D+4\D'),
            ('fund', ('annex_outcomes.csv', r'^(I,I\.1,.*),2015,KCĐP', r'\1,2015,KCXX'), r'annex_outcomes\.csv\D+4\D+6\D'),
            ('twice', ('annex_staff.csv', r'^1,(.*),2015,11$', r'1,\1,2014,11'), r'annex_staff\.csv\D+3\D+5\D'),
            ('short', ('annex_consulting.csv', r'^5\.2,.*$', '5.2,x'), r'annex_consulting\.csv\D+24\D'),
            ('column', ('annex_budget_published.csv', 'total_kcqg_schemes', 'tong'), r'annex_budget_published\.csv\D+1\D')):
        p = centre.do('reconcile', '--published', copy(base, name, change), '--format', 'csv', want=3)
        kc.check(re.search(where, p.stderr) and p.stdout == '', '%s: %s' % (name, p.stderr))
    centre.do('reconcile', '--published', os.path.join(base, 'nowhere'), want=3)
    centre.do('reconcile', want=2)
    people = centre.do('reconcile', '--published', PUBLISHED, '--lang', 'vi', want=1)
    kc.check('mâu thuẫn' in people.stdout and 'khớp' not in people.stdout and '14 mâu thuẫn' in people.stderr,
             'for people: ' + people.stderr)


def options(base, centre):
    for argv, code in (((), 2), (('--years', '2014-2020', '--annex', '6'), 2), (('--years', '2020-2014'), 2),
                       (('--years', 'x'), 2), (('--years', YEARS, '--format', 'pdf'), 2),
                       (('--years', YEARS, '--format', 'xlsx'), 2), (('--years', YEARS, '--format', 'table'), 2),
                       (('--years', YEARS, '--office', '999'), 3), (('--years', YEARS, '--excel', '--format', 'json'), 2),
                       (('--years', YEARS, '--format', 'csv', '-o', os.path.join(base, 'no', 'such')), {3, 5})):
        p = centre.do('report', *argv, want=code)
        kc.check(p.stdout == '' and p.stderr.strip(), 'report %s' % (argv,))
    by_name = [centre.do('report', '--annex', a, '--years', YEARS, '--format', 'csv').stdout for a in ('3', 'budget')]
    kc.check(by_name[0] == by_name[1] and by_name[0].startswith('annex,code'), 'annex 3 is the budget')
    dash = centre.do('report', '--annex', '3', '--years', YEARS, '--format', 'csv', '-o', '-').stdout
    kc.check(dash == by_name[0], '-o -')
    excel = kc.run(kc.program('kc-collector'), 'report', centre.dir, '--years', YEARS, '--excel').stdout
    kc.check(excel.startswith('\ufeff'), '--excel')
    ending = os.path.join(base, 'by-ending.html')
    centre.do('report', '--years', YEARS, '-o', ending)
    with open(ending, encoding='utf-8') as f:
        kc.check('<html' in f.read(), 'the ending says what kind of file')


def supplementary_and_plans_stay_out(base):
    """Plans, supplementary indicators and figures of other years have no cell; a reported 0 has one; spans count in
    the total of a period that holds them."""
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '52').join(centre.invite('52'))
    path = os.path.join(base, 'figures.csv')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('indicator,district,year,fund,value,value_kind\n'
                'I.1,52,2019,KCĐP,7,plan\nI.2,52,2019,KCĐP,0,actual\nI.2,52,2020,KCĐP,5,estimate\nI.2,52,2020,KCĐP,9,plan\n'
                'I.2,52,2018-2020,KCĐP,3,actual\nI.2,52,2017-2020,KCĐP,100,actual\nIII.1.a,52,2019,KCQG,1.5,actual\n'
                'BS.2,52,2019,,4,actual\n')
    office.do('import', path)
    rows = {(r['code'], r['year'], r['fund']): r['value'] for r in office.csv('report', '--annex', '2', '--years', '2018-2020')}
    want = {('I.2', '2019', 'KCĐP'): '0', ('I.2', '2020', 'KCĐP'): '5', ('I.2', 'total', 'KCĐP'): '8',
            ('I.2', 'average', 'KCĐP'): '2.667', ('III.1.a', '2019', 'KCQG'): '1.5', ('III.1.a', 'total', 'KCQG'): '1.5',
            ('III.1.a', 'average', 'KCQG'): '0.500'}
    kc.check(rows == want, 'outcomes: %s' % rows)
    centre.process.stop()


if __name__ == '__main__':
    kc.main([every_published_figure, supplementary_and_plans_stay_out])
