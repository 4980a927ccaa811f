"""Every way out of both programs under valgrind: nothing read or written out of place, nothing left behind.

The sanitizers see our own code only; this sees the libraries' too. One run of a command takes a second here, so it
is the ways out that are covered, not the data.
"""
import os
import shutil
import signal
import sys
import threading

import kc

CODE = 99  # no program of ours ends with it
SMALL = '67108864'


def watched(log):
    return ['valgrind', '-q', '--leak-check=full', '--errors-for-leak-kinds=definite,indirect', '--num-callers=30',
            '--error-exitcode=%d' % CODE, '--log-file=' + log]


def told(log):
    with open(log, encoding='utf-8', errors='replace') as f:
        return f.read()[:3000]


def command(base, program, *argv, want=0, stdin=None):
    log = os.path.join(base, 'valgrind.log')
    p = kc.run(*watched(log), kc.program(program), *argv, want=None, stdin=stdin)
    kc.check(p.returncode != CODE, 'valgrind: %s %s\n%s' % (program, argv, told(log)))
    codes = want if isinstance(want, tuple) else (want,)
    kc.check(p.returncode in codes, '%s %s: exit %s, wanted %s: %s' % (program, argv, p.returncode, want, p.stderr))
    return p


def all_of(base, runs):
    """Two at a time: each waits on its own files only."""
    failures, queue, lock = [], list(enumerate(runs)), threading.Lock()

    def work():
        while True:
            with lock:
                if not queue or failures:
                    return
                i, (program, argv, want) = queue.pop(0)
            own = os.path.join(base, 'run-%d' % i)
            os.mkdir(own)
            try:
                command(own, program, *argv, want=want)
            except Exception as e:
                failures.append(str(e))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    kc.check(failures == [], '\n'.join(failures))


class Watched(kc.Process):
    def __init__(self, argv, base, name):
        self.report = os.path.join(base, name + '.valgrind')
        super().__init__(watched(self.report) + [str(a) for a in argv], os.path.join(base, name + '.log'))

    def end(self, how=signal.SIGTERM):
        self.p.send_signal(how)
        code = self.p.wait(60 * kc.PATIENCE)
        self.close()
        kc.check(code == 0, 'ended with %s: %s' % (code, told(self.report)))


def serve_centre(centre, base):
    p = Watched([kc.program('kc-collector'), 'serve', centre.dir, '--bind', centre.endpoint, '--http', 'off'], base, 'centre')
    line = p.line(90)
    kc.check(line == 'ready ' + centre.endpoint, 'serve said %r' % line)
    return p


def sessions(base):
    """Both serves from start to SIGTERM and SIGINT, with work between; the line lost; a key refused."""
    centre = kc.Centre(base).init('--map-size', SMALL)
    serving = serve_centre(centre, base)
    office = kc.Office(base, '549')
    command(base, 'kc-agent', 'join', office.dir, centre.invite('549'))
    agent = Watched([kc.program('kc-agent'), 'serve', office.dir, '--http', 'off'], base, 'agent')
    office.do('import', office.files(('schemes',))[0])
    kc.until(lambda: office.csv('list', '--waiting') == [], 60, 'the import to leave')
    bad = os.path.join(base, 'bad')
    with open(bad, 'w') as f:
        f.write('kc-invite-1 AAAA\n')
    runs = [('kc-agent', ['sync', office.dir, '--wait'], 0), ('kc-agent', ['doctor', office.dir], (0, 1, 4)),
            ('kc-agent', ['serve', office.dir], 5), ('kc-agent', ['join', os.path.join(base, 'x'), bad], 3),
            ('kc-agent', ['join', os.path.join(base, 'y'), centre.invite('540', address='tcp://127.0.0.1:1'), '--timeout', '1'], 4),
            ('kc-collector', ['serve', centre.dir, '--bind', 'tcp://127.0.0.1:0'], 5),
            ('kc-collector', ['invite', centre.dir, '--office', '540'], 0),
            ('kc-collector', ['verify', centre.dir], 0)]
    all_of(base, runs)
    used = centre.invite('549')
    other = kc.Office(base, '549', 'second').join(used)
    kc.run(kc.program('kc-agent'), 'join', os.path.join(base, 'third'), used, want=4)
    command(base, 'kc-collector', 'revoke', centre.dir, '549-2')
    command(base, 'kc-agent', 'sync', other.dir, '--wait', '--timeout', '3', want=4)
    serving.end()
    office.do('set', 'KC-549-2014-001', 'note=mất mạng')
    command(base, 'kc-agent', 'sync', office.dir, '--wait', '--timeout', '2', want=4)
    agent.end(signal.SIGINT)
    centre.do('verify')


def commands(base):
    """Each command at rest: its answer, and what it says to bad input."""
    centre = kc.Centre(base).init('--map-size', SMALL).serve()
    office = kc.Office(base, '549').join(centre.invite('549'))
    first = office.files(('schemes',))[0]
    outcomes = office.files(('outcomes',))[:1]
    office.do('import', first)
    office.do('sync', '--wait')
    centre.process.stop()
    files = {'text.csv': 'code,name\nA,"mở mà không đóng\n', 'empty.csv': '', 'unknown.csv': 'code,xyz\n1,2\n',
             'foreign.csv': 'code,name,district,plan_year,item,status\nX-1,Một,540,2019,III.3,draft\n',
             'binary.csv': '\x01\x02\x03', 'good.csv': 'code,name,district,plan_year,item,status\nX-2,Hai,549,2019,III.3,draft\n'}
    for name, text in files.items():
        with open(os.path.join(base, name), 'w', encoding='utf-8') as f:
            f.write(text)
    cut = os.path.join(base, 'cut')
    shutil.copytree(office.dir, cut)
    with open(os.path.join(cut, 'data.mdb'), 'r+b') as f:
        f.truncate(20000)
    hurt = os.path.join(base, 'hurt')
    shutil.copytree(centre.dir, hurt)
    with open(os.path.join(hurt, 'data.mdb'), 'r+b') as f:
        data = f.read()
        name = office.csv('list')[0]['name'].encode()[:24]
        kc.check(data.count(name) > 1, 'the name is not in the file')
        f.seek(0)
        f.write(data.replace(name, b'#' * len(name)))
    path = lambda n: os.path.join(base, n)
    a, c, agent, collector = office.dir, centre.dir, 'kc-agent', 'kc-collector'
    runs = [(agent, ['--help'], 0), (agent, ['--version'], 0), (agent, ['nonsense'], 2), (agent, [], (0, 2)),
            (agent, ['list', a], 0), (agent, ['list', a, '--search', 'ho tro'], 0), (agent, ['list', a, '--waiting'], 0),
            (agent, ['list', a, '--where', 'year=x'], (1, 2, 3)), (agent, ['show', a, 'KC-549-2014-001'], 0), (agent, ['show', a, 'NO'], (1, 3)),
            (agent, ['history', a, 'KC-549-2014-001'], 0), (agent, ['status', a], 0), (agent, ['totals', a, '--by', 'year,source'], 0),
            (agent, ['totals', a, '--by', 'nonsense'], 2), (agent, ['export', a, 'scheme', '-o', path('out.csv')], 0),
            (agent, ['template', 'outcome'], 0), (agent, ['import', a, '--dry-run', first] + outcomes, 0),
            (agent, ['import', a, first], 0), (agent, ['import', a, path('text.csv')], 3), (agent, ['import', a, path('empty.csv')], 3),
            (agent, ['import', a, path('unknown.csv')], 3), (agent, ['import', a, path('foreign.csv')], 3),
            (agent, ['import', a, path('binary.csv')], 3), (agent, ['import', a, path('gone.csv')], 3), (agent, ['import', a, base], 3),
            (agent, ['import', a, path('good.csv')], 0), (agent, ['add', a, 'scheme', 'code=Q'], (1, 2, 3)),
            (agent, ['set', a, 'KC-549-2014-001', 'note=a'], 0), (agent, ['set', a, 'KC-549-2014-001', 'status=nonsense'], (1, 3)),
            (agent, ['withdraw', a, 'KC-549-2014-001', '--reason', 'nhầm'], 0), (agent, ['withdraw', a, 'NO', '--reason', 'x'], (1, 3)),
            (agent, ['list', cut], 5), (agent, ['list', base], 5), (agent, ['list', c], 5),
            (collector, ['--help'], 0), (collector, ['nonsense'], 2), (collector, ['init', c], (3, 5)),
            (collector, ['init', path('new'), '--map-size', SMALL], 0),
            (collector, ['init', path('new2'), '--catalogue', path('text.csv')], 3), (collector, ['totals', c, '--by', 'item'], 0),
            (collector, ['totals', c, '--by', 'indicator'], 0), (collector, ['totals', c, '--by', 'nonsense'], 2),
            (collector, ['agents', c], 0), (collector, ['offices', c], 0), (collector, ['invites', c], 0), (collector, ['refused', c], 0),
            (collector, ['trace', c, 'KC-549-2014-001'], 0), (collector, ['trace', c, 'year=2014'], 0), (collector, ['trace', c, 'NO'], (1, 3)),
            (collector, ['catalogue', 'show', c], 0), (collector, ['invite', c, '--office', '999'], (2, 3)),
            (collector, ['revoke', c, 'nobody'], (1, 3, 4)), (collector, ['verify', c], 0), (collector, ['verify', hurt], 1),
            (collector, ['verify', a], 5), (collector, ['verify', cut], 5), (collector, ['totals', base, '--by', 'year'], 5)]
    all_of(base, runs)


if __name__ == '__main__':
    if shutil.which('valgrind') is None:
        print('valgrind is not installed')
        sys.exit(77)
    kc.main([sessions, commands])
