#!/usr/bin/env python3
"""Users, tokens and the audit trail by commands, with and without a serve beside them."""
import kc


def user(centre, action, name, *more, password='', **kw):
    piped = ['--password-stdin'] if password else []
    return kc.run(kc.program('kc-collector'), 'user', action, centre.dir, *([name] if name else []), *more, *piped,
                  stdin=password and password + '\n', **kw)


def users(centre):
    return [(r['name'], r['role'], r['state']) for r in kc.rows_of(user(centre, 'list', None, '--format', 'csv').stdout)]


def by_hand_and_beside_serve(base):
    centre = kc.Centre(base).init()
    kc.check(user(centre, 'list', None, '--format', 'csv').stdout == 'name,role,state\n', 'an empty list has its header')
    user(centre, 'add', 'an', '--role', 'admin', '--as', 'root', password='mật khẩu của An')
    centre.serve()
    user(centre, 'add', 'bình', '--as', 'an', password='mật khẩu của Bình')
    user(centre, 'add', 'bình', password='mật khẩu khác', want=5)
    user(centre, 'add', 'chi', password='ngắn', want=3)
    user(centre, 'add', 'chi', want=2)
    user(centre, 'add', 'chi', '--role', 'king', password='mật khẩu của Chi', want=2)
    user(centre, 'passwd', 'nobody', password='mật khẩu của ai', want=3)
    kc.check(users(centre) == [('an', 'admin', 'active'), ('bình', 'viewer', 'active')], users(centre))
    user(centre, 'role', 'bình', '--role', 'officer', '--as', 'an')
    kc.check(user(centre, 'check', 'bình', password='mật khẩu của Bình').stdout == 'officer\n', 'check says the role')
    user(centre, 'check', 'bình', password='mật khẩu của bình', want=1)
    user(centre, 'check', 'nobody', password='mật khẩu của bình', want=1)
    user(centre, 'passwd', 'bình', '--as', 'an', password='mật khẩu mới của Bình')
    user(centre, 'check', 'bình', password='mật khẩu của Bình', want=1)
    token = centre.do('token', 'bình', '--as', 'an').stdout
    kc.check(len(token) == 33 and token.endswith('\n'), 'a token is one word: %r' % token)
    centre.do('token', 'nobody', want=3)
    user(centre, 'disable', 'bình', '--as', 'an')
    centre.do('token', 'bình', want=3)
    user(centre, 'check', 'bình', password='mật khẩu mới của Bình', want=1)
    user(centre, 'disable', 'an', want=3)
    kc.check(users(centre) == [('an', 'admin', 'active'), ('bình', 'officer', 'disabled')], users(centre))
    user(centre, 'enable', 'bình', '--as', 'an')
    trail = [(r['person'], r['action'], r['subject']) for r in centre.csv('audit')]
    kc.check(trail == [('root', 'user', 'add an admin'), ('an', 'user', 'add bình viewer'),
                       ('an', 'user', 'role bình officer'), ('an', 'user', 'passwd bình'), ('an', 'token', 'bình'),
                       ('an', 'user', 'disable bình'), ('an', 'user', 'enable bình')], trail)
    centre.do('invite', '--office', '549', '--as', 'bình')
    kc.check([r['subject'] for r in centre.csv('audit')][-1] == '549 office', 'an invite is in the trail')
    centre.process.stop()
    centre.do('verify')
    with open(centre.dir + '/data.mdb', 'rb') as f:
        store = f.read()
    for secret in ('mật khẩu mới của Bình', token.strip()):
        kc.check(secret.encode() not in store, 'a secret stands in the store')


if __name__ == '__main__':
    kc.main([by_hand_and_beside_serve])
