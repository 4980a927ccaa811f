"""--format csv and json of every command: rows under untranslated names on stdout or nothing, words on stderr."""
import json
import os
import re

import kc

SCHEME = 'code,name,district,plan_year,item,status,province_vnd,note\n'
NAMES = re.compile(r'^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$')


def write(base, name, text):
    path = os.path.join(base, name)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)
    return path


def check_csv(said, what):
    lines = said.splitlines()
    if not lines:
        return
    kc.check(NAMES.match(lines[0]), '%s: no header: %r' % (what, said[:200]))
    for row in kc.rows_of(said):
        kc.check(None not in row and None not in row.values(), '%s: a row of another width: %r' % (what, said[:400]))


def both_formats(party, command, *argv, rows=None, **kw):
    """The command in csv, then in json; rows: whether it has any to give (None: it may have none)."""
    what = ' '.join([command] + [str(a) for a in argv])
    said = party.do(command, *argv, '--format', 'csv', '--lang', 'vi', **kw)
    check_csv(said.stdout, what)
    if rows is not None:
        kc.check(bool(said.stdout) == rows, '%s: %r' % (what, said.stdout[:200]))
    said = party.do(command, *argv, '--format', 'json', '--lang', 'vi', **kw).stdout
    kc.check(said == '' or 'rows' in json.loads(said), '%s: %r' % (what, said[:200]))


def everything(base):
    centre = kc.Centre(base).init().serve()
    office = kc.Office(base, '549').join(centre.invite('549'))
    two = kc.Office(base, '549', 'two').join(centre.invite('549'))
    path = write(base, 'a.csv', SCHEME + 'S-1,Máy,549,2019,III.3,approved,5000000,\nS-2,Máy,549,2019,III.3,approved,5000000,\n')
    both_formats(office, 'import', path, '--dry-run', rows=True)
    both_formats(office, 'import', path, rows=True)
    both_formats(office, 'add', 'scheme', 'code=S-3', 'name=Lò', 'district=549', 'plan_year=2019', 'item=III.3',
                 'status=draft', rows=False, want={0, 3})
    both_formats(office, 'sync', '--wait')
    both_formats(two, 'sync', '--wait')
    both_formats(office, 'set', 'S-1', 'note=một', rows=False)
    two.do('set', 'S-1', 'note=hai')
    for pc in (office, two):
        pc.do('sync', '--wait')
    for command in ('status', 'list', 'submissions', 'locks', 'flags', 'conflicts', 'imports', 'doctor', 'retry'):
        both_formats(office, command)
    both_formats(office, 'show', 'S-1', rows=True)
    both_formats(office, 'history', 'S-1', rows=True)
    both_formats(office, 'totals', '--by', 'year', rows=True)
    both_formats(two, 'resolve', 'S-1', 'mine', '--reason', 'x', rows=False, want={0, 3})
    both_formats(office, 'submit', 'budget', '2019')
    both_formats(office, 'withdraw', 'S-3', '--reason', 'x')
    both_formats(office, 'undo', '1', '--dry-run', rows=True, want=1)
    office.do('sync', '--wait')
    for command in ('agents', 'offices', 'invites', 'refused', 'conflicts', 'flags', 'verify', 'locks', 'closings', 'dues',
                    'submissions', 'addresses'):
        both_formats(centre, command)
    both_formats(centre, 'totals', '--by', 'year', rows=True)
    both_formats(centre, 'trace', 'S-1', rows=True)
    both_formats(centre, 'trace', 'year=2019', rows=True)
    both_formats(centre, 'completeness', '--period', '2019', rows=True)
    both_formats(centre, 'due', '2019', '2020-01-20', rows=False)
    both_formats(centre, 'accept', '549/budget/2019', rows=False)
    both_formats(centre, 'return', '549/budget/2019', '--comment', 'x', rows=False)
    both_formats(centre, 'lock', '2019', 'budget', rows=False)
    both_formats(centre, 'unlock', '2019', 'budget', rows=False)
    both_formats(centre, 'close', '2019', rows=True)
    both_formats(centre, 'changes', '--since', '2019', '--by', 'year', rows=True)
    both_formats(centre, 'confirm', '549-1', rows=False)
    both_formats(centre, 'revoke', '549-2', rows=False)
    kc.run(kc.program('kc-collector'), 'user', 'add', centre.dir, 'lan', '--role', 'viewer', '--password-stdin', '--format', 'csv',
           stdin='mật khẩu của Lan\n')
    for format in ('csv', 'json'):
        said = kc.run(kc.program('kc-collector'), 'user', 'disable', centre.dir, 'lan', '--format', format)
        kc.check(said.stdout == '' and said.stderr, 'user disable: %r' % said.stdout)
    check_csv(kc.run(kc.program('kc-collector'), 'user', 'list', centre.dir, '--format', 'csv').stdout, 'user list')
    closed = centre.csv('close', '2018', '--as', 'Minh')
    kc.check(closed == [r for r in centre.csv('closings') if r['period'] == '2018'], 'not what closings says: %r' % closed)
    kc.check(centre.csv('close', '2018') == closed, 'closed twice')


if __name__ == '__main__':
    kc.main([everything])
