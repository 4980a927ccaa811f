"""Whom the centre knows, and by which keys: a round asked for by the centre, invites taken back, agents with new keys."""
import os
import random
import shutil
import subprocess
import time

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


def sessions_of(centre, number):
    with open(os.path.join(centre.base, 'centre.log'), encoding='utf-8') as f:
        return sum('agent %d: greeting, looked up' % number in line for line in f)


def new_keys(base):
    """Beside a running serve, twice; its stream goes on, others notice nothing, a copy of before is told."""
    centre = kc.Centre(base).init().serve(dict(kc.ENV, KC_TRACE='1'))
    one = kc.Office(base, '549', 'one').join(centre.invite('549'))
    two = kc.Office(base, '549', 'two').join(centre.invite('549')).serve()
    add(one, 'A-1')
    one.do('sync', '--wait')
    old = kc.Office(base, '549', 'copy')
    shutil.copytree(one.dir, old.dir)
    bundle = os.path.join(base, 'before.kcb')
    add(one, 'A-2')
    kc.run(kc.program('kc-agent'), 'bundle', 'export', one.dir, bundle)
    one.do('rekey')
    kc.until(lambda: [r['state'] for r in centre.csv('agents')][1] == 'online', 30, 'the other is connected')
    one.serve()
    kc.until(lambda: arrived(centre) == 2, 30, 'its stream goes on')
    before = sessions_of(centre, 2)
    one.do('rekey')
    add(one, 'A-3')
    kc.until(lambda: arrived(centre) == 3, 30, 'and on')
    kc.check(sessions_of(centre, 2) == before, 'the other was dropped: %d sessions' % sessions_of(centre, 2))
    kc.until(lambda: len(two.csv('list')) == 3, 30, 'the other PC has it')
    kc.check([r['agent'] for r in centre.csv('agents')] == ['549-1', '549-2'], 'agents: %r' % centre.csv('agents'))
    p = old.do('sync', want=4)
    kc.check('đã được thay' in p.stderr, 'the copy is told: ' + p.stderr)
    p = kc.run(kc.program('kc-collector'), 'bundle', 'import', centre.dir, bundle, want=3)
    kc.check('đổi khóa' in p.stderr, 'a bundle of before: ' + p.stderr)
    again = os.path.join(base, 'after.kcb')
    reply = os.path.join(base, 'reply.kcb')
    kc.run(kc.program('kc-agent'), 'bundle', 'export', one.dir, again, '--all')
    kc.run(kc.program('kc-collector'), 'bundle', 'import', centre.dir, again, '--reply', reply)
    kc.run(kc.program('kc-agent'), 'bundle', 'import', one.dir, reply)
    one.process.stop()
    two.process.stop()
    centre.do('revoke', '549-1')
    p = one.do('sync', want=4)
    kc.check('thu hồi' in p.stderr, 'revoked: ' + p.stderr)
    one.do('rekey', '--timeout', '10', want=4)
    two.do('sync', '--wait')
    centre.do('verify')
    centre.process.stop()


def cut_off_at_any_step(base):
    """Killed at any moment, with the line cut as well: the store still gets in, and nothing is lost."""
    centre = kc.Centre(base).init().serve()
    line = kc.Line(centre.port, seed=5)
    pc = kc.Office(base, '549').join(centre.invite('549', line.endpoint), timeout=300)
    line.cut_every = 6000
    dice = random.Random(7)
    for i in range(14):
        add(pc, 'A-%d' % i)
        p = subprocess.Popen([kc.program('kc-agent'), 'rekey', pc.dir], env=kc.ENV, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0, 0.12))
        p.kill()
        p.wait()
        if i % 4 == 3:
            pc.do('sync', '--wait', timeout=300)
            kc.check(arrived(centre) == i + 1, 'round %d: %d arrived' % (i, arrived(centre)))
    line.down()
    p = pc.do('rekey', '--timeout', '2', want=4)
    line.heal()
    copy = kc.Office(base, '549', 'copy')
    shutil.copytree(pc.dir, copy.dir)
    pc.do('sync', '--wait')  # it registers them by itself
    pc.do('rekey')
    p = copy.do('sync', want=4)
    kc.check('đã được thay' in p.stderr, 'the copy is told: ' + p.stderr)
    pc.do('sync', '--wait')
    kc.check(arrived(centre) == 14, 'arrived %d' % arrived(centre))
    kc.until(lambda: [r['state'] for r in centre.csv('agents')] == ['offline'], 20, 'one agent, offline')
    centre.do('verify')
    centre.process.stop()
    line.close()


def restored_from_before(base):
    """A centre from a backup of before: of before new keys, and of before the PC was there at all."""
    centre = kc.Centre(base).init()
    backups = [os.path.join(base, 'backup-%d' % i) for i in range(2)]
    centre.do('backup', backups[0])
    centre.serve()
    pc = kc.Office(base, '549').join(centre.invite('549'))
    add(pc, 'A-1')
    pc.do('sync', '--wait')
    centre.do('backup', backups[1])
    pc.do('rekey')
    add(pc, 'A-2')
    pc.do('sync', '--wait')
    pc.do('rekey')
    pc.do('sync', '--wait')
    for i, backup in enumerate(reversed(backups)):
        centre.process.stop()
        shutil.rmtree(centre.dir)
        kc.run(kc.program('kc-collector'), 'restore', backup, centre.dir)
        centre.serve()
        pc.do('sync', '--wait')
        kc.check(arrived(centre) == 2, 'given back %d' % arrived(centre))
        rows = centre.csv('agents')
        kc.check([r['agent'] for r in rows] == ['549-1'], 'agents: %r' % rows)
        centre.do('confirm', '549-1')
        centre.do('verify')
        add(pc, 'B-%d' % i)
        pc.do('rekey')
        pc.do('sync', '--wait')
        kc.check(arrived(centre) == 3, 'goes on: %d' % arrived(centre))
        pc.do('withdraw', 'B-%d' % i, '--reason', 'thử')
        pc.do('sync', '--wait')
    centre.do('verify')
    centre.process.stop()


def known(centre):
    return [(r['agent'], r['state']) for r in centre.csv('rotate-key')]


def the_centres_key(base):
    """The centre gets another key beside a running serve: who is connected follows, who was away needs an invite, and
    the stores stay what they are."""
    centre = kc.Centre(base).init().serve()
    one = kc.Office(base, '549', 'one').join(centre.invite('549')).serve()
    away = kc.Office(base, '549', 'away').join(centre.invite('549'))
    add(one, 'A-1')
    add(away, 'A-2')
    kc.until(lambda: arrived(centre) == 1, 30, 'one is here')
    kc.check(known(centre) == [], 'nothing is under way: %r' % known(centre))
    other = kc.reserved_port()
    second = 'tcp://127.0.0.1:%d' % other.getsockname()[1]
    centre.do('rotate-key', '--finish', want=3)
    centre.do('rotate-key', 'nonsense', want=3)
    kc.check('another port' in centre.do('rotate-key', centre.endpoint, '--lang', 'en', want=3).stderr, 'the port of the old key')
    hidden = os.path.join(base, 'authority.key')
    shutil.move(os.path.join(centre.dir, 'authority.key'), hidden)
    centre.do('rotate-key', second, want=3)
    centre.do('rotate-key', second, '--authority', hidden)
    centre.do('rotate-key', second, '--authority', hidden, want=3)  # one at a time
    kc.until(lambda: known(centre) == [('549-1', 'known'), ('549-2', 'waiting')], 30, 'who is connected knows it')
    one.process.stop()
    one.serve()
    add(one, 'A-3')
    kc.until(lambda: arrived(centre) == 2, 60, 'it goes on')
    kc.until(lambda: second in one.do('status').stdout and centre.endpoint not in one.do('status').stdout, 60,
             'and has dropped the old place')
    fresh = kc.Office(base, '550', 'fresh')
    with open(os.path.join(base, 'fresh.invite'), 'w') as f:
        f.write(centre.do('invite', '--office', '550').stdout)
    fresh.join(os.path.join(base, 'fresh.invite'))
    fresh.do('sync', '--wait')
    kc.check(second in fresh.do('status').stdout, 'joined at the new place')
    centre.do('rotate-key', '--finish', want=1)
    backup = os.path.join(base, 'backup')
    centre.do('rotate-key', '--finish', '--anyway')
    centre.do('backup', backup)
    add(one, 'A-4')
    kc.until(lambda: arrived(centre) == 3, 60, 'one goes on')
    fresh.do('sync', '--wait')
    away.do('sync', '--wait', '--timeout', '4', want=4)
    path = os.path.join(base, 'again')
    with open(path, 'w') as f:
        f.write(centre.do('invite', '--office', '549').stdout)
    kc.run(kc.program('kc-agent'), 'join', away.dir, path)
    away.do('sync', '--wait')
    kc.check(arrived(centre) == 4, 'what it had is here')
    invited = [r['state'] for r in centre.csv('invites') if r['office'] == '549']
    kc.check(sorted(invited) == ['open', 'used', 'used'], 'the invite was only read: %r' % invited)
    centre.process.stop()  # started again it answers at both places, under the new key
    other.close()
    centre.serve()
    for pc in (fresh, away):
        pc.do('sync', '--wait')
    add(one, 'A-5')
    kc.until(lambda: arrived(centre) == 5, 60, 'one as well')
    centre.do('verify')
    centre.process.stop()
    shutil.rmtree(centre.dir)
    kc.run(kc.program('kc-collector'), 'restore', backup, centre.dir)
    centre.serve()
    away.do('sync', '--wait')
    kc.until(lambda: arrived(centre) == 5, 60, 'restored from after it')
    one.process.stop()
    centre.process.stop()


def the_usual_place_under_another_key(base):
    """Away for the whole change, and invited to where the PC has always gone: that place has another key now."""
    centre = kc.Centre(base).init().serve()
    pc = kc.Office(base, '549').join(centre.invite('549'))
    add(pc, 'A-1')
    other = kc.reserved_port()
    centre.do('rotate-key', 'tcp://127.0.0.1:%d' % other.getsockname()[1])
    centre.do('rotate-key', '--finish', '--anyway')
    centre.process.stop()
    other.close()
    centre.serve()
    centre.do('addresses', centre.endpoint)
    pc.do('sync', '--wait', '--timeout', '4', want=4)
    kc.run(kc.program('kc-agent'), 'join', pc.dir, centre.invite('549'))
    pc.do('sync', '--wait')
    kc.check(arrived(centre) == 1, 'what it had is here')
    pc.do('sync', '--wait')
    centre.do('verify')
    centre.process.stop()


if __name__ == '__main__':
    kc.main([asked_to_sync, an_invite_is_taken_back, new_keys, cut_off_at_any_step, restored_from_before,
             the_centres_key, the_usual_place_under_another_key])
