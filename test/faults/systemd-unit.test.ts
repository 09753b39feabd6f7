// What goes wrong around a router that systemd runs: a version that dies again and again, somebody else's hand on the unit, and a
// runner that is killed between stop and start. Afterwards exactly one version serves, by the unit.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { packageRelease } from '../../src/router/lab/package-release.js';
import { type Operator, operator, type Running, said } from '../e2e/operator.js';
import { bundledRouter } from '../lab/compiled-router.js';
import { practicePackage } from '../lab/lab.js';
import { runBySystemd, type SystemdLab } from '../lab/systemd-lab.js';
import { hasPrivateSystemd, type PrivateSystemd, saySkipped, startPrivateSystemd } from '../parts/private-systemd.js';
import { killedRunner } from './killed-runner.js';

saySkipped();
let systemd: PrivateSystemd;
let me: Operator;
let router: SystemdLab;
let good = '';
let asWritten = '';

async function mend(): Promise<void> {
  rmSync(router.unitFile, { force: true });
  router.writeUnit(asWritten);
  systemd.systemctl('daemon-reload');
  systemd.systemctl('restart', router.unit);
  await router.ready();
}

/** Whoever asks is answered by the main process of the unit, and that is all that runs. */
async function servesByUnit(version: string): Promise<void> {
  await router.ready();
  expect(await me.version()).toBe(version);
  expect(router.show('ActiveState')).toBe('active');
  const processes = readFileSync(join('/proc', router.show('MainPID'), 'cmdline'), 'utf8');
  expect(processes).toContain(me.lab.paths.config);
}

const journal = (): string => readFileSync(join(me.runFolder(me.newestRun()), 'report', 'journal.jsonl'), 'utf8');

/** The practice router, but it ends with 7 a moment after it has called itself ready. */
async function dyingPackage(version: string, directory: string): Promise<string> {
  const built = dirname(await bundledRouter());
  const copy = join(directory, 'dying');
  cpSync(built, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !/package-[^/]*$/.test(path) });
  const program = join(copy, 'router', 'program.js');
  const death = `
import { readFileSync as readConfigText } from 'node:fs';
const portOfConfig = /port: (\\d+)/.exec(readConfigText(process.argv.at(-1), 'utf8'))?.[1];
setInterval(() => fetch('http://127.0.0.1:' + portOfConfig + '/readyz').then(({ ok }) => ok && setTimeout(() => { console.error('out of luck'); process.exit(7); }, 300), () => undefined), 20).unref();
`;
  const [shebang = '', ...rest] = readFileSync(program, 'utf8').split('\n');
  writeFileSync(program, shebang.startsWith('#!') ? [shebang, death, ...rest].join('\n') : [death, shebang, ...rest].join('\n'));
  mkdirSync(join(directory, 'out'));
  return packageRelease({ version, outDirectory: join(directory, 'out'), programDirectory: join(copy, 'router') }).file;
}

describe.runIf(hasPrivateSystemd)('a router that systemd runs', () => {
  const room = mkdtempSync(join(tmpdir(), 'routerctl-unit-faults-'));
  beforeAll(async () => {
    systemd = await startPrivateSystemd();
    me = await operator({ enter: systemd.enter });
    router = await runBySystemd(me.lab, systemd);
    asWritten = readFileSync(router.unitFile, 'utf8');
    good = await practicePackage({ version: '1.1.0' });
  });
  afterEach(mend);
  afterAll(async () => {
    await systemd.stop();
    await me.leave();
    rmSync(room, { recursive: true, force: true });
  });

  test('a version that is ready for a moment and dies, again and again, goes back with 4', async () => {
    const { code, out, err } = await me.routerctl('upgrade', '--to', await dyingPackage('1.4.0', room), '-y');

    expect(code, out + err).toBe(4);
    await servesByUnit('1.0.0');
    expect(router.show('NRestarts')).toBe('0');
  });

  test('a unit file that changed and was not read again is told by the preflight, and nothing is touched: 3', async () => {
    const pid = router.show('MainPID');
    router.addToUnit('Nice=1');
    const { code, out, err } = await me.routerctl('upgrade', '--to', good, '-y');

    expect(code, out + err).toBe(3);
    expect(out + err).toContain(`the unit file of ${router.unit} changed on disk after systemd read it`);
    expect(journal()).toContain('systemctl daemon-reload');
    expect(router.show('MainPID')).toBe(pid);
    await servesByUnit('1.0.0');
  });

  test('a unit file that somebody changes while the upgrade is under way keeps the service from being stopped: 4', async () => {
    // It is marked bad here from then on.
    const upgrade = me.start('upgrade', '--to', await practicePackage({ version: '1.5.0' }), '-y');
    await said(upgrade, /phase 2\/5 backup/);
    const pid = router.show('MainPID');
    router.addToUnit('Nice=1');
    const { code, out, err } = await upgrade.ended;

    expect(code, out + err).toBe(4);
    expect(out + err).toContain('changed on disk after systemd read it; nothing was stopped');
    expect(router.show('MainPID')).toBe(pid);
    await servesByUnit('1.0.0');
  });

  test('a unit file that changed between plan and run makes the plan drift: 6', async () => {
    const file = join(me.desk, 'tonight.plan');
    const planned = await me.routerctl('plan', 'upgrade', '--to', good, '--out', file);
    router.addToUnit('Nice=1');
    systemd.systemctl('daemon-reload');
    const { code, out, err } = await me.routerctl('upgrade', file, '-y');

    expect(planned.code, planned.out + planned.err).toBe(0);
    expect(code, out + err).toBe(6);
    expect(out + err).toContain('router: unit file 1');
  });

  test('a masked unit is told by the preflight, with the command that lifts it: 3', async () => {
    const pid = Number(router.show('MainPID'));
    unlinkSync(router.unitFile);
    symlinkSync('/dev/null', router.unitFile);
    systemd.systemctl('daemon-reload');
    const { code, out, err } = await me.routerctl('upgrade', '--to', good, '-y');

    expect(code, out + err).toBe(3);
    expect(out + err).toContain(`the unit ${router.unit} is masked`);
    expect(journal()).toContain(`systemctl unmask ${router.unit}`);
    expect(await me.version()).toBe('1.0.0');
    // What it cannot start, systemd does not stop either.
    process.kill(pid, 'SIGTERM');
  });

  test('a unit that runs another path than the link names is told before anything is touched: 3', async () => {
    const { versions, program } = me.lab.paths;
    cpSync(join(versions, '1.0.0'), join(me.desk, 'elsewhere'), { recursive: true });
    router.writeUnit(asWritten.replace(`ExecStart=${program}`, `ExecStart=${join(me.desk, 'elsewhere', 'bin', 'reference-router')}`));
    systemd.systemctl('daemon-reload');
    systemd.systemctl('restart', router.unit);
    await router.ready();
    const { code, out, err } = await me.routerctl('upgrade', '--to', good, '-y');

    expect(code, out + err).toBe(3);
    expect(out + err).toMatch(/starts \S+elsewhere\/bin\/reference-router, but \S+versions\/1\.0\.0\/bin\/reference-router is installed/);
  });

  test('a second operator is refused while the first one upgrades: 6', async () => {
    const first: Running = me.start('upgrade', '--to', good, '-y');
    await said(first, /phase 2\/5 backup/);
    const second = await me.routerctl('upgrade', '--to', good, '-y');
    const ended = await first.ended;
    const back = await me.routerctl('rollback', '-y');

    expect(second.code, second.out + second.err).toBe(6);
    expect(second.err).toMatch(/holds lab since/);
    expect(ended.code, ended.out + ended.err).toBe(0);
    expect(back.code, back.out + back.err).toBe(0);
    await servesByUnit('1.0.0');
  });

  /** The moment when systemd was told to stop the unit and nobody has told it to start it. */
  const inTheMiddle = 'after restart: services.signal SIGTERM';

  test.each([
    ['its guard, a process that notices the death, brings the old version back', undefined, '1.0.0'],
    ['a resume by a person brings the new version', 'none', '1.1.0'],
  ] as const)('the runner killed between stop and start: %s', async (_how, guard, version) => {
    const exitCode = await killedRunner(me, good, { point: inTheMiddle, isGuarded: guard !== 'none' }, systemd.enter);
    expect(exitCode).toBe(version === '1.0.0' ? 4 : 0);
    await servesByUnit(version);
  });
});
