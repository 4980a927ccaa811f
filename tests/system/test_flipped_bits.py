"""Single bits turned over in an office's store: its commands answer as before or say that the store is damaged."""
import os
import random
import shutil

import kc

FLIPS = int(os.environ.get('KC_FLIPS', '60'))
SEED = int(os.environ.get('KC_FLIP_SEED', '3'))
COMMANDS = (['list'], ['totals', '--by', 'year,item,source'], ['status'], ['list', '--waiting'], ['history', 'KC-548-2014-001'])


def pick_bit(rng, size):
    """Half of them anywhere, half where pages say how they hang together."""
    if rng.random() < 0.5:
        return rng.randrange(size * 8)
    page = rng.randrange(size // 4096)
    return page * 4096 * 8 + rng.randrange((168 if page < 2 else 64) * 8)


def office_commands(base):
    centre = kc.Centre(base).init('--map-size', '67108864').serve()
    office = kc.Office(base, '548').join(centre.invite('548'))
    for path in office.files():
        office.do('import', path)
    more = os.path.join(base, 'more.csv')
    with open(more, 'w', encoding='utf-8') as f:
        f.write('code,name,district,plan_year,item,status,district_vnd\n')
        for i in range(250):
            f.write('Z-%03d,Hỗ trợ máy móc số %d,548,%d,III.3,approved,%d\n' % (i, i, 2014 + i % 7, 1000000 + i))
    office.do('import', more)
    centre.process.stop()
    kc.check(len(office.csv('list')) >= 250, 'a store of some size')
    hurt = kc.Office(base, '548', 'hurt')
    shutil.copytree(office.dir, hurt.dir)
    file = os.path.join(hurt.dir, 'data.mdb')
    with open(file, 'rb') as f:
        whole = f.read()
    sound = [office.do(*c, '--format', 'csv').stdout for c in COMMANDS]
    rng = random.Random(SEED)
    named = 0
    for i in range(FLIPS):
        bit = pick_bit(rng, len(whole))
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        with open(file, 'wb') as f:
            f.write(data)
        if os.path.exists(os.path.join(hurt.dir, 'lock.mdb')):
            os.unlink(os.path.join(hurt.dir, 'lock.mdb'))
        for command, answer in zip(COMMANDS, sound):
            said = hurt.do(*command, '--format', 'csv', want=None, timeout=20)
            what = 'bit %d, %s: exit %s, %s' % (bit, command, said.returncode, said.stderr)
            kc.check(said.returncode in (0, 5), what)
            kc.check(said.returncode != 0 or said.stdout == answer, what + ' but another answer')
            kc.check(said.returncode == 0 or said.stderr.strip(), what + ': no words')
            named += said.returncode == 5
    kc.check(named > 0, 'nothing was noticed')


if __name__ == '__main__':
    kc.main([office_commands])
