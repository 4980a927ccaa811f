"""Periods closed and locked, with real processes: late updates are listed with their records, tables as sent stay the
same bytes, a lock refuses and names itself, an extension lets in what was refused until it ends."""
import csv
import io
import json
import os

import kc
import test_upgrade

KINDS = ('schemes', 'outcomes', 'supplementary')
HEAD = 'code,name,district,plan_year,item,status,province_vnd\n'


def start(base, *codes):
    centre = kc.Centre(base).init().serve()
    return [centre] + [kc.Office(base, code).join(centre.invite(code)) for code in codes]


def crash(centre):
    """Serve dies without a warning and comes back."""
    centre.process.kill()
    centre.serve()


def reports(centre, base, as_of, name):
    """Bytes of the five annexes in every format."""
    made = {}
    for form in ('csv', 'json', 'html', 'xlsx'):
        path = os.path.join(base, '%s.%s' % (name, form))
        centre.do('report', '--annex', 'all', '--years', '2014-2020', '--as-of', as_of, '--format', form, '-o', path)
        with open(path, 'rb') as f:
            made[form] = f.read()
    return made


def changes(centre, since, by, *options):
    return centre.csv('changes', '--since', since, '--by', by, *options)


def late_updates(base):
    centre, a, b = start(base, '549', '540')
    for office in (a, b):
        for path in office.files(KINDS):
            office.do('import', path)
        office.do('sync', '--wait')
    centre.do('close', '2020-Q5', want=3)
    centre.do('close', '2099', want=3)
    kc.check(centre.csv('closings') == [], 'nothing is closed yet')
    centre.do('changes', '--since', '2020', '--by', 'year', want=3)
    p = centre.do('close', '2020', '--as', 'Minh', '--comment', 'BC 112/BC-SCT', '--lang', 'en')
    kc.check('closed at position' in p.stdout and 'not submitted' in p.stderr, p.stdout + p.stderr)
    closing = centre.csv('closings')
    kc.check([(r['period'], r['person'], r['comment']) for r in closing] == [('2020', 'Minh', 'BC 112/BC-SCT')], closing)
    position = closing[0]['position']
    sent = reports(centre, base, 'closing:2020', 'sent')
    then = {by: centre.csv('totals', '--by', by) for by in ('district,year', 'indicator,district,year')}
    kc.check(changes(centre, '2020', 'district,year') == [], 'nothing has changed')
    centre.do('close', '2020')
    kc.check(len(centre.csv('closings')) == 1, 'closed again though nothing changed')

    # Late: an amount, a withdrawal, a figure that is new; one lands on each side of a crash.
    schemes = [r for r in a.csv('list', 'scheme') if r['status'] == 'settled' and r['year'] == '2019']
    one, other = schemes[0]['code'], schemes[1]['code']
    crash(centre)
    a.do('set', one, 'settled_province_vnd=123000000', '--reason', 'kiểm toán', '--as', 'Lan')
    a.do('sync', '--wait')
    crash(centre)
    a.do('withdraw', other, '--reason', 'trùng', '--as', 'Hoa')
    a.do('set', schemes[2]['code'], 'note=chỉ sửa lời', '--as', 'Lan')
    b.do('add', 'outcome', 'indicator=II.1', 'district=540', 'year=2014', 'fund=KCQG', 'period=2014-Q2', 'value=7')
    a.do('sync', '--wait')
    b.do('sync', '--wait')

    rows = changes(centre, '2020', 'district,year')
    kc.check([(r['district'], r['year']) for r in rows] == [('549', '2019')], rows)
    kc.check(list(rows[0])[:6] == ['district', 'year', 'schemes_before', 'schemes_now', 'support_vnd_before',
                                   'support_vnd_now'], list(rows[0]))
    now = {(r['district'], r['year']): r for r in centre.csv('totals', '--by', 'district,year')}
    was = {(r['district'], r['year']): r for r in then['district,year']}
    for measure in [c[:-7] for c in rows[0] if c.endswith('_before')]:
        kc.check(rows[0][measure + '_before'] == was['549', '2019'][measure], measure + ' before')
        kc.check(rows[0][measure + '_now'] == now['549', '2019'][measure], measure + ' now')
    behind = changes(centre, '2020', 'district,year', '--records')
    kc.check([(r['code'], r['office'], r['person']) for r in behind] == [(one, '549', 'Lan'), (other, '549', 'Hoa')], behind)
    for measure in ('schemes', 'support_vnd', 'settled_vnd'):
        shares = sum(int(r[measure + '_now']) - int(r[measure + '_before']) for r in behind)
        kc.check(shares == int(rows[0][measure + '_now']) - int(rows[0][measure + '_before']), measure)
    kc.check(changes(centre, position, 'district,year') == rows, 'a position says the same as the period')
    kc.check(changes(centre, '2020', 'year', '--where', 'year=2018') == [], '--where')
    made = json.loads(centre.do('changes', '--since', '2020', '--by', 'indicator,district,year', '--format', 'json').stdout)
    cell = [r for r in made['rows'] if r['year'] == '2014']
    kc.check(len(made['rows']) == 1 and cell[0]['value_now'] - cell[0]['value_before'] == 7, made)
    kc.check(made['since'] == position and made['since_seal'] == closing[0]['seal'], 'json names both ends')
    shown = centre.do('changes', '--since', '2020', '--by', 'district,year', '--lang', 'en').stdout
    kc.check(one in shown and other + ' (withdrawn)' in shown and '4 records were added or changed, 2' in shown, shown)
    kc.check('4 records' in centre.do('totals', '--by', 'year', '--lang', 'en').stderr, 'totals say it to people')
    kc.check('2020' in centre.do('completeness', '--period', '2020', '--lang', 'en').stderr, 'so does completeness')
    kc.check(centre.do('totals', '--by', 'year', '--format', 'csv').stderr == '', 'machines hear nothing')
    every = centre.csv('changes', '--since', '2020')
    kc.check([(r['kind'], r['office'], r['change'], r['fields']) for r in every] ==
             [('outcome', '540', 'added', ''), ('scheme', '549', 'changed', 'settled_province_vnd'),
              ('scheme', '549', 'withdrawn', ''), ('scheme', '549', 'changed', 'note')], every)
    kc.check('Ghi chú' in centre.do('changes', '--since', '2020').stdout, 'people read labels')
    centre.do('changes', '--since', '2020', '--records', want=2)
    centre.do('changes', '--by', 'year', want=2)
    centre.do('changes', '--since', '2020', '--by', 'nothing', want=2)

    # What was sent is the same for ever, by the period's name and by its position.
    kc.check(reports(centre, base, 'closing:2020', 'again') == sent, 'a closed report is not the same bytes')
    kc.check(reports(centre, base, position, 'position') == sent, 'nor by its position')
    for by, rows in then.items():
        kc.check(centre.csv('totals', '--by', by, '--as-of', 'closing:2020') == rows, 'totals as of the closing')

    # A bare number is a place in the log, whatever is closed; who may mean the year is told how to say it.
    p = centre.do('totals', '--by', 'year', '--as-of', '2020', '--lang', 'en', want=None)
    kc.check('closing:2020' in p.stderr if p.returncode == 0 else p.returncode == 3, p.stderr)

    # Closed again: everything starts from there; the first closing stays.
    crash(centre)
    centre.do('close', '2020', '--as', 'Minh')
    kc.check(len(centre.csv('closings')) == 2 and changes(centre, '2020', 'district,year') == [], 'a second closing')
    kc.check(len(changes(centre, position, 'district,year')) == 1, 'the first one can be asked still')
    kc.check(reports(centre, base, position, 'first') == sent, 'the first report')
    centre.do('verify')
    centre.process.stop()
    kc.check(reports(centre, base, position, 'stopped') == sent, 'with nothing serving')


def put(office, code, year, amount=5000000, **kw):
    return office.do('add', 'scheme', 'code=' + code, 'name=Máy ' + code, 'district=' + office.code, 'plan_year=%s' % year,
                     'item=III.3', 'status=approved', 'province_vnd=%d' % amount, **kw)


def refused(office):
    return {r['code']: r['reason'] for r in office.csv('list', '--refused')}


def money(centre):
    return {(r['district'], r['year']): int(r['support_vnd']) for r in centre.totals('district,year')}


def locked(base):
    centre, a, b = start(base, '549', '540')
    for office in (a, b):
        put(office, office.code + '-1', 2020)
        put(office, office.code + '-2', 2019)
        office.do('sync', '--wait')
    centre.do('lock', '2020', 'dances', want=3)
    centre.do('unlock', '2020', 'budget', '--office', '549', want=2)
    centre.do('lock', '2020', 'budget', '--as', 'Minh', '--comment', 'đã quyết toán')
    kc.check([(r['period'], r['table'], r['office'], r['state'], r['person']) for r in centre.csv('locks')]
             == [('2020', 'budget', '', 'locked', 'Minh')], 'locks')

    # An office that has not heard sends, and is told; one that has is warned before, and nothing stops it.
    a.do('set', '549-1', 'province_vnd=6000000')
    crash(centre)
    p = a.do('sync', '--wait', want=1)
    kc.check('549-1' in p.stdout and '2020' in p.stdout, 'the refusal is named: ' + p.stdout)
    kc.check(refused(a) == {'549-1': 'period_locked'}, 'refused at the office')
    kc.check([r['table'] for r in a.csv('locks')] == ['budget'], 'the office knows the lock')
    for change in (['set', '549-2', 'plan_year=2020'], ['withdraw', '549-1', '--reason', 'nhầm']):
        p = a.do(*change, '--lang', 'en')
        kc.check('the centre will refuse' in p.stderr, '%s: no warning: %s' % (change, p.stderr))
    kc.check('note' not in put(a, '549-3', 2018, want=0).stderr, 'another year is free')
    p = put(a, '549-4', 2020)
    kc.check('2020' in p.stderr, 'no warning: ' + p.stderr)
    a.do('sync', '--wait', want=1)
    kc.check(set(refused(a)) == {'549-1', '549-2', '549-4'}, refused(a))
    kc.check(money(centre) == {('540', '2019'): 5000000, ('540', '2020'): 5000000, ('549', '2018'): 5000000,
                               ('549', '2019'): 5000000, ('549', '2020'): 5000000}, 'a locked table moved')
    a.do('retry')
    kc.check(a.csv('status')[0]['waiting'] == '0', 'nothing can be sent again yet')

    # Longer for one office: what was refused goes again, typed by nobody.
    centre.do('unlock', '2020', 'budget', '--office', '549', '--until', '2020-12-31', want=3)
    centre.do('unlock', '2020', 'budget', '--office', '549', '--until', '2099-12-31')
    crash(centre)
    a.do('sync', '--wait', want=1)
    kc.check(a.csv('status')[0]['to_retry'] == '3', 'status does not say what can be sent again')
    kc.check('kc-agent retry' in a.do('status').stdout, 'nor to people')
    a.do('retry', '--as', 'Hoa')
    a.do('sync', '--wait')
    kc.check(refused(a) == {} and centre.csv('refused') == [], 'something is refused still')
    kc.check(money(centre) == {('540', '2019'): 5000000, ('540', '2020'): 5000000, ('549', '2018'): 5000000,
                               ('549', '2020'): 10000000}, 'not what the office has')
    kc.check('2099' in put(a, '549-5', 2020).stderr, 'the last day is not named')
    b.do('set', '540-1', 'note=x')
    b.do('sync', '--wait', want=1)
    kc.check(refused(b) == {'540-1': 'period_locked'}, 'the extension is one office\'s')

    # Taken back, then open to all.
    centre.do('lock', '2020', 'budget', '--office', '549')
    a.do('sync', '--wait', want=1)
    kc.check(set(refused(a)) == {'549-5'}, 'taken back')
    centre.do('unlock', '2020', 'all')
    for office in (a, b):
        office.do('sync', '--wait', want=1)
        office.do('retry')
        office.do('sync', '--wait')
        kc.check(refused(office) == {} and office.csv('locks') == [], 'open again')
    centre.do('verify')
    centre.process.stop()
    centre.do('lock', '2019', 'all')  # with nothing serving
    kc.check(len(centre.csv('locks')) == 1, 'locked without serve')
    centre.do('verify')


def an_extension_ends(base):
    """By the collector's clock, which is set two days on; set back, it makes nothing good again."""
    shim = os.environ.get('KC_CLOCKAHEAD')
    if not shim:
        print('       (without a preloaded clock: nothing to do)')
        return
    later = dict(kc.ENV, LD_PRELOAD=shim, KC_CLOCK_AHEAD=str(2 * 86400))
    centre, a = start(base, '549')
    put(a, '549-1', 2020)
    a.do('sync', '--wait')
    day = centre.csv('agents')[0]['last_contact'][:10]
    centre.do('lock', '2020', 'budget')
    p = centre.do('unlock', '2020', 'budget', '--office', '549', '--until', day, want=None)
    if p.returncode == 3:  # past midnight in Vietnam, not yet by UTC
        day = day[:8] + '%02d' % (int(day[8:]) + 1)
        centre.do('unlock', '2020', 'budget', '--office', '549', '--until', day)
    a.do('set', '549-1', 'note=trong hạn')
    a.do('sync', '--wait')
    centre.process.stop()
    centre.serve(later)
    a.do('set', '549-1', 'note=quá hạn')
    a.do('sync', '--wait', want=1)
    kc.check(refused(a) == {'549-1': 'period_locked'}, 'the extension has ended')
    kc.check({r['state'] for r in centre.csv('locks', env=later)} == {'locked', 'expired'}, 'locks do not say so')
    kc.check(a.csv('status')[0]['to_retry'] == '1', 'the office cannot know; it asks the centre')
    crash(centre)  # and the clock is back
    a.do('retry')
    a.do('sync', '--wait', want=1)
    kc.check(refused(a) == {'549-1': 'period_locked'}, 'a clock set back opened it')
    centre.do('unlock', '2020', 'budget', '--office', '549', '--until', '2099-01-31')
    a.do('sync', '--wait', want=1)
    a.do('retry')
    a.do('sync', '--wait')
    kc.check(refused(a) == {}, 'once more')
    centre.do('verify')


def an_older_store(base):
    """Made before there were closings and locks: reads leave it alone, the first decision takes it further."""
    centre, offices = test_upgrade.unpack(base)
    a = offices['549']
    before = [test_upgrade.digest(d) for d in (centre.dir, a.dir)]
    kc.check(centre.csv('closings') == [] and centre.csv('locks') == [] and a.csv('locks') == [], 'empty')
    kc.check([test_upgrade.digest(d) for d in (centre.dir, a.dir)] == before, 'written by a read')
    centre.do('close', '2020')
    centre.do('lock', '2020', 'all')
    centre.serve()
    a.do('sync', '--wait', want={0, 1})
    kc.check([r['table'] for r in a.csv('locks')] == ['all'], 'an office of then hears of locks')
    scheme = [r for r in a.csv('list', 'scheme') if r['year'] == '2020'][0]
    a.do('set', scheme['code'], 'note=muộn')
    a.do('sync', '--wait', want=1)
    kc.check(scheme['code'] in refused(a), 'locked')
    centre.do('unlock', '2020', 'all')
    a.do('sync', '--wait', want=1)
    a.do('retry')
    a.do('sync', '--wait', want={0, 1})
    kc.check(scheme['code'] not in refused(a), 'sent again')
    kc.check('2 records' in centre.do('totals', '--by', 'year', '--lang', 'en').stderr, 'what came late is said: the change, and what the office had unsent')
    centre.do('verify')


if __name__ == '__main__':
    kc.main([late_updates, locked, an_extension_ends, an_older_store])
