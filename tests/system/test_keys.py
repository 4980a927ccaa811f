"""Whom the centre knows, and by which keys: a round asked for by the centre, invites taken back."""
import os

import kc


def add(pc, code):
    pc.do('add', 'scheme', 'code=' + code, 'name=Máy ' + code, 'district=549', 'plan_year=2020', 'item=III.3',
          'status=approved', 'province_vnd=1000000', '--as', 'An')


def arrived(centre):
    return sum(int(r['schemes']) for r in centre.totals('year'))


def asked_to_sync(base):
    """The centre asks; who is connected does it and says so, who is not is named."""
    centre = kc.Centre(base).init()
    centre.do('sync', want=4)
    centre.serve()
    here = kc.Office(base, '549', 'here').join(centre.invite('549')).serve()
    away = kc.Office(base, '549', 'away').join(centre.invite('549'))
    other = kc.Office(base, '550', 'other').join(centre.invite('550')).serve()
    kc.until(lambda: sum(r['state'] == 'online' for r in centre.csv('agents')) == 2, 30, 'two are connected')
    rows = kc.rows_of(centre.do('sync', '--timeout', '5', '--format', 'csv', want=4).stdout)
    kc.check([(r['agent'], r['state']) for r in rows] == [('549-1', 'done'), ('549-2', 'silent'), ('550-1', 'done')],
             'asked all: %r' % rows)
    rows = centre.csv('sync', '550')
    kc.check([(r['agent'], r['state'], r['backlog']) for r in rows] == [('550-1', 'done', '0')], 'asked 550: %r' % rows)
    centre.do('sync', '999', want=3)
    add(here, 'A-1')
    kc.until(lambda: centre.do('sync', '549', '--timeout', '1', want=None) and arrived(centre) == 1, 30, 'sent')
    for pc in (here, other):
        log = kc.until(lambda: (lambda t: 'đã gửi nhận xong' in t and t)(open(pc.log, encoding='utf-8').read()), 20,
                       'the office says so in its log')
        kc.check(log.count('trung tâm yêu cầu') >= log.count('đã gửi nhận xong') > 0, 'log: ' + log)
    away.serve()
    kc.until(lambda: centre.do('sync', '--timeout', '5', want={0, 4}).returncode == 0, 30, 'all have')
    for p in (here, away, other, centre):
        p.process.stop()


def an_invite_is_taken_back(base):
    """Beside a running serve and without one; who comes with it is told, and a used one is not to be taken back."""
    centre = kc.Centre(base).init().serve()
    lost, used = centre.invite('549'), centre.invite('549')
    ids = [r['id'] for r in centre.csv('invites') if r['state'] == 'open']
    kc.check(len(ids) == 2, 'invites: %r' % ids)
    pc = kc.Office(base, '549', 'first').join(used)
    ids = {r['state']: r['id'] for r in centre.csv('invites')}
    p = centre.do('invite', '--cancel', ids['used'], want=3)
    kc.check('revoke' in p.stderr, 'a used one: ' + p.stderr)
    centre.do('invite', '--cancel', ids['open'])
    centre.do('invite', '--cancel', ids['open'])  # again: it is so already
    kc.check({r['id']: r['state'] for r in centre.csv('invites')}[ids['open']] == 'cancelled', 'not cancelled')
    p = kc.run(kc.program('kc-agent'), 'join', os.path.join(base, 'finder'), lost, '--timeout', '20', want=4)
    kc.check('hủy' in p.stderr, 'the finder is told: ' + p.stderr)
    add(pc, 'A-1')
    pc.do('sync', '--wait')
    other = centre.invite('549')
    fresh = [r['id'] for r in centre.csv('invites') if r['state'] == 'open']
    centre.process.stop()
    centre.do('invite', '--cancel', fresh[0])
    centre.do('invite', '--cancel', ids['used'], want=3)
    centre.serve()
    kc.run(kc.program('kc-agent'), 'join', os.path.join(base, 'late'), other, '--timeout', '20', want=4)
    centre.do('invite', '--cancel', 'nothing', want=3)
    centre.process.stop()


if __name__ == '__main__':
    kc.main([asked_to_sync, an_invite_is_taken_back])
