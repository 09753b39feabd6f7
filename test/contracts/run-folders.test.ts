// Run folders on their real adapter: all or nothing, found from anywhere on the host, refused where a journal cannot be trusted.
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runFoldersNode, stateDirectory } from '../../src/adapters/run-folders-node.js';
import type { Plan } from '../../src/core/plan.js';
import type { RunOrder } from '../../src/core/ports/run-folders.js';
import { upgradePlan } from '../engine/practice-plan.js';

const NFS = 0x6969;
const plan: Plan = upgradePlan();
let directory: string;
let root: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'routerctl-folders-'));
  root = join(directory, 'deployment');
});

afterEach(() => rmSync(directory, { recursive: true }));

const order = (runId: string): RunOrder => ({
  runId,
  operator: null,
  host: null,
  changeRef: null,
  window: null,
  approval: null,
  overrides: [],
  deadlineMs: 1,
  createdAt: '2026-01-01T00:00:00Z',
});
const folders = (): ReturnType<typeof runFoldersNode> => runFoldersNode(join(directory, 'state'));

describe('a new run', () => {
  test('appears with plan, order and reserved space, and is found by its end', async () => {
    await folders().create(root, plan, order('20260101-020000-7k2m'));
    const found = folders().find('7k2m');
    expect(found.plan()).toEqual(plan);
    expect(found.order().runId).toBe('20260101-020000-7k2m');
    expect(statSync(join(found.path, 'reserve')).size).toBeGreaterThan(1_000_000);
  });

  test('on a network file system is refused and leaves nothing', async () => {
    const networked = runFoldersNode(join(directory, 'state'), { fileSystemType: () => NFS });
    await expect(networked.create(root, plan, order('r1'))).rejects.toMatchObject({ code: 'NETWORK_FILESYSTEM' });
    expect(readdirSync(join(root, '.routerctl', 'runs'))).toEqual([]);
  });

  test('in a place that is no directory is refused', async () => {
    writeFileSync(root, 'a file');
    await expect(folders().create(root, plan, order('r1'))).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
      hint: expect.stringContaining('ROUTERCTL_STATE'),
    });
  });

  test('with an ambiguous name is asked for more of it', async () => {
    await folders().create(root, plan, order('20260101-020000-aaaa'));
    await folders().create(root, plan, order('20260101-030000-bbbb'));
    expect(() => folders().find('20260101')).toThrow(
      expect.objectContaining({ code: 'RUN_UNKNOWN', hint: expect.stringContaining('aaaa') }),
    );
    expect(() => folders().find('zzzz')).toThrow(expect.objectContaining({ code: 'RUN_UNKNOWN' }));
  });

  test('is listed newest first, and no more once its folder is gone', async () => {
    const first = await folders().create(root, plan, order('20260101-020000-aaaa'));
    await folders().create(root, plan, order('20260102-020000-bbbb'));
    expect(
      folders()
        .list()
        .map((folder) => folder.runId),
    ).toEqual(['20260102-020000-bbbb', '20260101-020000-aaaa']);
    rmSync(first.path, { recursive: true });
    expect(folders().list()).toHaveLength(1);
  });
});

describe('requests of persons', () => {
  test('come in order and once', async () => {
    const folder = await folders().create(root, plan, order('r1'));
    await folder.request('hold', 'bob', 'errors');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await folder.request('rollback', 'bob', 'more errors');
    const [first, second] = folder.requests();
    expect([first?.request, second?.request]).toEqual(['hold', 'rollback']);
    folder.forgetRequest(first?.id ?? '');
    expect(folder.requests().map(({ request }) => request)).toEqual(['rollback']);
  });
});

test.runIf(process.getuid?.() === 0)('what root asks of the run of another user can be read by that user', async () => {
  const folder = await folders().create(root, plan, order('r1'));
  chownSync(join(folder.path, 'requests'), 65_534, 65_534);
  await folder.request('hold', 'root', 'errors');
  const [request = ''] = readdirSync(join(folder.path, 'requests'));
  expect(statSync(join(folder.path, 'requests', request))).toMatchObject({ uid: 65_534, gid: 65_534 });
});

describe('undo and reports', () => {
  test('what an undo keeps is for its owner alone', async () => {
    const folder = await folders().create(root, plan, order('r1'));
    expect(statSync(folder.undoDirectory('smoke/chat')).mode & 0o777).toBe(0o700);
  });

  test('a second report does not overwrite the first', async () => {
    const folder = await folders().create(root, plan, order('r1'));
    writeFileSync(join(folder.path, 'report'), '');
    expect(folder.reportDirectory()).toBe(join(folder.path, 'report-2'));
  });

  test('the reserve can be freed twice', async () => {
    const folder = await folders().create(root, plan, order('r1'));
    folder.freeReserve();
    folder.freeReserve();
    expect(existsSync(join(folder.path, 'reserve'))).toBe(false);
  });

  test('the room for the way back is held again by whoever goes on', async () => {
    const folder = await folders().create(root, { ...plan, changing: true }, order('r1'));
    const reserve = join(folder.path, 'reserve');
    const bytes = statSync(reserve).size;
    folder.freeReserve();
    await folder.keepReserve();
    await folder.keepReserve();
    expect(bytes).toBeGreaterThan(1024 * 1024);
    expect(statSync(reserve).size).toBe(bytes);
  });
});

test('the state directory is the one named, else host-wide, else the user’s own', () => {
  expect(stateDirectory({ ROUTERCTL_STATE: '/somewhere' })).toBe('/somewhere');
  expect(['/var/lib/routerctl', '/x/state/routerctl']).toContain(stateDirectory({ XDG_STATE_HOME: '/x/state' }));
});
