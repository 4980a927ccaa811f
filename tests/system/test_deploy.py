"""What is handed to people: the run of Bình Định, the sample configuration, man pages, completion, help of each command."""
import os
import shutil
import subprocess

import kc

DEPLOY = os.path.join(kc.ROOT, 'deploy')
PROGRAMS = ['kc-collector', 'kc-agent']


def the_run(base):
    """The README's command on programs already built: the published totals stand, all of it runs, and stops."""
    env = dict(kc.ENV, KC_BIN=kc.BIN, KC_RUN=os.path.join(base, 'run'), KC_WAIT=str(int(120 * kc.PATIENCE)), LANG='en_US.UTF-8')
    env.pop('LC_ALL', None)
    script = os.path.join(DEPLOY, 'run-binh-dinh')
    centre = os.path.join(base, 'run', 'collector')
    try:
        said = kc.run(script, env=env, timeout=300).stdout
        kc.check('341 schemes, 27,852,800,000' in said, 'totals are not shown: ' + said)
        for name, begin in (('phu-luc-2014-2020.xlsx', b'PK'), ('phu-luc-2014-2020.html', b'<!'),
                            ('bao-cao-2014-2020.docx', b'PK'), ('bao-cao-2014-2020.html', b'<!')):
            path = os.path.join(base, 'run', 'report', name)
            with open(path, 'rb') as f:
                kc.check(f.read(2) == begin and path in said, 'the report: ' + said)
        kc.check('KC_RUN=%s/run ' % base in said.strip().split('\n')[-1], 'how to stop it: ' + said)
        kc.check('12 running' in kc.run(script, 'status', env=env).stdout, 'not everything runs')
        rows = kc.rows_of(kc.run(kc.program('kc-collector'), 'totals', centre, '--by', 'source', '--format', 'csv').stdout)
        got = [(r['source'], r['schemes'], r['support_vnd']) for r in rows]
        kc.check(got == [('district', '183', '3987000000'), ('national', '21', '9719200000'),
                         ('province', '137', '14146600000')], str(got))
        span = kc.rows_of(kc.run(kc.program('kc-collector'), 'totals', centre, '--by', 'item,year', '--where', 'item=IV.8',
                                 '--format', 'csv').stdout)
        kc.check([r['year'] for r in span] == ['2014-2020'], 'IV.8 stands in its span: %s' % span)
        kc.run(script, env=env, timeout=300)  # again, on what runs: nothing is counted twice
        # And after a stop, with a record more: the same address, and no wait for totals that will not come back.
        where = kc.run(script, 'status', env=env).stdout.split(' at ')[1].split(',')[0]
        kc.run(script, 'stop', env=env)
        kc.run(kc.program('kc-agent'), 'add', os.path.join(base, 'run', 'offices', '549'), 'scheme', 'code=T-1', 'name=x',
               'district=549', 'plan_year=2019', 'item=III.3', 'status=approved', 'province_vnd=1000')
        said = kc.run(script, env=env, timeout=300).stdout
        kc.check('342 schemes, 27,852,801,000' in said and 'changed here since' in said, said)
        kc.check('running at %s,' % where in said, 'another address than %s: %s' % (where, said))
    finally:
        said = kc.run(script, 'stop', env=env).stdout
    kc.check('Stopped 13 programs' in said, said)
    kc.check('0 running' in kc.run(script, 'status', env=env).stdout, 'something still runs')
    kc.run(kc.program('kc-collector'), 'verify', centre)


def sample_configuration(base):
    centre = kc.Centre(base).init()
    p = kc.Process([kc.program('kc-collector'), 'serve', centre.dir, '--config', os.path.join(DEPLOY, 'collector.zpl'),
                    '--bind', 'tcp://127.0.0.1:0'], os.path.join(base, 'serve.log'))
    kc.check(p.line().startswith('ready tcp://'), 'not ready')
    p.stop()


def help_of_everything(base):
    for name in PROGRAMS:
        for lang in 'vi', 'en':
            man = kc.run(kc.program(name), '--lang', lang, '--help-man').stdout
            commands = [line.split('"')[1].split(' ')[0] for line in man.split('\n') if line.startswith('.SS')]
            kc.check(len(commands) > 10, 'few commands in the man page of ' + name)
            for command in commands:
                said = kc.run(kc.program(name), command, '--help', '--lang', lang).stdout
                kc.check('%s %s' % (name, command) in said, said)
            if shutil.which('groff'):
                made = subprocess.run(['groff', '-man', '-Tutf8', '-Kutf8', '-ww'], input=man, capture_output=True, text=True)
                kc.check(made.returncode == 0 and not made.stderr, 'man page of %s: %s' % (name, made.stderr))
        version = kc.run(kc.program(name), '--version').stdout
        kc.check(version.startswith(name + ' '), version)


def completion(base):
    for name, words, want in [('kc-collector', ['inv'], 'invite'), ('kc-agent', ['import', 'd', '--dry'], '--dry-run'),
                              ('kc-agent', ['import', 'd', '--locale', ''], 'plain'), ('kc-collector', ['totals', 'd', '--f'], '--format')]:
        script = kc.run(kc.program(name), '--completion', 'bash').stdout
        script += '\nCOMP_WORDS=(%s); COMP_CWORD=%d; _%s; echo "${COMPREPLY[@]}"\n' % (
            ' '.join("'%s'" % w for w in [name] + words), len(words), name.replace('-', '_'))
        offered = kc.run('bash', '-c', script).stdout.split()
        kc.check(want in offered, '%s %s: %s' % (name, words, offered))


def wrong_usage(base):
    for argv, code in [([], 2), (['nonsense'], 2), (['status'], 2), (['--nonsense'], 2), (['totals', 'd', '--format', 'xml'], 2),
                       (['totals', 'd', '--nonsense'], 2), (['--help'], 0), (['totals', '--help'], 0)]:
        for name in PROGRAMS:
            if name == 'kc-collector' and argv == ['status']:
                continue
            p = kc.run(kc.program(name), *argv, want=code)
            kc.check(bool(p.stderr) == (code != 0) and bool(p.stdout) == (code == 0), 'answers go to stdout, the rest to stderr: %s' % argv)


if __name__ == '__main__':
    kc.main([the_run, sample_configuration, help_of_everything, completion, wrong_usage])
