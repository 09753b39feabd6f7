// One router in a container of a compose project, upgraded from image to image as its operator would: there, back by itself, back on request.
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ComposeLab, practiceImage, runByCompose, tagOf } from '../lab/compose-lab.js';
import { type DockerEngine, engineMissing, startDockerEngine } from '../parts/docker-engine.js';
import { type Operator, operator, underTraffic, until } from './operator.js';

let engine: DockerEngine;
let me: Operator;
let project: ComposeLab;

const imageIdOf = (version: string): string =>
  engine.docker(['image', 'inspect', '--format', '{{.Id}}', `reference-router:${tagOf(version)}`]).trim();
const running = (): readonly string[] => project.containers('{{.Image}} {{.State}}');

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

describe.skipIf(engineMissing !== null)(engineMissing ?? 'a router in a compose project', () => {
  beforeAll(async () => {
    engine = await startDockerEngine();
    me = await operator();
    project = await runByCompose(me.lab, engine);
  });
  afterAll(async () => {
    project?.down();
    await me?.leave();
    await engine?.stop();
  });

  test('is upgraded to the next image under traffic, and no row is missing or there twice', async () => {
    const to = await practiceImage({ version: '1.1.0' });
    const { code, out, err, traffic } = await underTraffic(me.lab, () => me.routerctl('upgrade', '--to', to, '-y'));

    expect(code, out + err).toBe(0);
    expect(out).toMatch(/UPGRADED, VERIFIED: lab @ \S+ serves 1\.1\.0 +exit 0/);
    expect(await me.version()).toBe('1.1.0');
    expect(running()).toEqual([`reference-router:${tagOf('1.1.0')} running`]);
    expect(readFileSync(project.variables, 'utf8')).toBe(
      `# The image that runs.\nREFERENCE_ROUTER_VERSION=${tagOf('1.1.0')}\nOTHER=kept\n`,
    );
    expect(imageIdOf('1.0.0')).not.toBe(imageIdOf('1.1.0'));
    expect(traffic.cut).toBe(0);
    expect(traffic.ok).toBeGreaterThan(0);
    await until('each answered request has its one row', () => rowsOf(traffic.requestIds).every((rows) => rows === 1));
  });

  test('goes back by itself with 4 from an image that cuts streams', async () => {
    const to = await practiceImage({ version: '1.2.0', defects: ['cut-streams', 'no-stream-usage'] });
    const { code, out, err, traffic } = await underTraffic(me.lab, () => me.routerctl('upgrade', '--to', to, '-y'));

    expect(code, out + err).toBe(4);
    expect(out).toMatch(/ROLLED BACK, VERIFIED: lab @ \S+ serves 1\.1\.0 +exit 4/);
    expect(await me.version()).toBe('1.1.0');
    expect(running()).toEqual([`reference-router:${tagOf('1.1.0')} running`]);
    expect(readFileSync(project.variables, 'utf8')).toContain(`REFERENCE_ROUTER_VERSION=${tagOf('1.1.0')}\n`);
    expect(rowsOf(traffic.requestIds).filter((rows) => rows > 1)).toEqual([]);
  });

  test('is taken back on request to the image before, with 0', async () => {
    const to = await practiceImage({ version: '1.3.0' });
    const upgraded = await me.routerctl('upgrade', '--to', to, '-y');
    const { code, out, err, traffic } = await underTraffic(me.lab, () => me.routerctl('rollback', '-y'));

    expect(upgraded.code, upgraded.out + upgraded.err).toBe(0);
    expect(code, out + err).toBe(0);
    expect(out).toMatch(/ROLLED BACK, VERIFIED: lab @ \S+ serves 1\.1\.0 +exit 0/);
    expect(running()).toEqual([`reference-router:${tagOf('1.1.0')} running`]);
    await until('each answered request has its one row', () => rowsOf(traffic.requestIds).every((rows) => rows === 1));
  });
});
