// What an upgrade will cost in downtime is said from the report of the last one, and from nothing else.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runFoldersNode } from '../../src/adapters/run-folders-node.js';
import { lastDowntime } from '../../src/app/last-downtime.js';
import { runOrder } from '../../src/app/run-order.js';
import type { Shell } from '../../src/app/shell.js';
import { openShell } from '../../src/cli/wiring.js';
import type { Json } from '../../src/core/json.js';
import type { Plan } from '../../src/core/plan.js';
import { reportSchema } from '../../src/report/report-document.js';
import { upgradePlan } from '../engine/practice-plan.js';

let directory: string;
let shell: Shell;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'routerctl-downtime-'));
  shell = { ...(await openShell({ entry: ['/bin/true'] })), folders: runFoldersNode(join(directory, 'state')) };
});
afterEach(() => rmSync(directory, { recursive: true }));

const planFor = (root: string): Plan => {
  const target = { name: 'lab', root: join(directory, root), policy: {}, components: {}, databases: {}, upstreams: {} };
  return upgradePlan({ target: target as unknown as Plan['target'], inputs: { to: { version: '1.1.0' } } });
};

async function ended(runId: string, startedAt: string, availability: Json, { root = 'here', outcome = 'upgraded' } = {}): Promise<void> {
  const plan = planFor(root);
  const order = runOrder(shell, { limitMs: 60_000, window: null, changeRef: null, approval: null, overrides: [] });
  const folder = await shell.folders.create(plan.target.root, plan, { ...order, runId });
  writeFileSync(join(folder.path, 'report.json'), JSON.stringify({ schema: reportSchema, startedAt, availability }));
  const report = { directory: folder.path, signed: true, problem: null };
  await folder.writeResult({ lastSeq: 1, exitCode: 0, outcome, why: '', hint: null, report });
}

test('the newest upgrade of the same deployment that measured it counts', async () => {
  const { target } = planFor('here');
  expect(await lastDowntime(shell, target)).toBeNull();
  await ended('20261118-020000-aaaa', '2026-11-18T02:00:00.000Z', { downtimeMs: 900, holes: [] });
  await ended('20261120-020000-bbbb', '2026-11-20T02:00:00.000Z', { downtimeMs: 400, holes: [] });
  await ended('20261121-020000-cccc', '2026-11-21T02:00:00.000Z', { downtimeMs: 100, holes: [{ fromMs: 1, toMs: 9000 }] });
  await ended('20261122-020000-dddd', '2026-11-22T02:00:00.000Z', { downtimeMs: null, holes: [{ fromMs: 1, toMs: 9000 }] });
  await ended('20261123-020000-eeee', '2026-11-23T02:00:00.000Z', null);
  await ended('20261124-020000-ffff', '2026-11-24T02:00:00.000Z', { downtimeMs: 7000, holes: [] }, { outcome: 'rolled-back' });
  await ended('20261125-020000-gggg', '2026-11-25T02:00:00.000Z', { downtimeMs: 8000, holes: [] }, { root: 'elsewhere' });
  expect(await lastDowntime(shell, target)).toEqual({ ms: 400, on: '2026-11-20' });
});

test('a report that is gone says nothing', async () => {
  await ended('20261118-020000-aaaa', '2026-11-18T02:00:00.000Z', { downtimeMs: 900, holes: [] });
  for (const folder of shell.folders.list()) rmSync(join(folder.path, 'report.json'));
  expect(await lastDowntime(shell, planFor('here').target)).toBeNull();
});
