// A prober that dies must not turn into a downtime of zero: what nobody measured is said to be unknown, everywhere.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReportDocument } from '../../src/report/report-document.js';
import { practicePackage } from '../lab/lab.js';
import { eventsOf } from './invariants.js';
import { type Lane, matrixPlaybook, openLane, until } from './lane.js';
import { give, launch } from './orders.js';
import { isAlive } from './process-list.js';

let lane: Lane;
beforeAll(async () => {
  lane = await openLane();
});
afterAll(async () => lane.close());

test('a prober that is killed before the restart leaves the downtime unknown, in the report and in its renderings', async () => {
  const plan = await lane.plan(matrixPlaybook, await practicePackage({ version: '1.1.0' }));
  await lane.save('old');
  await lane.restore('old');
  give(lane, { proof: 'none', guard: 'none' });
  const folder = await lane.createRun(plan);
  const { ended } = launch(lane, ['run', 'exec', folder.path, '--by', 'runner']);
  await until('the prober has asked', () => existsSync(folder.probePath) && readFileSync(folder.probePath, 'utf8') !== '');
  const [started] = eventsOf(folder).filter((event) => event.type === 'prober-started');
  if (started?.type !== 'prober-started') throw new Error('no prober');
  process.kill(started.data.pid, 'SIGKILL');
  await until('the prober is gone', () => !isAlive(started.data.pid));
  expect((await ended).code).toBe(0);
  const directory = folder.result()?.report?.directory ?? '';
  const report = JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8')) as ReportDocument;
  expect(report.availability).toMatchObject({ failures: 0, downtimeMs: null, outages: [] });
  expect(report.availability?.holes?.length).toBe(1);
  expect(report.unproven).toContainEqual({ what: 'downtime', why: expect.stringContaining('the prober had died') as string });
  for (const name of ['report.md', 'report.html']) expect(readFileSync(join(directory, name), 'utf8')).toContain('downtime unknown');
});
