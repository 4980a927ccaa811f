"""An office without a line: what it enters goes to the centre in a file, the answer comes back in another."""
import os
import shutil

import kc


def new(base, *codes, serve=True):
    """A centre and offices that joined once; then nobody serves (or the centre does)."""
    centre = kc.Centre(base).init().serve()
    offices = [kc.Office(base, code).join(centre.invite(code)) for code in codes]
    if not serve:
        centre.process.stop()
        centre.process = None
    return (centre, *offices)


def export(office, path, *options, **kw):
    return kc.run(kc.program('kc-agent'), 'bundle', 'export', office.dir, path, *options, **kw)


def answer(office, path, **kw):
    return kc.run(kc.program('kc-agent'), 'bundle', 'import', office.dir, path, '--lang', 'en', **kw)


def take(centre, path, *options, **kw):
    return kc.run(kc.program('kc-collector'), 'bundle', 'import', centre.dir, path, '--lang', 'en', *options, **kw)


def taken(centre, path, *options):
    """The row for machines."""
    rows = kc.rows_of(take(centre, path, *options, '--format', 'csv').stdout)
    kc.check(len(rows) == 1, 'rows: %s' % rows)
    return rows[0]


def waiting(office):
    return len(office.csv('list', '--waiting'))


def status(office):
    return office.csv('status')[0]


def position(centre):
    """Where its log ends, by a command that says so."""
    return centre.do('verify').stdout


def weeks_without_a_line(base):
    """Export, import, reply: received, refused and what the centre decided are known; then the line is back, and
    nothing counts twice."""
    for beside in (True, False):
        here = os.path.join(base, 'beside' if beside else 'alone')
        os.mkdir(here)
        centre, office, other = new(here, '549', '545', serve=beside)
        up, down = os.path.join(here, 'up.kcb'), os.path.join(here, 'down.kcb')
        for path in office.files(('schemes',)):
            office.do('import', path)
        saved = int(status(office)['waiting'])
        kc.check(saved > 500, 'only %d wait' % saved)
        if not beside:  # the office's own serve runs all the while, and finds nobody
            office.serve()
        export(office, up)
        kc.check(waiting(office) > 0, 'an export acknowledged something')
        row = taken(centre, up, '--reply', down)
        kc.check((row['agent'], row['office'], row['first'], row['last']) == ('549-1', '549', '1', str(saved)), 'row: %s' % row)
        kc.check((row['accepted'], row['repeated']) == (str(saved), '0'), 'row: %s' % row)
        by_file = centre.totals('year,item,source', 'district=549')
        kc.check(by_file != [], 'no totals')
        kc.check(next(a for a in centre.csv('agents') if a['office'] == '549')['backlog'] == '0', 'backlog')
        answer(office, down)
        said = status(office)
        kc.check((said['acknowledged'], said['waiting']) == (str(saved), '0'), 'status: %s' % said)
        kc.check(waiting(office) == 0, 'something waits')
        # again: the same file, the same reply
        kc.check('nothing new' in take(centre, up).stdout.lower(), 'a repeat is new')
        kc.check(taken(centre, up)['repeated'] == str(saved), 'repeated')
        kc.check('nothing new' in answer(office, down).stdout, 'the reply again is new')
        # the line is back: more work, nothing twice
        if not beside:
            centre.serve()
        office.do('set', 'KC-549-2014-001', 'note=có mạng trở lại')
        office.do('sync', '--wait')
        if not beside:
            office.process.stop()
        other.do('sync', '--wait')
        kc.check(centre.totals('year,item,source', 'district=549') == by_file, 'totals changed by the line')
        kc.check(status(office)['acknowledged'] == str(saved + 1), 'acknowledged')
        # and by file again, from where the line left it, with all of it as the office's own copy
        office.do('set', 'KC-549-2014-001', 'note=lại mất mạng')
        export(office, up, '--all')
        row = taken(centre, up)
        kc.check((row['first'], row['accepted'], row['repeated']) == ('1', '1', str(saved + 1)), 'row: %s' % row)
        office.do('sync', '--wait')
        kc.check(status(office)['acknowledged'] == str(saved + 2), 'acknowledged after the second file')
        centre.process.stop()
        centre.do('verify')


def what_the_centre_decides_comes_back(base):
    """Refusals with their reason, the catalogue, the locks; in one reply."""
    centre, office = new(base, '549')
    up, down = os.path.join(base, 'up.kcb'), os.path.join(base, 'down.kcb')
    office.do('import', office.files(('schemes',))[0])
    office.do('sync', '--wait')
    centre.do('lock', '2019', 'budget', '--comment', 'đã chốt')
    office.do('add', 'scheme', 'code=KC-549-2019-900', 'name=Muộn', 'district=549', 'plan_year=2019', 'item=III.3',
              'status=registered', 'district_vnd=5000000')
    export(office, up)
    said = take(centre, up, '--reply', down).stdout
    kc.check('refused 1' in said and 'KC-549-2019-900' in said, 'said: %s' % said)
    kc.check(centre.csv('refused')[0]['code'] == 'KC-549-2019-900', 'refused at the centre')
    kc.check(office.csv('list', '--refused') == [], 'the office knows before it was told')
    answer(office, down)
    kc.check([r['code'] for r in office.csv('list', '--refused')] == ['KC-549-2019-900'], 'refused at the office')
    kc.check(len(office.csv('locks')) == 1, 'the lock is not here')
    # nothing to send: the file only asks
    centre.do('unlock', '2019', 'budget')
    export(office, up)
    row = taken(centre, up, '--reply', down)
    kc.check((row['accepted'], row['repeated']) == ('0', '0'), 'row: %s' % row)
    answer(office, down)
    kc.check(office.csv('locks') == [], 'the lock is still here')
    centre.process.stop()


def two_pcs_without_a_line(base):
    """What two PCs of an office entered apart is merged, or parked and settled, all by files."""
    centre, one = new(base, '549')
    two = kc.Office(base, '549', 'second').join(centre.invite('549'))

    def round_of(office, *options):
        up, down = os.path.join(base, 'up.kcb'), os.path.join(base, 'down.kcb')
        export(office, up, *options)
        said = take(centre, up, '--reply', down).stdout
        answer(office, down)
        return said

    one.do('add', 'scheme', 'code=KC-549-2021-001', 'name=Một', 'district=549', 'plan_year=2021', 'item=III.3',
           'status=approved', 'district_vnd=5000000')
    two.serve()  # it still has its line, and hears at once of what the file brought
    round_of(one)
    kc.until(lambda: [r['code'] for r in two.csv('list')] == ['KC-549-2021-001'], 20, 'the second PC to see it')
    two.process.stop()
    one.do('set', 'KC-549-2021-001', 'note=máy một', 'district_vnd=6000000')
    two.do('set', 'KC-549-2021-001', 'implementer=HTX An Nhơn', 'district_vnd=7000000')
    round_of(one)
    said = round_of(two)
    kc.check('parked as conflicts 1' in said and 'kc-collector conflicts' in said, 'said: %s' % said)
    kc.check([r['support_vnd'] for r in centre.totals('year', 'year=2021')] == ['6000000'], 'a parked side counts')
    kc.check(two.csv('conflicts') != [] and one.csv('conflicts') == [], 'who knows of the conflict')
    round_of(one)
    kc.check(one.csv('conflicts') != [], 'the first PC does not know of the conflict')
    two.do('resolve', 'KC-549-2021-001', 'mine', '--reason', 'theo quyết định')
    round_of(two)
    round_of(one)
    kc.check(centre.csv('conflicts') == [] and one.csv('conflicts') == [] and two.csv('conflicts') == [], 'still in conflict')
    kc.check([r['support_vnd'] for r in centre.totals('year', 'year=2021')] == ['7000000'], 'what was settled')
    fields = one.csv('list', '--search', 'Một')
    kc.check(len(fields) == 1, 'records: %s' % fields)
    centre.process.stop()
    centre.do('verify')


def lost_and_reordered(base):
    """A file that is missing is asked for by number; once it is there the rest goes on."""
    centre, office = new(base, '549')
    first, second, third = [os.path.join(base, n) for n in ('1.kcb', '2.kcb', '3.kcb')]
    office.do('add', 'scheme', 'code=KC-549-2021-001', 'name=Một', 'district=549', 'plan_year=2021', 'item=III.3',
              'status=registered', 'district_vnd=5000000')
    export(office, first)
    office.do('set', 'KC-549-2021-001', 'status=approved')
    export(office, second, '--from', '2')
    office.do('set', 'KC-549-2021-001', 'note=ba')
    export(office, third, '--from', '2')
    said = take(centre, second, want=3).stderr
    kc.check('--from 1' in said and second in said, 'said: %s' % said)
    kc.check(centre.totals('year', 'year=2021') == [], 'something of a file with a gap was taken')
    kc.check(taken(centre, first)['accepted'] == '1', 'the first')
    kc.check(taken(centre, third)['accepted'] == '2', 'the third')
    kc.check(taken(centre, second)['repeated'] == '1', 'the second, late')
    kc.check(taken(centre, first)['repeated'] == '1', 'the first, late')
    kc.check([r['support_vnd'] for r in centre.totals('year', 'year=2021')] == ['5000000'], 'totals')
    for options in (['--from', '0'], ['--from', 'x'], ['--from', '2', '--all']):
        export(office, first, *options, want=2)
    centre.process.stop()
    centre.do('verify')


def spoiled_and_foreign(base):
    """Cut, changed, of another centre, for another PC, of a revoked one, or no bundle at all: 3, and nothing changes."""
    centre, office, other = new(base, '549', '545')
    far = kc.Centre(os.path.join(base, 'far'))
    os.mkdir(far.base)
    far.init().serve()
    stranger = kc.Office(far.base, '549').join(far.invite('549'))
    up, down, odd = [os.path.join(base, n) for n in ('up.kcb', 'down.kcb', 'odd.kcb')]
    for who in (office, other, stranger):
        who.do('import', who.files(('schemes',))[0])
    export(office, up)
    take(centre, up, '--reply', down)
    whole = {}
    for path in (up, down):
        with open(path, 'rb') as f:
            whole[path] = f.read()
    before = position(centre), status(office)

    def refused(bytes_or_path, says):
        path = bytes_or_path
        if isinstance(path, bytes):
            with open(odd, 'wb') as f:
                f.write(path)
            path = odd
        for p in (take(centre, path, want=3), answer(office, path, want=3)):
            kc.check(path in p.stderr and len(p.stderr.strip().splitlines()) == 1, 'words: %s' % p.stderr)
            kc.check(says is None or says in p.stderr, 'wanted %r, said: %s' % (says, p.stderr))

    for path in (up, down):
        size = len(whole[path])
        for n in (0, 3, 50, 200, size // 2, size - 1):
            refused(whole[path][:n], None)
        for at in (0, 5, 10, 40, 70, 90, 120, 190, size // 2, size - 1):
            changed = bytearray(whole[path])
            changed[at] ^= 1
            refused(bytes(changed), None)
        refused(whole[path] + b'x', 'changed')
    refused(b'code,name\n', 'no bundle')
    refused(base, None)
    refused(os.path.join(base, 'nothing.kcb'), None)
    export(stranger, odd)
    refused(odd, 'another centre')
    take(far, odd, '--reply', odd + '.reply')
    refused(odd + '.reply', 'another centre')
    # a reply of another office, a bundle where a reply belongs and the other way round
    export(other, odd)
    take(centre, odd, '--reply', odd + '.reply')
    kc.check('another PC' in answer(office, odd + '.reply', want=3).stderr, "another office's reply")
    kc.check('centre takes it in' in answer(office, up, want=3).stderr, 'a bundle as a reply')
    kc.check('at the office' in take(centre, down, want=3).stderr, 'a reply as a bundle')
    kc.check(status(office) == before[1], 'the office changed: %s' % status(office))
    # revoked: nothing more is taken of it
    office.do('set', 'KC-549-2014-001', 'note=sau khi bị thu hồi')
    export(office, up)
    centre.do('revoke', '549-1')
    kc.check('revoked' in take(centre, up, want=3).stderr, 'revoked')
    kc.run(kc.program('kc-collector'), 'bundle', 'export', centre.dir, up, want=2)
    kc.run(kc.program('kc-agent'), 'bundle', 'show', office.dir, up, want=2)
    kc.run(kc.program('kc-agent'), 'bundle', 'export', base, up, want=5)
    kc.run(kc.program('kc-collector'), 'bundle', 'import', base, up, want=5)
    for c in (centre, far):
        c.process.stop()
        c.do('verify')


def an_old_copy_of_the_store(base):
    """An office that put an old copy of its store back, with no line: the reply tells it, its stream goes on as a new
    one, and what it had lost comes down. So does a copy on another PC that was written on. Nothing counts twice."""
    centre, office = new(base, '549')
    up, down = os.path.join(base, 'up.kcb'), os.path.join(base, 'down.kcb')
    files = office.files(('schemes',))
    office.do('import', files[0])
    shutil.copytree(office.dir, office.dir + '-old')
    office.do('import', files[1])
    export(office, up)
    take(centre, up, '--reply', down)
    answer(office, down)
    totals = centre.totals('year,item,source')
    # the copy is put back, and written on before anybody notices
    old = kc.Office(base, '549', 'office-549-old')
    old.do('set', 'KC-549-2014-001', 'note=trong bản cũ')
    export(old, up)
    said = take(centre, up, '--reply', down, want=3)
    kc.check('--reply' in said.stderr, 'said: %s' % said.stderr)
    kc.check(centre.do('trace', 'KC-549-2014-001').stdout.count('trong bản cũ') == 0, 'another history was taken')
    kc.check('export again' in answer(old, down).stdout.lower(), 'the copy was not told')
    for _ in range(2):  # what it has goes up, what it lacks comes down
        export(old, up)
        take(centre, up, '--reply', down)
        answer(old, down)
    kc.check(waiting(old) == 0, 'something waits')
    kc.check(centre.totals('year,item,source') == totals, 'something counts twice')
    kc.check(centre.csv('refused') == [], 'refused: %s' % centre.csv('refused'))
    kc.check(centre.csv('conflicts') == [], 'conflicts: %s' % centre.csv('conflicts'))
    export(office, up)  # the store that was thought lost is still there: it hears of the edit of its copy
    take(centre, up, '--reply', down)
    answer(office, down)
    kc.check('trong bản cũ' in office.do('show', 'KC-549-2014-001').stdout, 'the edit of the copy is gone')
    here = {r['code'] for r in old.csv('list', 'scheme')}
    kc.check(here == {r['code'] for r in office.csv('list', 'scheme')}, 'what was lost did not come down')
    kc.check(centre.csv('agents')[0]['state'] == 'forked', 'no alarm: %s' % centre.csv('agents')[0]['state'])
    centre.process.stop()
    centre.do('verify')


def a_restored_centre(base):
    """Restored from a backup that knows less, with no line to anybody: whole exports bring back what was received,
    what was decided and who had joined since; then the lines are back, and nothing counts twice."""
    centre, office = new(base, '549')
    up, copy = os.path.join(base, 'up.kcb'), os.path.join(base, 'copy')
    files = office.files(('schemes',))
    office.do('import', files[0])
    office.do('sync', '--wait')
    centre.do('backup', copy)
    late = kc.Office(base, '545').join(centre.invite('545'))
    late.do('import', late.files(('schemes',))[0])
    office.do('import', files[1])
    centre.do('lock', '2021', 'budget')
    office.do('add', 'scheme', 'code=KC-549-2021-900', 'name=Muộn', 'district=549', 'plan_year=2021', 'item=III.3',
              'status=approved', 'district_vnd=5000000')
    office.do('sync', '--wait', want=1)  # refused
    late.do('sync', '--wait')
    office.do('set', 'KC-549-2014-001', 'note=chưa gửi')
    totals, locks = centre.totals('year,district,source'), centre.csv('locks')
    kc.check(len(centre.csv('refused')) == 1, 'refused before')
    centre.process.stop()
    shutil.rmtree(centre.dir)
    kc.run(kc.program('kc-collector'), 'restore', copy, centre.dir)
    kc.check(centre.totals('year,district,source') != totals, 'nothing was lost')
    export(office, up)
    kc.check('--from' in take(centre, up, want=3).stderr, 'a file that begins behind what was lost')
    export(late, up)
    kc.check('--from 1' in take(centre, up, want=3).stderr, 'an agent that is not known any more')
    for who in (office, late):
        export(who, up, '--all')
        take(centre, up, '--reply', up + '.reply')
        kc.check('nothing new' in take(centre, up).stdout.lower(), 'a repeat is new')
        answer(who, up + '.reply')
        kc.check(waiting(who) == 0, 'something waits')
    kc.check(centre.totals('year,district,source') == totals, 'totals after the files')
    kc.check(centre.csv('locks') == locks, 'locks after the files')
    kc.check([r['code'] for r in centre.csv('refused')] == ['KC-549-2021-900'], 'refused after the files')
    centre.do('verify')
    centre.serve()
    office.do('sync', '--wait', want=1)
    late.do('sync', '--wait')
    kc.check(centre.totals('year,district,source') == totals, 'totals after the lines')
    centre.process.stop()
    centre.do('verify')


def the_office_is_reminded(base):
    """Work that has waited for days is named in status, with what to do; not before."""
    centre, office = new(base, '549', serve=False)
    ahead = os.environ.get('KC_CLOCKAHEAD')
    office.do('add', 'scheme', 'code=KC-549-2021-001', 'name=Một', 'district=549', 'plan_year=2021', 'item=III.3',
              'status=registered', 'district_vnd=5000000')
    said = status(office)
    kc.check((said['waiting_days'], said['export_due']) == ('0', 'no'), 'status: %s' % said)
    kc.check('bundle export' not in office.do('status').stdout, 'reminded at once')
    if not ahead:
        return
    env = dict(kc.ENV, LD_PRELOAD=ahead, KC_CLOCK_AHEAD=str(5 * 86400))
    said = office.csv('status', env=env)[0]
    kc.check((said['waiting_days'], said['export_due']) == ('5', 'yes'), 'status: %s' % said)
    kc.check('kc-agent bundle export %s' % office.dir in office.do('status', env=env).stdout, 'not reminded')
    up, down = os.path.join(base, 'up.kcb'), os.path.join(base, 'down.kcb')
    export(office, up)
    take(centre, up, '--reply', down)
    answer(office, down)
    kc.check('bundle export' not in office.do('status', env=env).stdout, 'reminded though all is received')


if __name__ == '__main__':
    kc.main([weeks_without_a_line, what_the_centre_decides_comes_back, two_pcs_without_a_line, lost_and_reordered, spoiled_and_foreign,
             an_old_copy_of_the_store, a_restored_centre, the_office_is_reminded])
