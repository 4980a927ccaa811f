"""No line for the whole import; a collector away for days; every command beside a running serve."""
import os
import time

import kc


def offline_import_then_online(base):
    """Offline for the whole import, then on line: the same totals, and what was printed."""
    centre = kc.Centre(base).init().serve()
    offices = [kc.Office(base, code).join(centre.invite(code)) for code in kc.OFFICES]
    centre.process.stop()
    for office in offices:
        for path in office.files():
            office.do('import', path)
        kc.check(office.csv('list', '--waiting') != [], 'nothing waits at %s' % office.code)
    centre.serve()
    for office in offices:
        office.do('sync', '--wait')
        kc.check(office.csv('list', '--waiting') == [], 'something waits at %s after sync' % office.code)
    kc.check(kc.totals_as_cells(centre.totals('year,item,source')) == kc.expected_schemes(), 'totals differ')
    by_source = {r['source']: (r['schemes'], r['support_vnd']) for r in centre.totals('source')}
    kc.check(by_source == {'national': ('21', '9719200000'), 'province': ('137', '14146600000'), 'district': ('183', '3987000000')},
             'by source: %s' % by_source)
    by_fund = {r['fund']: (r['schemes'], r['support_vnd']) for r in centre.totals('fund')}
    kc.check(by_fund == {'KCQG': ('21', '9719200000'), 'KCĐP': ('320', '18133600000')}, 'by fund: %s' % by_fund)
    span = [r for r in centre.totals('year,item', 'item=IV.8')]
    kc.check([(r['year'], r['schemes'], r['support_vnd']) for r in span] == [('2014-2020', '36', '50000000')], 'IV.8: %s' % span)
    kc.check(centre.totals('item', 'item=IV.8,year=2019') == [], 'a span must not stand in a single year')
    # an export imports back with 0 changes; a second import of every file in its order ends at the same totals
    for office in offices[:3]:
        path = os.path.join(base, 'export.csv')
        office.do('export', 'scheme', '-o', path)
        office.do('import', path)
        kc.check(office.csv('list', '--waiting') == [], 'an export imported back made updates')
    centre.process.stop()
    centre.do('verify')


def collector_absent_for_days(base):
    """Agents carry on: entry, own totals, export; serve keeps trying and is calm."""
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '548').join(centre.invite('548'))
    centre.process.kill()
    office.serve()
    for path in office.files(('schemes',)):
        office.do('import', path)
    office.do('set', 'KC-548-2014-001', 'note=sửa khi mất mạng')
    kc.check(sum(int(r['schemes']) for r in office.csv('totals', '--by', 'source')) > 20, 'own totals offline')
    office.do('sync', '--wait', '--timeout', '2', want=4)
    kc.check(office.process.alive(), 'serve gave up')

    time.sleep(1)
    centre.serve()
    office.do('sync', '--wait', '--timeout', '60')
    kc.check(centre.csv('trace', 'KC-548-2014-001') != [], 'the record is not at the centre')
    office.process.stop()
    centre.process.stop()
    centre.do('verify')



def every_command_beside_serve(base):
    """Each command of both programs while serve runs on the same DIR; a second serve is refused with 5."""
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '549').join(centre.invite('549')).serve()
    first = office.files(('schemes',))[0]
    office.do('import', '--dry-run', first)
    kc.check(office.csv('list') == [], 'a dry run stored something')
    office.do('import', first)
    # the import leaves by itself, without sync
    kc.until(lambda: office.csv('list', '--waiting') == [], 20, 'the import to leave by itself')
    office.do('add', 'scheme', 'code=KC-549-2021-001', 'name=Hỗ trợ máy', 'district=549', 'plan_year=2021', 'item=III.3',
              'status=registered', 'district_vnd=5000000')
    office.do('set', 'KC-549-2021-001', 'status=approved', '--as', 'Nguyễn Văn A')
    office.do('withdraw', 'KC-549-2021-001', '--reason', 'nhập nhầm')
    for command in (['status'], ['list'], ['list', '--search', 'ho tro may'], ['show', 'KC-549-2014-001'],
                    ['history', 'KC-549-2021-001'], ['totals', '--by', 'year'], ['export', 'scheme'], ['doctor'], ['conflicts'],
                    ['list', '--refused'], ['sync', '--wait']):
        office.do(*command)
    for command in (['totals', '--by', 'year,source'], ['agents'], ['offices'], ['invites'], ['verify'], ['refused'],
                    ['trace', 'KC-549-2014-001'], ['catalogue', 'show']):
        if command[0] == 'catalogue':
            kc.run(kc.program('kc-collector'), 'catalogue', 'show', centre.dir)
        else:
            centre.do(*command)
    invite = kc.rows_of(centre.do('invites', '--format', 'csv').stdout)
    kc.check([i['state'] for i in invite] == ['used'], 'invites: %s' % invite)
    for argv in ([kc.program('kc-collector'), 'serve', centre.dir, '--bind', 'tcp://127.0.0.1:0'],
                 [kc.program('kc-agent'), 'serve', office.dir]):
        kc.run(*argv, want=5)
    kc.check(centre.totals('year', 'year=2021') == [], 'a withdrawn scheme counts')
    # revoke beside serve: the agent is out at once, the others stay
    other = kc.Office(base, '540').join(centre.invite('540')).serve()
    centre.do('revoke', next(a['agent'] for a in centre.csv('agents') if a['office'] == '549'))
    office.do('set', 'KC-549-2014-001', 'note=sau khi bị thu hồi')
    office.do('sync', '--wait', '--timeout', '3', want=4)
    other.do('import', other.files()[0])
    other.do('sync', '--wait')
    office.process.stop()
    other.process.stop()
    centre.process.stop()
    centre.do('verify')
    for folder in (centre.dir, office.dir):
        odd = [n for n in os.listdir(folder) if not os.path.isfile(os.path.join(folder, n))]
        kc.check(odd == [], 'with nothing running %s holds %s' % (folder, odd))


if __name__ == '__main__':
    kc.main([offline_import_then_online, collector_absent_for_days, every_command_beside_serve])
