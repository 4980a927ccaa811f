"""Every flush failing: no ack, ever. When the disk works again, everything arrives by itself."""
import os
import shutil
import time

import kc

SHIM = os.environ.get('KC_FAILFLUSH', '')


def failing_flushes(base):
    """The environment in which flushes fail while the file named exists, and that file. The loader takes a space in
    a path for the end of it, so the library is put where there is none."""
    kc.check(os.path.exists(SHIM), 'KC_FAILFLUSH names no library: %r' % SHIM)
    shim, switch = os.path.join(base, 'failflush.so'), os.path.join(base, 'flushes-fail')
    shutil.copy(SHIM, shim)
    return dict(kc.ENV, LD_PRELOAD=shim, KC_FAIL_FLUSH=switch), switch


def no_flush_no_ack(base):
    env, switch = failing_flushes(base)
    centre = kc.Centre(base).init().serve(env)
    office = kc.Office(base, '543').join(centre.invite('543')).serve()
    open(switch, 'w').close()
    for path in office.files(('schemes',)):
        office.do('import', path)
    wanted = len(office.csv('list', '--waiting'))
    kc.check(wanted > 0, 'nothing waits')
    office.do('sync', '--wait', '--timeout', '3', want=4)
    kc.check(len(office.csv('list', '--waiting')) == wanted, 'something was acknowledged without a flush')
    kc.check(centre.totals('source') == [], 'a total shows what was never durable')
    # the power goes: what was not flushed must not be believed
    centre.process.kill()
    os.remove(switch)
    centre.do('verify')
    kc.check(centre.totals('source') == [], 'a total shows what was never durable')
    centre.serve()
    office.do('sync', '--wait')
    kc.check(office.csv('list', '--waiting') == [], 'something still waits')
    kc.check(centre.totals('source') == office.csv('totals', '--by', 'source'), 'totals differ')
    office.process.stop()
    centre.process.stop()
    centre.do('verify')


def disk_back_without_restart(base):
    """The collector stays up while flushes fail, and goes on by itself (or is restarted by its supervisor)."""
    env, switch = failing_flushes(base)
    centre = kc.Centre(base).init().serve(env)
    office = kc.Office(base, '544').join(centre.invite('544')).serve()
    open(switch, 'w').close()
    office.do('import', office.files()[0])
    time.sleep(1)
    os.remove(switch)
    if not centre.process.alive():
        centre.serve()
    office.do('sync', '--wait')
    kc.check(centre.totals('source') == office.csv('totals', '--by', 'source'), 'totals differ')
    office.process.stop()
    centre.process.stop()
    centre.do('verify')


def agent_flush_fails(base):
    """An office whose disk fails says so and stores nothing it would later deny."""
    env, switch = failing_flushes(base)
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '545').join(centre.invite('545'))
    path = office.files()[0]
    open(switch, 'w').close()
    office.do('import', path, want=5, env=env)
    os.remove(switch)
    kc.check(office.csv('list') == [], 'a failed import left records')
    office.do('import', path)
    office.do('sync', '--wait')
    centre.process.stop()
    centre.do('verify')


def nothing_is_served_before_a_flush(base):
    """What a killed process left unflushed could be acknowledged again: a writer flushes first, or does not start."""
    env, switch = failing_flushes(base)
    centre = kc.Centre(base).init()
    open(switch, 'w').close()
    kc.run(kc.program('kc-collector'), 'serve', centre.dir, '--bind', 'tcp://127.0.0.1:0', '--http', 'off', want=5, env=env)
    os.remove(switch)
    centre.serve()
    centre.process.stop()


if __name__ == '__main__':
    kc.main([no_flush_no_ack, disk_back_without_restart, agent_flush_fails, nothing_is_served_before_a_flush])
