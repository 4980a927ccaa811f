"""Offices on bad lines: real programs in network namespaces of their own, and a wire that is slow, loses, repeats, turns
round, or is cut: in one direction, for long, in the middle of everything, with nobody told.

Whatever the line did: nothing is lost, nothing counts twice, and nobody says that all is sent while it is not.
"""
import csv
import os
import socket

import kc
import links


def language(code):
    return dict(kc.ENV, LC_ALL=code, LANG=code)


class Work:
    """What offices have entered, and what the centre's figures must be once it has all of it."""

    def __init__(self, base, centre):
        self.base, self.centre, self.schemes, self.files = base, centre, {}, 0

    def enter(self, office, n, note=10):
        self.files += 1
        path = os.path.join(self.base, 'work-%d.csv' % self.files)
        with open(path, 'w', encoding='utf-8', newline='') as f:
            w = csv.writer(f)
            w.writerow('code name district plan_year item status province_vnd note'.split())
            for i in range(n):
                code, amount = 'KC-%d-%d' % (self.files, i), 1000000 + 1000 * self.files + i
                self.schemes[code] = amount
                w.writerow([code, 'Đề án ' + code, office.code, 2019, 'III.3', 'approved', amount, 'ghi chú ' * note])
        office.do('import', path)

    def counted(self):
        rows = self.centre.totals('year')
        return sum(int(r['schemes']) for r in rows), sum(int(r['support_vnd']) for r in rows)

    def all_is_there(self):
        want = (len(self.schemes), sum(self.schemes.values()))
        kc.check(self.counted() == want, 'totals say %s, entered were %s' % (self.counted(), want))
        self.centre.do('verify')


def waiting(office):
    return len(office.csv('list', '--waiting'))


def online(office):
    return office.csv('status')[0]['online'] == 'yes'


def states(centre):
    return {r['agent']: r['state'] for r in centre.csv('agents')}


def sync_tells_the_truth(office, seconds, want=(0, 4)):
    """Done means done, also when the time ran out; nobody enters anything meanwhile."""
    code = office.do('sync', '--wait', '--timeout', seconds, want=want, timeout=seconds + 60).returncode
    left = waiting(office)
    kc.check(code == 4 or left == 0, 'sync said done with %d waiting' % left)
    return code


def joined(base, net, centre, code, name, invite=None, **kw):
    place = net.place()
    return links.Office(base, code, place, name).join(invite or centre.invite(code), **kw)


def slow_lossy_and_thin(base):
    """Lines that are bad all the time: joining, working, draining, and a second PC that fetches it all."""
    with links.Net(seed=11) as net:
        centre = links.Centre(base, net.place()).init().serve()
        work = Work(base, centre)
        bad = {
            'far': dict(delay=0.3, spread=0.1),
            'lossy': dict(loss=0.08, delay=0.02),
            'messy': dict(repeat=0.2, late=0.2, late_by=0.15, spread=0.03),
            'thin': dict(rate=48000, delay=0.05),
        }
        offices = {}
        for code, (name, ways) in zip(('540', '542', '543', '544'), bad.items()):
            place = net.place()
            for way in (place.up, place.down):
                way.__dict__.update(ways)
            offices[name] = links.Office(base, code, place, name).join(centre.invite(code), timeout=120)
        offices['lossy'].serve()
        offices['messy'].serve()
        for o in offices.values():
            work.enter(o, 300)
        for _ in range(3):
            for o in offices.values():
                sync_tells_the_truth(o, 1)
                work.enter(o, 40)
        for name, o in offices.items():
            kc.check(sync_tells_the_truth(o, 120) == 0, '%s did not get through' % name)
        work.all_is_there()
        place = net.place()
        for way in (place.up, place.down):
            way.__dict__.update(loss=0.04, repeat=0.1, delay=0.05, spread=0.05)
        second = links.Office(base, '543', place, 'second').join(centre.invite('543'), timeout=120)
        second.do('sync', '--wait', '--timeout', 120)
        kc.check(len(second.csv('list')) == len(offices['messy'].csv('list')) == 420, 'the second PC lacks records')
        for o in (offices['lossy'], offices['messy']):
            o.process.stop()
        centre.process.stop()
        work.all_is_there()


CUTS = {
    'both ways': lambda p: (setattr(p.up, 'cut', True), setattr(p.down, 'cut', True)),
    'up': lambda p: setattr(p.up, 'cut', True),
    'down': lambda p: setattr(p.down, 'cut', True),
    'large frames': lambda p: (setattr(p.up, 'longest', 400), setattr(p.down, 'longest', 400)),
    'cable': lambda p: p.unplug(),
    'interface': lambda p: p.ip('link', 'set', 'eth0', 'down'),
}
MENDS = {
    'cable': lambda p: p.plug(),
    'interface': lambda p: p.ip('link', 'set', 'eth0', 'up'),
}


def cut_in_every_way(base):
    """Six lines, each cut in a way of its own with a session on it, and nobody told. Both sides notice by themselves and
    say so; meanwhile offices work on; once mended, everything drains."""
    with links.Net(seed=12) as net:
        centre = links.Centre(base, net.place()).init().serve()
        work = Work(base, centre)
        offices = {how: joined(base, net, centre, code, how).serve() for code, how in
                   zip(('540', '542', '543', '544', '545', '546'), CUTS)}
        agents = {how: o.csv('status')[0]['agent'] for how, o in offices.items()}
        for o in offices.values():
            work.enter(o, 20)
            kc.check(sync_tells_the_truth(o, 60) == 0, 'no session to cut')
        kc.until(lambda: set(states(centre).values()) == {'online'}, 30, 'all to be on line')
        before = work.counted()

        for how, cut in CUTS.items():
            cut(offices[how].place)
        for how, o in offices.items():
            work.enter(o, 30)
            kc.check(sync_tells_the_truth(o, 2) == 4, 'done, though cut: ' + how)
            kc.check(waiting(o) == 30 and o.csv('status')[0]['waiting'] == '30', 'what waits is not told: ' + how)
        seen, alone = {how: set() for how in offices}, set()

        def noticed():
            for how, o in offices.items():
                now = states(centre)  # each time: none may pass unseen
                for h in offices:
                    seen[h].add(now[agents[h]])
                alone.update([how] if not online(o) else [])
            return all('offline' in s for s in seen.values()) and len(alone) == len(offices)

        kc.until(noticed, 120, 'both sides to notice')
        for how in ('both ways', 'up'):  # the centre hears nothing more, and no end either
            kc.check('stale' in seen[how], '%s: the centre said %s' % (how, sorted(seen[how])))
        for how, o in offices.items():
            kc.check(sync_tells_the_truth(o, 2) == 4, 'done, though off line: ' + how)
            said = o.do('status', env=language('en_US.UTF-8')).stdout
            kc.check('Last contact' in said, '%s: %s' % (how, said))
            if how != 'large frames':  # where those are small, it is greeted anew, and is on line until it sends
                kc.check('The centre is not reached' in said and not online(o), '%s: %s' % (how, said))
        # Where only answers are cut, the centre may have what the office cannot know it has.
        kc.check(work.counted()[0] in (before[0], before[0] + 30), 'counted what could not come: %s' % (work.counted(),))

        for how, o in offices.items():
            o.place.heal()
            MENDS.get(how, lambda p: None)(o.place)
        for how, o in offices.items():
            kc.check(sync_tells_the_truth(o, 120) == 0, 'not through again: ' + how)
        kc.until(lambda: set(states(centre).values()) == {'online'}, 60, 'all to be on line again')
        kc.check(all(online(o) for o in offices.values()), 'status does not say so')
        work.all_is_there()
        for o in offices.values():
            o.process.stop()
        centre.process.stop()


def half_open(base):
    """One side dies while the line is cut, so that the other is never told; then the line is there again."""
    with links.Net(seed=13) as net:
        centre = links.Centre(base, net.place()).init().serve()
        work = Work(base, centre)
        dies = joined(base, net, centre, '540', 'dies').serve()
        stays = joined(base, net, centre, '542', 'stays').serve()
        for o in (dies, stays):
            work.enter(o, 10)
            kc.check(sync_tells_the_truth(o, 60) == 0, 'no session to cut')

        # A PC loses its power: its session stands at the centre when it is back with the same key.
        CUTS['both ways'](dies.place)
        work.enter(dies, 10)
        dies.process.kill()
        dies.place.heal()
        dies.serve()
        kc.check(sync_tells_the_truth(dies, 60) == 0, 'not through behind its own ghost')
        kc.until(lambda: sorted(states(centre).values()) == ['online', 'online'], 30, 'agents to say that both are on line')
        work.all_is_there()

        # The centre loses its power, and an office's line with it.
        CUTS['both ways'](centre.place)
        work.enter(stays, 10)
        kc.check(sync_tells_the_truth(stays, 2) == 4, 'done with a dead centre')
        centre.process.kill()
        kc.check(set(states(centre).values()) == {'offline'}, 'on line with nobody serving')
        centre.serve()
        centre.place.heal()
        for o in (dies, stays):
            kc.check(sync_tells_the_truth(o, 90) == 0, 'not through to the centre that is back')
        work.all_is_there()
        for o in (dies, stays):
            o.process.stop()
        centre.process.stop()


def flapping(base):
    """Cut and mended again and again while work is entered and sent, each time somewhere else in it."""
    with links.Net(seed=14) as net:
        centre = links.Centre(base, net.place()).init().serve()
        work = Work(base, centre)
        served = joined(base, net, centre, '540', 'served').serve()
        by_hand = joined(base, net, centre, '542', 'by-hand')
        ways = list(CUTS)
        for k in range(12):
            how = ways[k % len(ways)]
            for o in (served, by_hand):
                o.place.up.rate = o.place.down.rate = 200000  # so that a cut finds something under way
                work.enter(o, 25, note=30)
            sync_tells_the_truth(by_hand, 1)
            for o in (served, by_hand):
                CUTS[how](o.place)
            sync_tells_the_truth(by_hand, 1)
            for o in (served, by_hand):
                o.place.heal()
                MENDS.get(how, lambda p: None)(o.place)
        for o in (served, by_hand):
            o.place.heal()
            kc.check(sync_tells_the_truth(o, 120) == 0, 'not through')
        work.all_is_there()
        served.process.stop()
        centre.process.stop()


TRACE = dict(kc.ENV, KC_TRACE='1')


def dials(said):
    return said.count('-> dialling')


def connected_to(office):
    """Addresses of the office's connections that stand."""
    with open('/proc/%d/net/tcp' % office.place.holder.pid, encoding='utf-8') as f:
        rows = [line.split() for line in f.readlines()[1:]]
    return {socket.inet_ntoa(bytes.fromhex(r[2].split(':')[0])[::-1]) for r in rows if r[3] == '01'}


def invite_with(base, centre, office, addresses):
    path = os.path.join(base, 'invite-%d' % len(os.listdir(base)))
    with open(path, 'w', encoding='utf-8') as f:
        f.write(centre.do('invite', '--office', office, *sum((['--address', a] for a in addresses), [])).stdout)
    return path


def the_address_that_answers(base):
    """An invite whose addresses are all wrong in a way of their own, but the last: one round finds it, and from then on
    it is the first."""
    with links.Net(seed=15) as net:
        centre = links.Centre(base, net.place()).init().serve()
        os.mkdir(os.path.join(base, 'other'))
        other = links.Centre(os.path.join(base, 'other'), net.place()).init().serve()
        hole, nobody = net.place(), '10.77.0.200'
        CUTS['both ways'](hole)
        work = Work(base, centre)
        addresses = ['tcp://%s:1' % centre.place.address,      # refuses
                     'tcp://%s:%d' % (hole.address, links.PORT),  # swallows all
                     'tcp://%s:%d' % (nobody, links.PORT),        # is not there
                     'tcp://nowhere.invalid:%d' % links.PORT,     # has no number
                     other.endpoint,                              # is another centre
                     centre.endpoint]
        office = links.Office(base, '549', net.place())
        invite = invite_with(base, centre, '549', addresses)
        said = kc.run(*office.where, kc.program('kc-agent'), 'join', office.dir, invite, '--timeout', 120, env=TRACE, timeout=150).stderr
        kc.check(dials(said) <= len(addresses) + 1, 'joined with %d attempts: %s' % (dials(said), said))  # once more by its own key
        work.enter(office, 10)
        said = office.do('sync', '--wait', env=TRACE).stderr
        kc.check(dials(said) == 1, 'the address that answered is not the first: %s' % said)
        work.all_is_there()
        other.process.stop()
        centre.process.stop()


def the_centre_changes_its_address(base):
    """Under a running serve, and with nobody told: the office finds the other address, and comes back when it must; and
    where it is told, it follows."""
    with links.Net(seed=16) as net:
        centre = links.Centre(base, net.place()).init().serve()
        work = Work(base, centre)
        first, second, third = centre.place.address, '10.77.0.101', '10.77.0.102'
        office = links.Office(base, '549', net.place())
        office.join(invite_with(base, centre, '549', ['tcp://%s:%d' % (a, links.PORT) for a in (first, second)]))
        office.serve()

        def moved(to, what):
            work.enter(office, 10)
            kc.check(sync_tells_the_truth(office, 120) == 0, what + ': not through')
            kc.until(lambda: any(connected_to(office) == {a} for a in to.split()), 60, '%s: connected to %s' % (what, to))
            work.all_is_there()

        def has(*addresses):
            centre.place.ip('address', 'flush', 'dev', 'eth0')
            for a in addresses:
                centre.place.ip('address', 'add', a + '/24', 'dev', 'eth0')

        moved(first, 'in the beginning')
        has(second)
        moved(second, 'by the other address')
        has(second, first)
        centre.process.stop()
        centre.serve()
        moved(second + ' ' + first, 'cut, and both are there')  # the one that is up first, should it be dialled too early
        has(first, third)
        moved(first, 'back, since it must')
        centre.do('addresses', 'tcp://%s:%d' % (third, links.PORT))
        kc.until(lambda: third in office.do('status').stdout, 30, 'the office to hear of the third')
        has(third)
        moved(third, 'as it was told')
        office.process.stop()
        centre.process.stop()


if __name__ == '__main__':
    links.enter()
    kc.main([slow_lossy_and_thin, cut_in_every_way, half_open, flapping, the_address_that_answers,
             the_centre_changes_its_address])
