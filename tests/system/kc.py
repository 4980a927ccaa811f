"""Real processes for the system tests: a centre, offices, and a line that can be cut.

Every wait has a bound and polls a condition; nothing asserts how long a thing took.
"""
import csv
import ctypes
import io
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get('KC_BIN') or os.path.join(ROOT, 'build', 'release', 'bin')
DATA = os.path.join(ROOT, 'deploy', 'binh-dinh', 'updates')
DISTRICTS = ['540', '542', '543', '544', '545', '546', '547', '548', '549', '550', '551']
OFFICES = ['52'] + DISTRICTS
PATIENCE = float(os.environ.get('KC_PATIENCE', '1'))  # >1 under sanitizers and valgrind

ENV = dict(os.environ, LC_ALL='C.UTF-8', LANG='C.UTF-8')


class Failed(Exception):
    pass


def program(name):
    return os.path.join(BIN, name)


def run(*argv, want=0, stdin=None, env=None, timeout=120):
    """Runs a command to its end; want = exit code or a set of them, None = any."""
    p = subprocess.run([str(a) for a in argv], input=stdin, capture_output=True, text=True, env=env or ENV,
                       timeout=timeout * PATIENCE)
    codes = want if isinstance(want, (set, tuple)) else {want}
    if want is not None and p.returncode not in codes:
        raise Failed('%s\n  exit %s, wanted %s\n  stdout: %s\n  stderr: %s'
                     % (' '.join(str(a) for a in argv), p.returncode, want, p.stdout[-2000:], p.stderr[-2000:]))
    return p


def until(condition, seconds, what):
    end = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise Failed('gave up waiting for: ' + what)


def check(condition, what):
    if not condition:
        raise Failed(what)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def reserved_port():
    """A socket that keeps its port from everybody but who binds it by number, as the centre does at each start:
    bound but not listening, it stands in nobody's way."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('127.0.0.1', 0))
    return s


class Process:
    """A long-running program in a session of its own; stderr goes to a file. It ends with the test, however that
    ends."""

    def __init__(self, argv, log, env=None):
        self.log = open(log, 'ab')
        self.p = subprocess.Popen(['setpriv', '--pdeathsig', 'KILL'] + [str(a) for a in argv], stdout=subprocess.PIPE,
                                  stderr=self.log, env=env or ENV, start_new_session=True)

    def line(self, seconds=30):
        """First line of stdout."""
        got = []
        t = threading.Thread(target=lambda: got.append(self.p.stdout.readline().decode()), daemon=True)
        t.start()
        t.join(seconds * PATIENCE)
        if not got or not got[0]:
            raise Failed('no line from %s (exit %s), see %s' % (self.p.args, self.p.poll(), self.log.name))
        return got[0].strip()

    def alive(self):
        return self.p.poll() is None

    def kill(self):
        """As a power cut would: no warning. What ended before that, ended by a fault of its own."""
        self.p.send_signal(signal.SIGKILL)
        code = self.p.wait()
        self.close()
        check(code == -signal.SIGKILL, '%s had ended with %s, see %s' % (self.p.args, code, self.log.name))

    def stop(self):
        """As the service manager would; the exit code must be 0."""
        if self.alive():
            self.p.send_signal(signal.SIGTERM)
        try:
            code = self.p.wait(20 * PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed('%s did not end after SIGTERM' % (self.p.args,))
        self.close()
        check(code == 0, '%s ended with %s, see %s' % (self.p.args, code, self.log.name))

    def close(self):
        self.p.stdout.close()
        self.log.close()


class Centre:
    def __init__(self, base):
        self.dir = os.path.join(base, 'centre')
        self.reserved = reserved_port()
        self.port = self.reserved.getsockname()[1]
        self.process = None
        self.base = base

    def init(self, *options):
        run(program('kc-collector'), 'init', self.dir, *options)
        return self

    @property
    def endpoint(self):
        return 'tcp://127.0.0.1:%d' % self.port

    def serve(self, env=None):
        self.process = Process([program('kc-collector'), 'serve', self.dir, '--bind', self.endpoint, '--http', 'off'],
                               os.path.join(self.base, 'centre.log'), env)
        line = self.process.line()
        check(line == 'ready ' + self.endpoint, 'serve said %r' % line)
        return self

    def do(self, command, *argv, **kw):
        return run(program('kc-collector'), command, self.dir, *argv, **kw)

    def csv(self, command, *argv, **kw):
        return rows_of(self.do(command, *argv, '--format', 'csv', **kw).stdout)

    def invite(self, office, address=None, role=None):
        more = ['--role', role] if role else []
        path = os.path.join(self.base, 'invite-%s-%d' % (office, random.getrandbits(32)))
        with open(path, 'w') as f:
            f.write(self.do('invite', '--office', office, '--address', address or self.endpoint, *more).stdout)
        return path

    def totals(self, by, where=None):
        more = ['--where', where] if where else []
        return self.csv('totals', '--by', by, *more)


class Office:
    where = []  # what runs a program elsewhere

    def __init__(self, base, code, name=None):
        self.code = code
        self.dir = os.path.join(base, name or 'office-' + code)
        self.log = self.dir + '.log'
        self.process = None

    def join(self, invite, **kw):
        run(*self.where, program('kc-agent'), 'join', self.dir, invite, **kw)
        return self

    def do(self, command, *argv, **kw):
        return run(*self.where, program('kc-agent'), command, self.dir, *argv, **kw)

    def csv(self, command, *argv, **kw):
        return rows_of(self.do(command, *argv, '--format', 'csv', **kw).stdout)

    def serve(self, env=None):
        self.process = Process(self.where + [program('kc-agent'), 'serve', self.dir, '--http', 'off'], self.log, env)
        return self

    def files(self, kinds=('schemes', 'outcomes', 'supplementary')):
        """The office's import files, in their order."""
        folder = os.path.join(DATA, self.code)
        names = sorted(os.listdir(folder), key=lambda n: int(n.split('-')[0]))
        return [os.path.join(folder, n) for n in names if n.rsplit('.', 1)[0].split('-')[-1] in kinds]


class Line:
    """A TCP line between offices and the centre: cut mid-frame at random, or down for a while."""

    def __init__(self, to_port, seed=0, cut_every=None):
        self.to_port, self.cut_every, self.up = to_port, cut_every, True
        self.random = random.Random(seed)
        self.cuts = 0
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(('127.0.0.1', 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        self.open = set()
        self.lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self):
        return 'tcp://127.0.0.1:%d' % self.port

    def down(self):
        self.up = False
        self._cut_all()

    def heal(self):
        self.cut_every, self.up = None, True

    def close(self):
        self.up = False
        self.listener.close()
        self._cut_all()

    def _cut_all(self):
        with self.lock:
            pairs, self.open = self.open, set()
        for a, b in pairs:
            for s in (a, b):
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _accept(self):
        while True:
            try:
                a, _ = self.listener.accept()
            except OSError:
                return
            if not self.up:
                a.close()
                continue
            try:
                b = socket.create_connection(('127.0.0.1', self.to_port), 5)
            except OSError:
                a.close()
                continue
            budget = [self.random.randrange(200, self.cut_every)] if self.cut_every else [None]
            with self.lock:
                self.open.add((a, b))
            for x, y in ((a, b), (b, a)):
                threading.Thread(target=self._pump, args=(x, y, (a, b), budget), daemon=True).start()

    def _pump(self, x, y, pair, budget):
        try:
            while True:
                data = x.recv(4096)
                if not data:
                    break
                if budget[0] is not None:
                    if len(data) >= budget[0]:
                        y.sendall(data[:budget[0]])   # half a frame, then silence
                        self.cuts += 1
                        break
                    budget[0] -= len(data)
                y.sendall(data)
        except OSError:
            pass
        with self.lock:
            self.open.discard(pair)
        for s in pair:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()


def expected_schemes():
    """What the totals must be, from the offices' files alone: the last file that names a scheme decides.

    An independent model: it knows the rule (settled amounts once settled, approved before), not our code.
    """
    state = {}
    for code in OFFICES:
        for path in Office('', code).files(('schemes',)):
            with open(path, encoding='utf-8', newline='') as f:
                for row in csv.DictReader(f):
                    state[row['code']] = row
    cells = {}
    for row in state.values():
        if row['status'] not in ('approved', 'contracted', 'running', 'accepted', 'liquidated', 'settled'):
            continue
        prefix = 'settled_' if row['status'] == 'settled' else ''
        money = {s: int(row[prefix + s + '_vnd']) for s in ('national', 'province', 'district') if row[prefix + s + '_vnd']}
        main = max(money, key=lambda s: money[s])
        for source, amount in money.items():
            cell = cells.setdefault((row['plan_year'], row['item'], source), [0, 0])
            cell[0] += source == main
            cell[1] += amount
    return {k: tuple(v) for k, v in cells.items() if v != [0, 0]}


def totals_as_cells(rows):
    return {(r['year'], r['item'], r['source']): (int(r['schemes']), int(r['support_vnd'])) for r in rows
            if (r['schemes'], r['support_vnd']) != ('0', '0')}


PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """What a program of ours leaves behind becomes our child, not init's."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), 'prctl')


def children():
    """Processes whose parent we are."""
    found = []
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open('/proc/%s/stat' % name, encoding='utf-8', errors='replace') as f:
                    parent = int(f.read().rsplit(')', 1)[1].split()[1])
            except OSError:
                continue
            if parent == os.getpid():
                found.append(int(name))
    return found


def end_children():
    """Ends what we started, and what that started; nobody else's."""
    while pids := children():
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass


def main(tests):
    """Runs the functions given, each in a directory of its own; prints the summary; exits 1 on a failure."""
    wanted = sys.argv[1:]
    passed = failed = 0
    adopt_orphans()
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        base = tempfile.mkdtemp(prefix='kc-')
        begun = time.monotonic()
        try:
            test(base)
            passed += 1
            print('ok     %s (%.1f s)' % (test.__name__, time.monotonic() - begun), flush=True)
            shutil.rmtree(base, ignore_errors=True)
        except Exception as e:  # report every test; a broken one must not hide the next
            failed += 1
            kind = '' if isinstance(e, Failed) else type(e).__name__ + ': '
            print('FAILED %s: %s%s\n       kept: %s' % (test.__name__, kind, e, base), flush=True)
        finally:
            end_children()
    print('%d passed, %d failed' % (passed, failed))
    sys.exit(1 if failed else 0)
