"""A centre is restored from an old backup and the PC that entered what it lost never returns. The other PCs of the
office, and the provincial office's, still hold it: each says so, and one of them enters it again. Should the lost PC
return after all, or the centre be lost once more, nothing counts twice and nothing clashes."""
import os
import shutil

import kc


def scheme(pc, code, amount):
    pc.do('add', 'scheme', 'code=' + code, 'name=Đề án ' + code, 'district=549', 'plan_year=2020', 'item=III.3',
          'status=approved', 'province_vnd=%d' % amount)


def sync(*pcs):
    for pc in pcs + pcs:
        pc.do('sync', '--wait')


def attempt(*pcs):
    """A round of those that may wait for somebody else."""
    for pc in pcs + pcs:
        pc.do('sync', '--wait', '--timeout', '3', want=(0, 4))


def status(pc):
    return pc.csv('status')[0]


def amounts(pc):
    return {r['code']: int(r['province_vnd'] or 0) for r in kc.rows_of(pc.do('export', 'scheme').stdout)}


def state(centre):
    rows = centre.totals('district')
    return (int(rows[0]['schemes']), int(rows[0]['support_vnd'])) if rows else (0, 0)


def restored(centre, file):
    centre.process.kill()
    shutil.rmtree(centre.dir)
    kc.run(kc.program('kc-collector'), 'restore', file, centre.dir)
    centre.serve()


def quiet(centre, *pcs):
    for pc in pcs:
        kc.check(status(pc)['lost'] == '0', '%s holds nothing the centre lacks' % pc.dir)
        kc.check(status(pc)['refused'] == '0' and status(pc)['conflicts'] == '0', 'nothing refused or clashing at ' + pc.dir)
    kc.check(centre.csv('refused') == [] and centre.csv('conflicts') == [], 'nor at the centre')
    centre.do('verify')


def lost_with_its_author(base):
    """Three PCs; b's work comes after the backup, and everybody had it."""
    centre = kc.Centre(base).init().serve()
    a, b = (kc.Office(base, '549', n).join(centre.invite('549')) for n in ('a', 'b'))
    p = kc.Office(base, '52', 'p').join(centre.invite('52', role='province'))
    scheme(a, 'S-1', 1000)
    sync(a, b, p)
    file = os.path.join(base, 'old.kcb')
    centre.do('backup', file)
    scheme(b, 'B-1', 5000)
    b.do('set', 'S-1', 'province_vnd=9000')
    sync(b, a, p)
    kc.check(state(centre) == (2, 14000), 'the centre has all of it')
    kc.check(status(a)['lost'] == '0', 'nothing is lost')
    restored(centre, file)
    return centre, a, b, p, file


def told_and_entered_again(base):
    centre, a, b, p, file = lost_with_its_author(base)
    done = a.do('sync', '--wait', '--lang', 'en')
    kc.check('recover ' + a.dir in done.stderr and '549-2' in done.stderr, 'sync says it: ' + done.stderr)
    p.do('sync', '--wait')
    kc.check(state(centre) == (1, 1000), 'the centre has what the backup had')
    for pc in (a, p):
        kc.check(status(pc)['lost'] == '2', 'both records are known as lost at ' + pc.dir)
        words = pc.do('status', '--lang', 'en').stdout
        kc.check('2 records on PC 549-2' in words, 'status says whose: ' + words)
        kc.check('máy 549-2' in pc.do('status', '--lang', 'vi').stdout, 'in Vietnamese')

    rows = a.csv('recover', '--dry-run')
    kc.check(sorted((r['code'], r['agent'], r['lost']) for r in rows) == [('B-1', '549-2', 'record'), ('S-1', '549-2', 'change')],
             'a rehearsal names them: %s' % rows)
    kc.check(status(a)['waiting'] == '0' and status(a)['lost'] == '2', 'and stores nothing')
    kc.check(len(a.csv('recover')) == 2, 'entered again')
    kc.check(a.csv('recover') == [] and status(a)['waiting'] == '2', 'once')
    sync(a, p)
    kc.check(state(centre) == (2, 14000), 'the centre has it again: %s' % (state(centre),))
    kc.check(amounts(a) == amounts(p) == {'S-1': 9000, 'B-1': 5000}, 'on the same records')
    quiet(centre, a, p)
    kc.check(p.csv('recover') == [], 'nothing is left for the other')
    a.do('set', 'S-1', 'note=ghi thêm')
    p.do('set', 'B-1', 'note=tỉnh ghi thêm')
    sync(a, p)
    quiet(centre, a, p)

    sync(b, a, p)  # the lost PC was found after all
    kc.check(state(centre) == (2, 14000), 'nothing counts twice: %s' % (state(centre),))
    kc.check(amounts(a) == amounts(b) == amounts(p) == {'S-1': 9000, 'B-1': 5000}, 'and all show the same')
    quiet(centre, a, b, p)
    b.do('set', 'S-1', 'province_vnd=9500')
    sync(b, a, p)
    kc.check(state(centre) == (2, 14500), 'its work goes on')

    for order in ((b, p, a), (p, a, b), (a, b, p)):
        restored(centre, file)
        attempt(*order)
        sync(*order)
        kc.check(state(centre) == (2, 14500), 'after another restore: %s' % (state(centre),))
        kc.check(amounts(a) == amounts(b) == amounts(p), 'and all show the same')
        quiet(centre, a, b, p)


def a_second_restore_without_it(base):
    """The one who entered it again brings it back; if that is gone too, the third has it."""
    centre, a, b, p, file = lost_with_its_author(base)
    sync(a, p)
    a.do('recover')
    sync(a, p)
    a.do('set', 'S-1', 'province_vnd=9900')
    sync(a, p)
    restored(centre, file)
    attempt(p)
    kc.check(state(centre) == (1, 1000) and status(p)['lost'] == '2', 'the province knows what is lost: %s' % status(p)['lost'])
    kc.check('549-1' in p.do('status', '--lang', 'en').stdout, 'and who had entered it last')
    sync(a, p)
    kc.check(state(centre) == (2, 14900), 'it comes back by itself: %s' % (state(centre),))
    quiet(centre, a, p)
    restored(centre, file)
    sync(p)
    p.do('recover')
    sync(p)
    kc.check(state(centre) == (2, 14900), 'the province enters it again: %s' % (state(centre),))
    sync(a, b, p)
    kc.check(state(centre) == (2, 14900), 'whoever returns: %s' % (state(centre),))
    kc.check(amounts(a) == amounts(b) == amounts(p), 'all show the same')
    quiet(centre, a, b, p)


def work_that_was_built_on_it(base):
    """What was made on the lost update waits for it; entering that again ends the wait."""
    centre, a, b, p, file = lost_with_its_author(base)
    a.do('set', 'S-1', 'note=trên bản của máy kia')
    a.do('set', 'B-1', 'province_vnd=5500')
    attempt(a)
    kc.check(state(centre) == (1, 1000), 'it waits')
    a.do('recover')
    sync(a, p)
    kc.check(state(centre) == (2, 14500), 'and is there: %s' % (state(centre),))
    kc.check(amounts(a) == amounts(p) == {'S-1': 9000, 'B-1': 5500}, 'with what was built on it')
    quiet(centre, a, p)
    sync(b, a, p)
    kc.check(state(centre) == (2, 14500), 'nothing counts twice: %s' % (state(centre),))
    quiet(centre, a, b, p)


def who_returns_needs_nobody(base):
    """Nobody has to do anything where the author does return."""
    centre, a, b, p, file = lost_with_its_author(base)
    sync(a, p)
    sync(b, a, p)
    kc.check(state(centre) == (2, 14000), 'its author brought it back')
    quiet(centre, a, b, p)
    kc.check(a.csv('recover') == [] and p.csv('recover') == [], 'nothing to enter again')


kc.main([told_and_entered_again, a_second_restore_without_it, work_that_was_built_on_it, who_returns_needs_nobody])
