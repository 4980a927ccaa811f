#!/usr/bin/env python3
"""The centre's page and API: the commands' own rows, who may do what, the stream, and what is tried against it."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import urllib.parse

import kc

PASSWORD = 'mật khẩu để thử'


class Served(kc.Centre):
    """A centre with its page on a free port."""

    def serve(self, http='127.0.0.1:0', *more):
        log = os.path.join(self.base, 'centre.log')
        before = os.path.getsize(log) if os.path.exists(log) else 0
        self.process = kc.Process([kc.program('kc-collector'), 'serve', self.dir, '--bind', self.endpoint, '--http', http,
                                   *more], log)
        self.process.line()

        def port():
            with open(log, encoding='utf-8') as f:
                f.seek(before)
                return re.search(r'http://127\.0\.0\.1:(\d+)/', f.read())
        self.http = int(kc.until(port, 10, 'the place of the page').group(1))
        return self

    def user(self, name, role):
        kc.run(kc.program('kc-collector'), 'user', 'add', self.dir, name, '--role', role, '--password-stdin',
               stdin=PASSWORD + '\n')

    def token(self, name):
        return self.do('token', name).stdout.strip()

    def web_pid(self):
        out = subprocess.run(['ps', '--ppid', str(self.process.p.pid), '-o', 'pid=,args='], capture_output=True,
                             text=True).stdout
        pids = [int(line.split()[0]) for line in out.splitlines() if ' web ' in line]
        return pids[0] if pids else None

    def ask(self, method, path, headers=None, body=None, token=None):
        """(status, headers, body) of one request."""
        c = http.client.HTTPConnection('127.0.0.1', self.http, timeout=60 * kc.PATIENCE)
        h = dict(headers or {})
        if token:
            h['Authorization'] = 'Bearer ' + token
        if isinstance(body, (dict, list)):
            body = urllib.parse.urlencode(body)
            h.setdefault('Content-Type', 'application/x-www-form-urlencoded')
        c.request(method, path, body, h)
        r = c.getresponse()
        got = r.read()
        c.close()
        return r.status, r, got

    def raw(self, data, timeout=30):
        """What comes back for some bytes, until the other side closes or nothing comes any more."""
        with socket.create_connection(('127.0.0.1', self.http), timeout * kc.PATIENCE) as s:
            s.sendall(data)
            got = b''
            try:
                while True:
                    some = s.recv(65536)
                    if not some:
                        return got
                    got += some
                    if b'\r\n\r\n' in got and b'Content-Length' in got:
                        head, rest = got.split(b'\r\n\r\n', 1)
                        if len(rest) >= int(re.search(rb'Content-Length: (\d+)', head).group(1)):
                            return got
            except ConnectionResetError:
                return got


class Browser:
    """A person: a cookie jar and the form key of their login."""

    def __init__(self, centre):
        self.centre, self.cookies, self.key = centre, {}, None

    def ask(self, method, path, body=None, headers=None):
        h = dict(headers or {})
        if self.cookies:
            h['Cookie'] = '; '.join('%s=%s' % c for c in self.cookies.items())
        status, r, got = self.centre.ask(method, path, h, body)
        for line in r.headers.get_all('Set-Cookie') or []:
            name, value = line.split(';')[0].split('=', 1)
            kc.check('HttpOnly' in line and 'SameSite=Strict' in line, line)
            if re.search(r'Max-Age=0\b', line):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return status, r, got

    def login(self, name, password=PASSWORD, want=303):
        status, _, page = self.ask('GET', '/')
        kc.check(status == 200, 'the login page: %s' % status)
        key = re.search(rb'name="form_key" value="([^"]+)"', page).group(1).decode()
        status, _, got = self.ask('POST', '/login', {'form_key': key, 'name': name, 'password': password})
        kc.check(status == want, 'login as %s: %s %s' % (name, status, got[:200]))
        if want == 303:
            self.key = json.loads(self.ask('GET', '/api/v1/me')[2])['form_key']
        return self

    def post(self, path, body, key=True, **headers):
        h = {k.replace('_', '-'): v for k, v in headers.items()}
        if key:
            h['X-Form-Key'] = self.key
        return self.ask('POST', path, body, h)


def populated(base):
    centre = Served(base).init()
    for name, role in (('xem', 'viewer'), ('cán bộ', 'officer'), ('sếp', 'admin')):
        centre.user(name, role)
    centre.serve()
    office = kc.Office(base, '549').join(centre.invite('549'))
    office.do('import', *office.files())
    office.do('sync', '--wait')
    return centre, office


def the_commands_own_rows(base):
    """Whatever a command gives as json the API gives, byte for byte; and its description names what there is."""
    centre, office = populated(base)
    office.do('submit', 'budget', '2020')
    office.do('sync', '--wait')
    token = centre.token('sếp')
    asked = [
        ('totals?by=year,source', ['totals', '--by', 'year,source']),
        ('totals?by=year,item&where=district%3D549,year%3D2019', ['totals', '--by', 'year,item', '--where',
                                                                  'district=549,year=2019']),
        ('totals?by=indicator,year&as-of=2', ['totals', '--by', 'indicator,year', '--as-of', '2']),
        ('trace?where=year%3D2019', ['trace', 'year=2019']),
        ('offices', ['offices']), ('invites', ['invites']), ('closings', ['closings']),
        ('units', None), ('dues', ['dues']), ('locks', ['locks']), ('conflicts', ['conflicts']),
        ('refused', ['refused']), ('flags?all=1', ['flags', '--all']), ('submissions', ['submissions']),
        ('completeness?period=2020', ['completeness', '--period', '2020']),
        ('changes?since=2&by=year', ['changes', '--since', '2', '--by', 'year']), ('audit', ['audit']),
    ]
    record = json.loads(centre.ask('GET', '/api/v1/' + asked[3][0], token=token)[2])['rows'][0]['code']
    asked.append(('history?record=' + urllib.parse.quote(record), ['trace', record]))
    for path, command in asked:
        status, r, got = centre.ask('GET', '/api/v1/' + path, token=token)
        kc.check(status == 200 and r.headers['Content-Type'] == 'application/json', '%s: %s %s' % (path, status, got[:300]))
        json.loads(got)
        if command is not None:
            own = centre.do(*command, '--format', 'json').stdout
            kc.check(got.decode() == own, '%s differs from the command:\n%s\n%s' % (path, got[:300], own[:300]))
    users = json.loads(centre.ask('GET', '/api/v1/users', token=token)[2])['rows']
    kc.check({u['name']: u['role'] for u in users} == {'xem': 'viewer', 'cán bộ': 'officer', 'sếp': 'admin'}, users)
    kc.check(json.loads(centre.ask('GET', '/api/v1/agents', token=token)[2])['rows'][0]['office'] == '549', 'agents')
    document = json.loads(centre.ask('GET', '/api/v1/openapi.json')[2])
    operations = [(m, p) for p, ms in document['paths'].items() for m in ms]
    kc.check(len(operations) > 25, operations)
    for path, _ in asked:
        kc.check(('get', '/api/v1/' + path.split('?')[0]) in operations, path + ' is not described')
    for method, path in operations:
        if path.endswith('/events'):
            continue
        status, _, got = centre.ask(method.upper(), path, token=token, body={'bogus': '1'} if method == 'post' else None)
        kc.check(status in (200, 400), '%s %s: %s %s' % (method, path, status, got[:200]))
        if method == 'post':
            kc.check(status == 400, '%s takes a parameter it has not' % path)
        for p in document['paths'][path][method].get('parameters', []):
            if p['required']:
                kc.check(status == 400, '%s goes without %s' % (path, p['name']))
    files = {'xlsx': b'PK', 'html': b'<!', 'csv': b'annex,', 'json': b'{'}
    for form, head in files.items():
        status, r, got = centre.ask('GET', '/api/v1/report?annex=all&years=2014-2020&format=' + form, token=token)
        kc.check(status == 200 and got.lstrip().startswith(head), '%s: %s %s' % (form, status, got[:100]))
        kc.check('attachment' in r.headers['Content-Disposition'], 'a report is a download')
    for form in ('docx', 'odt'):
        status, _, got = centre.ask('GET', '/api/v1/report?narrative=1&years=2014-2020&format=' + form, token=token)
        kc.check(status == 200 and got.startswith(b'PK'), 'narrative %s: %s' % (form, status))
    status, _, got = centre.ask('GET', '/api/v1/totals?by=nothing', token=token, headers={'Accept-Language': 'en'})
    kc.check(status == 400 and 'no dimension' in json.loads(got)['error'], got)
    status, _, got = centre.ask('GET', '/api/v1/history?record=nothing', token=token)
    kc.check(status == 422 and 'error' in json.loads(got), got)
    centre.process.stop()


def who_may_do_what(base):
    centre, office = populated(base)
    for path in ('/api/v1/totals?by=year', '/api/v1/events', '/api/v1/me', '/api/v1/nothing', '/api/v1/audit'):
        kc.check(centre.ask('GET', path)[0] == 401, path + ' without anything')
        kc.check(centre.ask('GET', path, token='A' * 32)[0] == 401, path + ' with a made-up token')
    kc.check(centre.ask('GET', '/')[0] == 200, '/ is the login page')
    kc.check(centre.ask('GET', '/nothing')[0] == 404, 'no such page')
    tokens = {name: centre.token(name) for name in ('xem', 'cán bộ', 'sếp')}
    rights = [('GET', '/api/v1/totals?by=year', None, 1), ('GET', '/api/v1/invites', None, 2),
              ('POST', '/api/v1/invites', {'office': '545'}, 2), ('GET', '/api/v1/audit', None, 3),
              ('GET', '/api/v1/users', None, 3), ('POST', '/api/v1/agents/revoke', {'agent': 'none'}, 3)]
    for method, path, body, level in rights:
        for n, token in enumerate(tokens.values(), 1):
            status = centre.ask(method, path, body=body, token=token)[0]
            kc.check((status == 403) == (n < level), '%s %s as %d: %s' % (method, path, n, status))
    # By cookie a change needs the form's key, and comes from our own page.
    kc.check(Browser(centre).login('cán bộ', 'không phải', want=401).cookies.get('kc_session') is None, 'let in')
    kc.check(Browser(centre).login('không ai', want=401).key is None, 'let nobody in')
    officer = Browser(centre).login('cán bộ')
    page = officer.ask('GET', '/')[2].decode()
    kc.check('cán bộ' in page, 'the page names who is there')
    kc.check(re.findall(r'<script[^>]*>', page) == ['<script type="module" src="/static/board.js">'], 'a script within the page')
    kc.check(' style=' not in page and not re.search(r' on[a-z]+=', page), 'styles or handlers within the page')
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        kc.check(officer.ask('GET', path)[0] == 200, path)
    kc.check('lang="vi"' in page, 'Vietnamese first')
    kc.check(officer.ask('GET', '/lang/en')[0] == 303 and b'lang="en"' in officer.ask('GET', '/')[2], 'the other language')
    kc.check(json.loads(officer.ask('GET', '/api/v1/labels')[2])['source']['province'] != '', 'labels')
    body = {'office': '546'}
    kc.check(officer.post('/api/v1/invites', body, key=False)[0] == 403, 'a change without the key')
    kc.check(officer.post('/api/v1/invites', body, Origin='http://evil.example')[0] == 403, 'from another site')
    kc.check(officer.post('/api/v1/invites', dict(body, form_key='x'), key=False)[0] == 403, 'with a wrong key')
    own = 'http://127.0.0.1:%d' % centre.http
    status, _, got = officer.post('/api/v1/invites', body, Origin=own)
    kc.check(status == 200 and json.loads(got)['answer'].startswith('KCI'), got)
    # A submission accepted on the page is accepted as by the command, in the person's name.
    office.do('submit', 'budget', '2020')
    office.do('sync', '--wait')
    kc.check(officer.post('/api/v1/submissions/return', {'submission': '549/budget/2020'})[0] == 400, 'no comment')
    status, _, got = officer.post('/api/v1/submissions/accept', {'submission': '549/budget/2020', 'comment': 'đúng\nđủ'})
    kc.check(status == 422, 'a comment of two lines: %s %s' % (status, got))
    status, _, got = officer.post('/api/v1/submissions/accept', {'submission': '549/budget/2020', 'comment': 'đúng, đủ'})
    kc.check(status == 200, got)
    row = [r for r in centre.csv('submissions') if r['state'] == 'accepted']
    kc.check(len(row) == 1, row)
    trail = [(r['person'], r['action']) for r in centre.csv('audit')]
    kc.check(('cán bộ', 'answer') in trail and ('cán bộ', 'invite') in trail, trail)
    # Whoever is no longer what they were comes in no more.
    kc.run(kc.program('kc-collector'), 'user', 'role', centre.dir, 'cán bộ', '--role', 'viewer')
    kc.check(officer.ask('GET', '/api/v1/me')[0] == 401, 'a login outlives a change of role')
    kc.check(centre.ask('GET', '/api/v1/me', token=tokens['cán bộ'])[0] == 200, 'a token has the new role')
    kc.check(centre.ask('GET', '/api/v1/invites', token=tokens['cán bộ'])[0] == 403, 'a token has the old role')
    kc.run(kc.program('kc-collector'), 'user', 'disable', centre.dir, 'cán bộ')
    kc.check(centre.ask('GET', '/api/v1/me', token=tokens['cán bộ'])[0] == 401, 'a disabled user has a token')
    Browser(centre).login('cán bộ', want=401)
    boss = Browser(centre).login('sếp')
    kc.check(boss.ask('POST', '/logout', {})[0] == 403, 'logged out by another site')
    kc.check(boss.ask('POST', '/logout', {'form_key': boss.key})[0] == 303, 'log out')
    kc.check(boss.ask('GET', '/api/v1/me')[0] == 401, 'logged out')
    # A login form of another site, or none of ours.
    status, _, _ = centre.ask('POST', '/login', body={'name': 'sếp', 'password': PASSWORD, 'form_key': 'x'})
    kc.check(status == 403, 'a login without its page: %s' % status)
    for _ in range(10):
        Browser(centre).login('xem', 'sai rồi nhé', want=401)
    Browser(centre).login('xem', want=429)
    Browser(centre).login('sếp')
    centre.process.stop()


class Stream:
    """A listener to the events."""

    def __init__(self, centre, token, last=None):
        h = {'Authorization': 'Bearer ' + token}
        if last:
            h['Last-Event-ID'] = last
        self.c = http.client.HTTPConnection('127.0.0.1', centre.http, timeout=60 * kc.PATIENCE)
        self.c.request('GET', '/api/v1/events', headers=h)
        self.r = self.c.getresponse()
        kc.check(self.r.status == 200 and self.r.headers['Content-Type'] == 'text/event-stream', self.r.status)

    def next(self):
        """(event, id, data)"""
        got = {}
        while True:
            line = self.r.readline().decode().rstrip('\n')
            if line == '' and 'event' in got:
                return got['event'], got['id'], json.loads(got['data'])
            if line and not line.startswith(':'):
                name, value = line.split(': ', 1)
                got[name] = got.get(name, '') + value

    def close(self):
        self.c.close()


def as_totals(data):
    """{by: {dims: measures}} of a snapshot."""
    out = {}
    for g in data['groupings']:
        by = g['by'].split(',')
        out[g['by']] = {tuple(r[d] for d in by): {k: v for k, v in r.items() if k not in by} for r in g['rows']}
    return out


def apply(totals, data):
    for by, cells in as_totals(data).items():
        totals.setdefault(by, {}).update(cells)


def nothing(measures):
    return all(str(v) in ('0', '') for v in measures.values())


def the_stream_has_no_gap(base):
    centre, office = populated(base)
    token = centre.token('xem')
    s = Stream(centre, token)
    event, last, data = s.next()
    kc.check(event == 'snapshot' and data['position'] == last, event)
    totals = as_totals(data)
    code = office.csv('list', 'scheme')[0]['code']
    office.do('set', code, 'note=đã xem', 'national_vnd=123000000')
    office.do('sync', '--wait')
    event, last, data = s.next()
    kc.check(event == 'change' and data['position'] == last, event)
    apply(totals, data)
    s.close()
    # What happens while nobody listens is told to who comes back.
    office.do('withdraw', code, '--reason', 'thử')
    office.do('sync', '--wait')
    s = Stream(centre, token, last)
    while True:
        event, last, data = s.next()
        kc.check(event == 'change', 'resumed with a ' + event)
        apply(totals, data)
        # Doubts move the log on, and not the position that totals state.
        said = json.loads(centre.do('totals', '--by', 'year', '--format', 'json').stdout)['position']
        if int(data['position'].split(':')[1]) >= int(said.split(':')[1]):
            break
    s.close()
    fresh = Stream(centre, token)
    event, _, data = fresh.next()
    fresh.close()
    left = {by: {k: v for k, v in cells.items() if not nothing(v)} for by, cells in totals.items()}
    kc.check({b: c for b, c in left.items() if c} == {b: c for b, c in as_totals(data).items() if c},
             'changes do not add up to the snapshot')
    old = Stream(centre, token, '0123456789abcdef:1')
    kc.check(old.next()[0] == 'snapshot', 'an unknown id starts over')
    old.close()
    rows = json.loads(centre.do('totals', '--by', 'year,status', '--format', 'json').stdout)['rows']
    kc.check([g for g in data['groupings'] if g['by'] == 'year,status'][0]['rows'] == rows, 'rows as totals gives them')
    # Whoever is shut out hears no more.
    s = Stream(centre, token)
    s.next()
    kc.run(kc.program('kc-collector'), 'user', 'disable', centre.dir, 'xem')
    kc.check(s.r.read().replace(b': \n\n', b'').count(b'event: change') <= 1, 'a stream outlives its user')
    centre.process.stop()


def what_is_tried_against_it(base):
    centre = Served(base).init()
    centre.user('sếp', 'admin')
    centre.serve()
    token = centre.token('sếp')
    host = b'Host: 127.0.0.1\r\n'
    auth = b'Authorization: Bearer ' + token.encode() + b'\r\n'

    def status(data):
        got = centre.raw(data)
        m = re.match(rb'HTTP/1\.[01] (\d+)', got)
        return int(m.group(1)) if m else 0

    for path in ('/../../etc/passwd', '/static/../../etc/passwd', '/static/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd',
                 '/static/page.css/../x', '/static/', '/api/v1/../../etc/passwd', '/%00', '/static/page.css%00.js'):
        got = status(b'GET ' + path.encode() + b' HTTP/1.1\r\n' + host + auth + b'Connection: close\r\n\r\n')
        kc.check(got in (400, 404), '%s: %s' % (path, got))
    kc.check(centre.ask('GET', '/static/page.css')[0] == 200, 'the stylesheet')
    refused = {
        'another site\'s name': b'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n',
        'no host': b'GET / HTTP/1.1\r\n\r\n',
        'two hosts': b'GET / HTTP/1.1\r\n' + host + b'Host: evil.example\r\n\r\n',
        'two lengths': b'POST /login HTTP/1.1\r\n' + host + b'Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde',
        'a length and chunks': b'POST /login HTTP/1.1\r\n' + host +
                               b'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'a method': b'DELETE / HTTP/1.1\r\n' + host + b'\r\n',
        'a large header': b'GET / HTTP/1.1\r\n' + host + b'X: ' + b'a' * 100000 + b'\r\n\r\n',
        'a large address': b'GET /?' + b'a' * 100000 + b' HTTP/1.1\r\n' + host + b'\r\n',
        'a large body said': b'POST /login HTTP/1.1\r\n' + host + b'Content-Length: 99999999999\r\n\r\n',
        'a body that is no form': b'POST /login HTTP/1.1\r\n' + host + b'Content-Type: application/json\r\n'
                                  b'Content-Length: 2\r\n\r\n{}',
        'no HTTP': b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + b'\x00' * 500 + b'\r\n\r\n',
    }
    for what, data in refused.items():
        got = status(data)
        kc.check(got == 0 or 400 <= got < 500, '%s: %s' % (what, got))
        kc.check(got != 401, what + ' got as far as who asks')
    chunk = b'10000\r\n' + b'a' * 0x10000 + b'\r\n'
    got = status(b'POST /login HTTP/1.1\r\n' + host + b'Content-Type: application/x-www-form-urlencoded\r\n'
                 b'Transfer-Encoding: chunked\r\n\r\n' + chunk + chunk + b'0\r\n\r\n')
    kc.check(got in (0, 413), 'a large body in chunks: %s' % got)
    # Nothing of a request gets into the headers or unescaped into a page.
    for value in ('x%0d%0aSet-Cookie:%20evil=1', '%22%3E%3Cscript%3Ealert(1)%3C/script%3E', '%E2%80%A8', '%1b%5b2J'):
        for path in ('/api/v1/totals?by=' + value, '/api/v1/history?record=' + value, '/api/v1/' + value, '/' + value):
            s, r, got = centre.ask('GET', path, token=token)
            kc.check(400 <= s < 500 and 'evil' not in (r.headers.get('Set-Cookie') or ''), '%s: %s' % (path, s))
            kc.check(b'<script' not in got or r.headers['Content-Type'] == 'application/json', path)
    s, r, _ = centre.ask('GET', '/')
    for name, want in (('Content-Security-Policy', "default-src 'none'"), ('X-Content-Type-Options', 'nosniff'),
                       ('Referrer-Policy', 'same-origin'), ('Content-Security-Policy', "frame-ancestors 'none'")):
        kc.check(want in r.headers[name], name)
    # A word that would be an option of the command stays a word.
    for value in ('--help', '-o', '--lang=en', '--as=root'):
        s, _, got = centre.ask('GET', '/api/v1/history?record=' + urllib.parse.quote(value), token=token)
        kc.check(s in (400, 422) and b'error' in got, '%s: %s %s' % (value, s, got[:200]))
    # Many that never finish their request: the oldest go, and who asks properly is answered.
    slow = []
    for _ in range(850):
        c = socket.create_connection(('127.0.0.1', centre.http), 30)
        c.sendall(b'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')
        slow.append(c)
    kc.check(centre.ask('GET', '/api/v1/me', token=token)[0] == 200, 'slow clients keep others out')

    def first_is_gone():
        slow[0].settimeout(0.2)
        try:
            return slow[0].recv(1000) in (b'',) or True
        except socket.timeout:
            return False
        except OSError:
            return True
    kc.until(first_is_gone, 30, 'the oldest half-open request to go')
    kc.check(centre.ask('GET', '/api/v1/me', token=token)[0] == 200, 'still')
    for c in slow:
        c.close()
    centre.process.stop()


def ingest_does_not_depend_on_it(base):
    centre, office = populated(base)
    code = office.csv('list', 'scheme')[0]['code']
    pid = centre.web_pid()
    os.kill(pid, signal.SIGSTOP)
    office.do('set', code, 'note=trang đang treo')
    office.do('sync', '--wait')
    os.kill(pid, signal.SIGCONT)
    os.kill(pid, signal.SIGKILL)
    office.do('set', code, 'note=trang đã chết')
    office.do('sync', '--wait')
    kc.until(lambda: centre.web_pid() not in (None, pid), 30, 'the page to be started again')
    kc.until(lambda: centre.ask('GET', '/')[0] == 200, 30, 'the page')
    os.kill(centre.web_pid(), signal.SIGSTOP)
    centre.process.stop()
    # Killed, it takes the page with it.
    centre.serve()
    pid = centre.web_pid()
    centre.process.kill()
    kc.until(lambda: not os.path.exists('/proc/%d' % pid) or
             open('/proc/%d/stat' % pid).read().split()[2] == 'Z', 10, 'the page to end')
    # A place that is taken is said, and so is a second serve.
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen(1)
        place = '127.0.0.1:%d' % taken.getsockname()[1]
        got = centre.do('serve', '--bind', centre.endpoint, '--http', place, '--lang', 'en', want=2)
        kc.check('another program has it' in got.stderr and got.stdout == '', got.stderr)
        centre.serve()
        centre.do('serve', '--bind', 'tcp://127.0.0.1:0', '--http', place, want=5)
    for bad in ('nowhere', '127.0.0.1', '127.0.0.1:x', ':8570', '127.0.0.1:99999', '1.2.3.4.5:80'):
        kc.run(kc.program('kc-collector'), 'web', centre.dir, '--http', bad, want=2)
    centre.process.stop()


if __name__ == '__main__':
    kc.main([the_commands_own_rows, who_may_do_what, the_stream_has_no_gap, what_is_tried_against_it,
             ingest_does_not_depend_on_it])
