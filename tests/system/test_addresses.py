"""The centre moves: what is configured reaches the offices, which try it first and keep what they have until it answers.
A mistake at the centre loses nobody."""
import os
import shutil

import kc

ENGLISH = dict(kc.ENV, LC_ALL='en_US.UTF-8', LANG='en_US.UTF-8')


def listed(centre):
    return [(r['address'], r['state']) for r in centre.csv('addresses')]


def said(pc):
    """Addresses as status tells them: (new, tried first), (ours)."""
    lines = pc.do('status', env=ENGLISH).stdout.splitlines()
    return ([l.split(': ', 1)[1] for l in lines if l.startswith('New address of the centre')],
            [l.split(': ', 1)[1] for l in lines if l.startswith('Address of the centre')])


def add(pc, code):
    pc.do('add', 'scheme', 'code=' + code, 'name=Máy ' + code, 'district=549', 'plan_year=2020', 'item=III.3',
          'status=approved', 'province_vnd=1000000', '--as', 'An')


def arrived(centre, n):
    return sum(int(r['schemes']) for r in centre.totals('year')) == n


def the_centre_moves(base):
    centre = kc.Centre(base).init().serve()
    one = kc.Office(base, '549', 'one').join(centre.invite('549'))
    two = kc.Office(base, '549', 'two').join(centre.invite('549'))
    one.serve()
    kc.check(listed(centre) == [(centre.endpoint, 'served')], 'listed %r' % listed(centre))

    # A wrong one, beside a running serve: offices that hear of it stay where they are, also those that begin anew.
    wrong = 'tcp://127.0.0.1:1'
    centre.do('addresses', wrong)
    kc.check(listed(centre) == [(wrong, 'set')], 'listed %r' % listed(centre))
    first = centre.endpoint
    kc.until(lambda: said(one) == ([wrong], [first]), 30, 'the office hears of the wrong address')
    one.process.stop()
    one.serve()
    add(one, 'A-1')
    kc.until(lambda: arrived(centre, 1), 60, 'sent in spite of the wrong address')
    two.do('sync', '--wait')
    kc.check(said(two) == ([wrong], [first]), 'the second PC has %r' % (said(two),))
    invite = centre.do('invite', '--office', '549').stdout
    kc.check(invite.startswith('KCI1-'), 'no invite')

    # The right one, told while it still answers at the old: only then it moves.
    reserved = kc.reserved_port()
    port = reserved.getsockname()[1]
    second = 'tcp://127.0.0.1:%d' % port
    centre.do('addresses', second)
    kc.until(lambda: said(one) == ([second], [first]), 30, 'the office hears of the new address')
    centre.process.stop()
    centre.reserved.close()
    centre.reserved, centre.port = reserved, port
    centre.serve()
    add(one, 'A-2')
    kc.until(lambda: arrived(centre, 2), 90, 'the office follows')
    kc.until(lambda: said(one) == ([], [second]), 30, 'the old address is dropped')

    # With none configured, what was told stays.
    centre.do('addresses', '--clear')
    kc.check(listed(centre) == [(second, 'served')], 'listed %r' % listed(centre))
    add(one, 'A-3')
    kc.until(lambda: arrived(centre, 3), 60, 'goes on without configured addresses')
    kc.check(said(one) == ([], [second]), 'cleared addresses were dropped: %r' % (said(one),))
    for bad in ('tcp://*:5570', 'localhost:5570', 'tcp://a:0'):
        centre.do('addresses', bad, want=3)
    centre.do('addresses', '--clear', second, want=2)
    one.process.stop()
    centre.do('verify')
    centre.process.stop()


def both_answer(base):
    """Two ports at once: who is told of the other goes there with its next session, and drops the first. What was
    configured comes back to a centre restored from a backup of before."""
    centre = kc.Centre(base).init().serve()
    pc = kc.Office(base, '549').join(centre.invite('549'))
    centre.process.stop()
    backup = os.path.join(base, 'backup')
    centre.do('backup', backup)
    other = kc.reserved_port()
    second = 'tcp://127.0.0.1:%d' % other.getsockname()[1]
    centre.do('addresses', second)  # nobody serves: by the command itself
    centre.process = kc.Process([kc.program('kc-collector'), 'serve', centre.dir, '--bind', centre.endpoint, '--bind',
                                 second, '--http', 'off'], centre.dir + '.log')
    centre.process.line()
    pc.do('sync', '--wait')
    kc.check(said(pc) == ([second], [centre.endpoint]), 'after the first session %r' % (said(pc),))
    doctor = pc.do('doctor', env=ENGLISH).stdout
    kc.check('new address' in doctor, 'doctor does not name it: ' + doctor)
    pc.do('sync', '--wait')
    kc.check(said(pc) == ([], [second]), 'after the second session %r' % (said(pc),))
    centre.process.stop()
    shutil.rmtree(centre.dir)
    kc.run(kc.program('kc-collector'), 'restore', backup, centre.dir)
    other.close()
    centre.port = int(second.rsplit(':', 1)[1])
    centre.serve()
    kc.check(listed(centre) == [(second, 'served')], 'a backup of before lists %r' % listed(centre))
    pc.do('sync', '--wait')
    kc.check(listed(centre) == [(second, 'set')], 'restored and filled again it lists %r' % listed(centre))
    centre.do('verify')
    centre.process.stop()


def only_the_second_answers(base):
    """A round goes through the address that is left, and the doctor comes to the same end."""
    centre = kc.Centre(base).init()
    first, second = kc.reserved_port(), kc.reserved_port()
    ends = ['tcp://127.0.0.1:%d' % s.getsockname()[1] for s in (first, second)]
    start = [kc.program('kc-collector'), 'serve', centre.dir, '--http', 'off']
    centre.process = kc.Process(start + ['--bind', ends[0], '--bind', ends[1]], centre.dir + '.log')
    centre.process.line()
    pc = kc.Office(base, '549').join(centre.do('invite', '--office', '549').stdout.strip())
    centre.process.stop()
    first.close()
    centre.process = kc.Process(start + ['--bind', ends[1]], centre.dir + '.log')
    centre.process.line()
    add(pc, 'A-1')
    pc.do('sync', '--wait')
    said = pc.do('doctor', env=ENGLISH).stdout
    kc.check('everything is well' in said and said.count('[fail]') == 1 and ends[0] in said, said)
    centre.process.stop()
    kc.check('cannot be reached' in pc.do('doctor', env=ENGLISH, want=4).stderr, 'nobody answers, and it does not say so')
    second.close()


if __name__ == '__main__':
    kc.main([the_centre_moves, both_answer, only_the_second_answers])
