"""A small network of its own: places with an interface each, and a wire between them that can be bad.

A place is a network namespace: addresses, routes and connections of its own, as a PC has. The wire is a thread of this
process that carries Ethernet frames between the places, as a switch does, and on the way does to each direction what it
is told: lose, delay, repeat, reorder, squeeze, cut. That is what `tc netem` does, and what one-way rules of a packet
filter do; but kernels come without either, and here chance has a seed. The programs see nothing of it but a bad network.

Nothing is left behind: all is within one namespace that this process enters first, and places live as long as the
process that holds them.
"""
import array
import fcntl
import heapq
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

import kc

INSIDE = 'KC_INSIDE'
SKIPPED = 77
PORT = 5570
TOOLS = ('ip', 'nsenter', 'setpriv', 'unshare')
ETH_P_ALL, PACKET_OUTGOING, SIOCETHTOOL = 3, 4, 0x8946
CARRIED = (b'\x08\x00', b'\x08\x06')  # IPv4, ARP
# Checksums and segments are the sender's own work, else frames would be neither whole nor of a frame's size.
OFFLOADS = (0x17, 0x19, 0x1f, 0x24, 0x2c)  # ETHTOOL_STXCSUM, SSG, STSO, SGSO, SGRO
QUEUE_S = 1.0  # what waits longer for a thin line is dropped


def _unshare():
    return ['unshare', '--net'] if os.geteuid() == 0 else ['unshare', '--user', '--map-root-user', '--net']


def enter():
    """Begins this script anew within a network of its own; ends it with SKIPPED where that is not allowed."""
    if os.environ.get(INSIDE):
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
        return
    why = next(('no %s' % t for t in TOOLS if shutil.which(t) is None), None)
    if why is None:
        p = subprocess.run(_unshare() + [sys.executable, os.path.abspath(__file__)], capture_output=True, text=True)
        why = p.stderr.strip().splitlines()[-1:] if p.returncode != 0 else None
    if why is not None:
        print('skipped: no network of our own here: %s' % why)
        sys.exit(SKIPPED)
    os.environ[INSIDE] = 'yes'
    os.execvp(_unshare()[0], _unshare() + [sys.executable] + sys.argv)


def _permitted():
    """What a net needs of the kernel, tried once."""
    subprocess.run(['ip', 'link', 'add', 'kc0', 'type', 'veth', 'peer', 'name', 'kc1'], check=True)
    subprocess.run(['unshare', '--net', 'true'], check=True)
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)).close()
    _no_offloads('kc1')


def _no_offloads(interface):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for command in OFFLOADS:
            value = array.array('I', [command, 0])
            fcntl.ioctl(s, SIOCETHTOOL, struct.pack('16sP16x', interface.encode(), value.buffer_info()[0]))


class Way:
    """What becomes of frames in one direction."""

    def __init__(self):
        self.free = 0.0  # when a thin line has sent what it has
        self.heal()

    def heal(self):
        self.cut = False
        self.loss = self.repeat = self.late = 0.0  # of a hundred frames, 0..1
        self.delay = self.spread = self.late_by = 0.0  # seconds
        self.rate = self.longest = None  # bytes a second; bytes of a frame, longer ones vanish

    def times(self, chance, at, size):
        """When copies of a frame leave that came at this moment."""
        if self.cut or chance.random() < self.loss or (self.longest is not None and size > self.longest):
            return []
        out = []
        for _ in range(1 + (chance.random() < self.repeat)):
            t = at
            if self.rate is not None:
                if self.free > at + QUEUE_S:
                    continue
                self.free = max(self.free, at) + size / self.rate
                t = self.free
            out.append(t + self.delay + chance.random() * self.spread + (self.late_by if chance.random() < self.late else 0.0))
        return out


class Place:
    """A PC's end of the wire; sends `up`, gets `down`."""

    def __init__(self, net, number):
        self.number, self.up, self.down = number, Way(), Way()
        self.address = '10.77.0.%d' % number
        self.hardware = bytes([2, 0, 0, 0, 0, number])
        self.holder = subprocess.Popen(['setpriv', '--pdeathsig', 'KILL', 'unshare', '--net', 'sleep', 'infinity'])
        here = os.readlink('/proc/self/ns/net')
        kc.until(lambda: self._namespace() not in (None, here), 10, 'a namespace of its own')
        self.wire, near = 'w%d' % number, 'p%d' % number
        _ip('link', 'add', self.wire, 'type', 'veth', 'peer', 'name', near)
        _no_offloads(near)
        _ip('link', 'set', near, 'address', self.hardware.hex(':'), 'netns', str(self.holder.pid))
        self.ip('link', 'set', 'lo', 'up')
        self.ip('link', 'set', near, 'name', 'eth0')
        self.ip('address', 'add', self.address + '/24', 'dev', 'eth0')
        self.ip('link', 'set', 'eth0', 'up')
        _ip('link', 'set', self.wire, 'up')
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((self.wire, ETH_P_ALL))
        self.socket.setblocking(False)

    def _namespace(self):
        try:
            return os.readlink('/proc/%d/ns/net' % self.holder.pid)
        except OSError:
            return None

    def inside(self, *argv):
        """A command line that runs there."""
        return ['nsenter', '--net=/proc/%d/ns/net' % self.holder.pid] + [str(a) for a in argv]

    def ip(self, *argv):
        kc.run(*self.inside('ip', *argv))

    def heal(self):
        self.up.heal()
        self.down.heal()

    def unplug(self):
        """As a cable is pulled: both ends see it."""
        _ip('link', 'set', self.wire, 'down')

    def plug(self):
        _ip('link', 'set', self.wire, 'up')


def _ip(*argv):
    kc.run('ip', *argv)


class Net:
    """Places and the wire between them."""

    def __init__(self, seed=1):
        self.places, self.chance = [], random.Random(seed)
        self.due, self.count = [], 0  # frames on their way: (when, count, place, bytes)
        self.wake, self.woken = os.pipe()
        self.over = False
        self.thread = threading.Thread(target=self._carry, daemon=True)
        self.thread.start()

    def place(self):
        p = Place(self, len(self.places) + 1)
        self.places.append(p)
        os.write(self.woken, b'.')
        return p

    def close(self):
        self.over = True
        os.write(self.woken, b'.')
        self.thread.join()
        for p in self.places:
            p.socket.close()
            p.holder.kill()
            p.holder.wait()
        for name in [p.wire for p in self.places]:
            subprocess.run(['ip', 'link', 'delete', name], capture_output=True)
        os.close(self.wake)
        os.close(self.woken)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _carry(self):
        while not self.over:
            now = time.monotonic()
            while self.due and self.due[0][0] <= now:
                _, _, place, frame = heapq.heappop(self.due)
                try:
                    place.socket.send(frame)
                except OSError:
                    pass  # unplugged
            wait = max(0.0, self.due[0][0] - time.monotonic()) if self.due else None
            places = list(self.places)
            ready, _, _ = select.select([self.wake] + [p.socket for p in places], [], [], wait)
            if self.wake in ready:
                os.read(self.wake, 64)
            for p in places:
                if p.socket in ready:
                    self._take(p)

    def _take(self, source):
        for _ in range(64):
            try:
                frame, (_, _, kind, _, _) = source.socket.recvfrom(65536)
            except OSError:
                return  # nothing more, or unplugged
            if kind == PACKET_OUTGOING or frame[12:14] not in CARRIED:
                continue
            now = time.monotonic()
            for t in source.up.times(self.chance, now, len(frame)):
                for target in self.places:
                    if target is not source and (frame[0] & 1 or target.hardware == frame[:6]):
                        for at in target.down.times(self.chance, t, len(frame)):
                            self.count += 1
                            heapq.heappush(self.due, (at, self.count, target, frame))


class Centre(kc.Centre):
    def __init__(self, base, place):
        super().__init__(base)
        self.where, self.place = place.inside(), place

    @property
    def endpoint(self):
        return 'tcp://%s:%d' % (self.place.address, PORT)

    def serve(self, env=None):
        self.process = kc.Process(self.where + [kc.program('kc-collector'), 'serve', self.dir, '--bind', 'tcp://*:%d' % PORT,
                                                '--http', 'off'], os.path.join(self.base, 'centre.log'), env)
        line = self.process.line()
        kc.check(line.startswith('ready '), 'serve said %r' % line)
        return self


class Office(kc.Office):
    def __init__(self, base, code, place, name=None):
        super().__init__(base, code, name)
        self.where, self.place = place.inside(), place


if __name__ == '__main__':
    _permitted()
