"""A centre lost and made again from a backup, hot or old: its offices fill it by themselves, to the last thing that
was acknowledged, its own decisions included. And what is no whole backup makes no centre."""
import os
import shutil
import stat
import threading

import kc

NAMES = ('543', '546', '549')


def offices_of(base, centre, codes):
    return {code: kc.Office(base, code).join(centre.invite(code)).serve() for code in codes}


def synced(offices):
    for office in offices.values():
        office.do('sync', '--wait', want=(0, 1))


def picture(centre):
    """Everything that must come back. Positions and times are another epoch's."""
    return {
        'totals': centre.totals('year,item,source,district'),
        'outcomes': centre.totals('indicator,year,fund,district'),
        'refused': sorted((r['code'], r['reason']) for r in centre.csv('refused')),
        'submissions': sorted((r['office'], r['table'], r['state']) for r in centre.csv('completeness', '--period', '2020-Q2')),
        'catalogue': kc.run(kc.program('kc-collector'), 'catalogue', 'show', centre.dir).stdout,
        'dues': centre.csv('dues'),
        'locks': [{k: v for k, v in r.items() if k != 'set'} for r in centre.csv('locks')],
        'agents': sorted((r['agent'], r['office'], r['state'] in ('revoked', 'readmitted')) for r in centre.csv('agents')),
    }


def good(centre):
    centre.do('verify')


def differences(a, b):
    return {k: (str(a[k])[:600], str(b[k])[:600]) for k in a if a[k] != b[k]}


def life_goes_on(base, centre, offices):
    """What happens after the backup: work, a new PC, another catalogue, an answer, a lock, a refusal."""
    for office in offices.values():
        office.do('import', *office.files()[2:])
    later = kc.Office(base, '545').join(centre.invite('545')).serve()
    offices['545'] = later
    later.do('import', *later.files()[:3])
    catalogue = os.path.join(base, 'catalogue.csv')
    with open(catalogue, 'w', encoding='utf-8') as f:
        f.write(kc.run(kc.program('kc-collector'), 'catalogue', 'show', centre.dir).stdout + '[other]\nx\n1\n')
    kc.run(kc.program('kc-collector'), 'catalogue', 'import', centre.dir, catalogue)
    offices['549'].do('submit', 'outcomes', '2020-Q2', '--nil')
    synced(offices)
    centre.do('accept', '549/outcomes/2020-Q2')
    centre.do('due', '2020-Q2', '2020-06-20')
    centre.do('lock', '2015', 'budget')
    synced(offices)
    code = next(r['code'] for r in offices['549'].csv('list', 'scheme', '--where', 'year=2015'))
    offices['549'].do('set', code, 'name=Đổi sau khi khóa', '--reason', 'thử', want=(0, 1))
    synced(offices)
    kc.check(len(centre.csv('refused')) == 1, 'one refusal')


def lost(centre):
    centre.process.kill()
    shutil.rmtree(centre.dir)


def restored(centre, file, *options):
    kc.run(kc.program('kc-collector'), 'restore', file, centre.dir, *options)
    good(centre)
    centre.serve()


def as_before(centre, offices, before):
    """The offices come back by themselves."""
    def same():
        now = picture(centre)
        return not differences(before, now)
    try:
        kc.until(same, 90, 'the centre to be as it was')
    except kc.Failed as e:
        raise kc.Failed('%s: %s' % (e, differences(before, picture(centre))))
    good(centre)
    synced(offices)
    kc.check(not differences(before, picture(centre)), 'and it stays so')


def alike(centre, offices):
    """Every PC shows of its office what the centre has."""
    for office in offices.values():
        here = kc.rows_of(office.do('totals', '--by', 'year,item,source', '--format', 'csv').stdout)
        there = centre.totals('year,item,source', 'district=' + office.code)
        kc.check(here == there, 'office %s differs from the centre: %s' % (office.dir, [r for r in here if r not in there][:3]))


def backup_while_offices_write(base):
    centre = kc.Centre(base).init().serve()
    oldest = os.path.join(base, 'oldest.kcb')
    centre.do('backup', oldest)
    offices = offices_of(base, centre, NAMES)
    for office in offices.values():
        office.do('import', office.files()[0])
    synced(offices)
    old = os.path.join(base, 'old.kcb')
    centre.do('backup', old)
    kc.check(stat.S_IMODE(os.stat(old).st_mode) == 0o600, 'only its owner reads a backup')

    writing = [threading.Thread(target=office.do, args=('import', *office.files()[1:2])) for office in offices.values()]
    for t in writing:
        t.start()
    hot = os.path.join(base, 'hot.kcb')
    centre.do('backup', hot)
    for t in writing:
        t.join()
    synced(offices)
    life_goes_on(base, centre, offices)
    second = offices['549-2'] = kc.Office(base, '549', 'office-549-second').join(centre.invite('549')).serve()
    second.do('sync', '--wait')
    code = second.csv('list', 'scheme', '--where', 'year=2019')[0]['code']
    second.do('set', code, 'note=từ máy thứ hai')
    second.do('sync', '--wait')
    offices['549'].do('sync', '--wait', want=(0, 1))
    offices['549'].do('set', code, 'note=lại từ máy thứ nhất')
    synced(offices)
    good(centre)
    before = picture(centre)

    lost(centre)
    restored(centre, hot)
    as_before(centre, offices, before)
    alike(centre, offices)
    kc.check(second.csv('list', 'scheme', '--search', code)[0]['code'] == code, 'the record is there')
    fresh = offices['549-3'] = kc.Office(base, '549', 'office-549-third').join(centre.invite('549')).serve()
    synced(offices)
    alike(centre, offices)
    note = [kc.run(kc.program('kc-agent'), 'show', o.dir, code).stdout for o in (offices['549'], second, fresh)]
    kc.check(all('lại từ máy thứ nhất' in n for n in note), 'all three show the last word')

    # new work counts on, and an older backup does as well
    code = offices['543'].csv('list', 'scheme', '--where', 'year=2019')[0]['code']
    offices['543'].do('set', code, 'note=sau khi phục hồi')
    synced(offices)
    before = picture(centre)
    lost(centre)
    restored(centre, old)
    as_before(centre, offices, before)
    alike(centre, offices)

    # one that knows none of them: each shows its certificate; but who is not to come in does not
    before = picture(centre)
    lost(centre)
    restored(centre, oldest, '--revoked', '546-1')
    def others(p):
        return [a for a in p['agents'] if a[0] != '546-1']
    kc.until(lambda: others(picture(centre)) == others(before), 90, 'the other offices to be let in again')
    states = {r['agent']: r['state'] for r in centre.csv('agents')}
    kc.check(states.get('546-1', 'revoked') == 'revoked', '546-1 stays out: %s' % states)
    offices.pop('546').process.stop()
    synced(offices)
    good(centre)
    now = picture(centre)
    # 549 has three PCs that built on each other's updates: a centre that knows none of them may judge in another
    # order than the one before (see the readme), so here the offices of one PC are looked at.
    def alone(rows):
        return [r for r in rows if r['district'] not in ('546', '549')]
    for what in ('totals', 'outcomes'):
        kc.check(alone(now[what]) == alone(before[what]), 'the others have all they had: ' + what)
    for p in (now, before):
        p['refused'] = [r for r in p['refused'] if not r[0].startswith('KC-549-')]
    for what in ('refused', 'submissions', 'catalogue', 'dues', 'locks'):
        kc.check(now[what] == before[what], 'as before: %s' % what)
    for office in offices.values():
        office.process.stop()
    centre.process.stop()
    kc.check(sorted(n for n in os.listdir(base) if 'kcb' in n) == ['hot.kcb', 'old.kcb', 'oldest.kcb'], 'nothing else is left lying')


def one_that_is_let_in_by_certificate(base):
    """Nobody but itself remembers it, and nothing it had sent is lost."""
    centre = kc.Centre(base).init().serve()
    file = os.path.join(base, 'backup')
    lent = centre.invite('543')
    centre.do('backup', file)
    centre.do('invite', '--cancel', centre.csv('invites')[0]['id'])
    office = kc.Office(base, '549').join(centre.invite('549'))
    office.do('import', office.files()[0])
    office.do('sync', '--wait')
    before = centre.totals('year,item,source')
    lost(centre)
    restored(centre, file)
    kc.check([r['state'] for r in centre.csv('invites')] == ['cancelled'], 'what was cancelled since is open again')
    kc.run(kc.program('kc-agent'), 'join', os.path.join(base, 'stranger'), lent, '--timeout', '5', want=4)
    office.do('sync', '--wait')
    kc.check(centre.totals('year,item,source') == before, 'all of it is back')
    good(centre)
    kc.check([r['agent'] for r in centre.csv('agents')] == ['549-1'], 'it is in the roster again')
    centre.do('confirm', '549-1', '--reason', 'đã gọi điện')
    kc.check(centre.csv('agents')[0]['state'] != 'readmitted', 'a person has confirmed it')
    centre.do('confirm', '999-9', want=3)
    good(centre)
    centre.process.stop()


def only_a_whole_backup(base):
    centre = kc.Centre(base).init()
    whole = os.path.join(base, 'whole')
    centre.do('backup', whole)
    with open(whole, 'rb') as f:
        data = f.read()
    bad = os.path.join(base, 'bad')
    other = os.path.join(base, 'other')
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    for content in (data[:-1], data[:4096], bytes(changed), data + b'x', b'', b'PK\x03\x04 something else'):
        with open(bad, 'wb') as f:
            f.write(content)
        p = kc.run(kc.program('kc-collector'), '--lang', 'en', 'restore', bad, other, want=3)
        kc.check(bad in p.stderr, 'it says which file: ' + p.stderr)
        kc.check(not os.path.exists(other), 'nothing is left of it')
    kc.run(kc.program('kc-collector'), 'restore', os.path.join(base, 'missing'), other, want=3)
    before = open(os.path.join(centre.dir, 'data.mdb'), 'rb').read()
    kc.run(kc.program('kc-collector'), 'restore', whole, centre.dir, want=5)
    kc.check(open(os.path.join(centre.dir, 'data.mdb'), 'rb').read() == before, 'a store that is there stays as it was')
    kc.check(b'kc-authority' not in data, 'the authority is not in it')
    centre.do('backup', os.path.join(base, 'no', 'such', 'folder'), want=3)
    p = kc.run(kc.program('kc-collector'), '--lang', 'en', 'restore', whole, other, '--revoked', '549-7')
    kc.check('does not know "549-7"' in p.stderr and 'Invites not used yet are cancelled' in p.stderr, p.stderr)
    kc.run(kc.program('kc-collector'), 'verify', other)


kc.main([backup_while_offices_write, one_that_is_let_in_by_certificate, only_a_whole_backup])
