// A deployment that systemd runs, through an evening of upgrades under traffic: a good version, one that fails its validation and goes
// back by itself, and the good one taken back by a person. The guard is a unit of the same real systemd.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { practicePackage } from '../lab/lab.js';
import { runBySystemd, type SystemdLab } from '../lab/systemd-lab.js';
import { hasPrivateSystemd, type PrivateSystemd, saySkipped, startPrivateSystemd } from '../parts/private-systemd.js';
import { type Operator, operator, underTraffic, until } from './operator.js';

saySkipped();
let systemd: PrivateSystemd;
let me: Operator;
let router: SystemdLab;

/** How many rows there are for each request that a caller saw answered. */
function rowsOf(requestIds: readonly string[]): readonly number[] {
  const database = new Database(me.lab.paths.database, { readonly: true });
  try {
    const count = database.prepare('select count(*) as n from request_usage where request_id = ?');
    return requestIds.map((id) => (count.get(id) as { readonly n: number }).n);
  } finally {
    database.close();
  }
}

const mainProgram = (): string => {
  const pid = router.show('MainPID');
  return `${pid} ${router.show('ActiveState')} ${router.show('NRestarts')}`;
};

describe.runIf(hasPrivateSystemd)('a router that systemd runs', () => {
  beforeAll(async () => {
    systemd = await startPrivateSystemd();
    me = await operator({ enter: systemd.enter });
    router = await runBySystemd(me.lab, systemd);
  });
  afterAll(async () => {
    await systemd.stop();
    await me.leave();
  });

  test('its plan names the unit and what is done with it, and binds the shipped playbook for it', async () => {
    const to = await practicePackage({ version: '1.1.0' });
    const { code, out, err } = await me.routerctl('plan', 'upgrade', '--to', to, '--json');
    const { plan } = JSON.parse(out) as { plan: { playbook: { name: string }; state: Record<string, string> } };

    expect(code, out + err).toBe(0);
    expect(plan.playbook.name).toBe('binary-upgrade');
    expect(Object.keys(plan.state)).toContain('router: unit file 1');
    expect(out).toContain(`systemctl stop ${router.unit}, up to 12 s to drain`);
  });

  test('an upgrade under traffic ends with 0, and every request that was answered has its row', async () => {
    const before = mainProgram();
    const to = await practicePackage({ version: '1.1.0' });
    const { code, out, err, traffic } = await underTraffic(me.lab, () => me.routerctl('upgrade', '--to', to, '-y'));

    expect(code, out + err).toBe(0);
    expect(out).toMatch(/UPGRADED, VERIFIED: lab @ \S+ serves 1\.1\.0 +exit 0/);
    expect(await me.version()).toBe('1.1.0');
    expect(traffic.cut).toBe(0);
    expect(traffic.ok).toBeGreaterThan(0);
    await until('each answered request has its one row', () => rowsOf(traffic.requestIds).every((rows) => rows === 1));
    expect(mainProgram()).not.toBe(before);
    expect(mainProgram()).toMatch(/^\d+ active 0$/);
  });

  test('its guard was a unit of systemd, which ended with the run', () => {
    const journal = readFileSync(join(me.runFolder(me.newestRun()), 'report', 'journal.jsonl'), 'utf8');

    expect(journal).toMatch(/"guard-armed".*"by":"systemd"/);
    expect(systemd.systemctl('list-units', '--plain', '--no-legend', 'routerctl-guard-*')).toBe('');
  });

  test('a version that cuts streams goes back by itself with 4, and the unit runs the one before', async () => {
    const to = await practicePackage({ version: '1.2.0', defects: ['cut-streams', 'no-stream-usage'] });
    const { code, out, err, traffic } = await underTraffic(me.lab, () => me.routerctl('upgrade', '--to', to, '-y'));

    expect(code, out + err).toBe(4);
    expect(out).toMatch(/ROLLED BACK, VERIFIED: lab @ \S+ serves 1\.1\.0 +exit 4/);
    expect(await me.version()).toBe('1.1.0');
    expect(rowsOf(traffic.requestIds).filter((rows) => rows > 1)).toEqual([]);
    expect(mainProgram()).toMatch(/^\d+ active 0$/);
  });

  test('the version that was replaced comes back on request, with 0', async () => {
    const to = await practicePackage({ version: '1.3.0' });
    const upgraded = await me.routerctl('upgrade', '--to', to, '-y');
    const { code, out, err, traffic } = await underTraffic(me.lab, () => me.routerctl('rollback', '-y'));

    expect(upgraded.code, upgraded.out + upgraded.err).toBe(0);
    expect(code, out + err).toBe(0);
    expect(out).toMatch(/ROLLED BACK, VERIFIED: lab @ \S+ serves 1\.1\.0 +exit 0/);
    expect(await me.version()).toBe('1.1.0');
    expect(traffic.cut).toBe(0);
    await until('each answered request has its one row', () => rowsOf(traffic.requestIds).every((rows) => rows === 1));
  });

  test('its check names unit, main process, restarts and state', async () => {
    const { code, out, err } = await me.routerctl('check', 'run', 'process', '--on', 'router', '--json');

    expect(code, out + err).toBe(0);
    expect(out).toContain(`"unit": "${router.unit}"`);
    for (const word of ['"activeState": "active"', '"restarts": 0', `"mainPid": ${router.show('MainPID')}`]) expect(out).toContain(word);
  });
});
