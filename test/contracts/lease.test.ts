// The lease on its real adapter: one holder at a time, dead ones proven, epochs that only rise, and of many contenders one winner.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clockNode } from '../../src/adapters/clock-node.js';
import { leasesFiles } from '../../src/adapters/lease-files.js';
import { ownIdentity } from '../../src/adapters/process-identity.js';
import type { LeaseHolder } from '../../src/core/ports/lease.js';

const leases = leasesFiles(clockNode());
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'routerctl-lease-'));
});

afterEach(() => rmSync(root, { recursive: true }));

/** A rung as another process would have left it. */
function plant(holder: Partial<LeaseHolder>): void {
  const whole = {
    epoch: 1,
    runId: 'other',
    host: hostname(),
    bootId: clockNode().bootId(),
    ...ownIdentity(),
    user: 'bob',
    purpose: 'runner',
    takenAt: '2026-01-01T02:00:00Z',
    ...holder,
  };
  mkdirSync(join(root, '.routerctl'), { recursive: true });
  writeFileSync(join(root, '.routerctl', `lease.${whole.epoch}.json`), JSON.stringify(whole));
}

describe('taking', () => {
  test('a free deployment gives epoch 1', () => {
    expect(leases.acquire(root, 'r1', 'runner').holder).toMatchObject({ epoch: 1, runId: 'r1', pid: process.pid });
  });

  test('a held one refuses and names the holder, whoever the user is', () => {
    plant({ user: 'bob' });
    expect(() => leases.acquire(root, 'r2', 'runner')).toThrow(
      expect.objectContaining({
        code: 'LEASE_HELD',
        message: expect.stringContaining('bob@'),
        hint: expect.stringContaining('run attach other'),
      }),
    );
  });

  test('a released one can be taken, with the next epoch', () => {
    leases.acquire(root, 'r1', 'runner').release();
    expect(leases.look(root)).toBeNull();
    expect(leases.acquire(root, 'r2', 'runner').holder.epoch).toBe(2);
  });

  test.each([
    ['a pid that nobody has', { pid: 2 ** 22 - 1, startTicks: 1 }],
    ['a pid that was given out again', { startTicks: 1 }],
    ['an earlier boot of this host', { bootId: 'an earlier boot' }],
  ])('a holder with %s is proven dead', (_name, holder) => {
    plant(holder);
    expect(leases.look(root)).toMatchObject({ alive: false });
    expect(leases.acquire(root, 'r2', 'guard').holder.epoch).toBe(2);
  });

  test('a holder on another host cannot be proven dead from here', () => {
    plant({ host: 'elsewhere', pid: 2 ** 22 - 1, bootId: 'x' });
    expect(() => leases.acquire(root, 'r2', 'runner')).toThrow(expect.objectContaining({ code: 'LEASE_HELD' }));
  });

  test('a lease that cannot be read is not guessed at', () => {
    mkdirSync(join(root, '.routerctl'));
    writeFileSync(join(root, '.routerctl', 'lease.1.json'), '{"epo');
    expect(() => leases.acquire(root, 'r2', 'runner')).toThrow(expect.objectContaining({ code: 'JOURNAL_DAMAGED' }));
  });
});

describe('holding', () => {
  test('is lost when a later epoch appears, and every act asks', () => {
    const lease = leases.acquire(root, 'r1', 'runner');
    lease.assertHeld();
    plant({ epoch: 2 });
    expect(() => lease.assertHeld()).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }));
  });

  test('may be given back twice', () => {
    const lease = leases.acquire(root, 'r1', 'runner');
    lease.release();
    expect(() => lease.release()).not.toThrow();
  });

  test('leaves only the newest rungs on disk', () => {
    for (let round = 0; round < 12; round += 1) leases.acquire(root, `r${round}`, 'runner').release();
    expect(readdirSync(join(root, '.routerctl')).filter((name) => name.endsWith('.json')).length).toBeLessThanOrEqual(5);
    expect(leases.acquire(root, 'last', 'runner').holder.epoch).toBe(13);
  });
});

test('of eight processes that contend for a dead holder’s lease exactly one wins, ten times over', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 10; round += 1) {
    rmSync(join(root, '.routerctl'), { recursive: true, force: true });
    plant({ pid: 2 ** 22 - 1, startTicks: 1 });
    const contenders = Array.from({ length: 8 }, () => fork(join(import.meta.dirname, 'lease-contender.js'), [root]));
    await Promise.all(contenders.map((child) => message(child, 'ready')));
    const answers = Promise.all(contenders.map((child) => message(child)));
    for (const child of contenders) child.send('go');
    expect((await answers).filter((answer) => answer === 'won')).toHaveLength(1);
    for (const child of contenders) child.send('end');
    await Promise.all(contenders.map((child) => new Promise((resolve) => child.once('exit', resolve))));
  }
});

function message(child: ChildProcess, wanted?: string): Promise<unknown> {
  return new Promise((resolve) => {
    const listen = (said: unknown): void => {
      if (wanted !== undefined && said !== wanted) return;
      child.off('message', listen);
      resolve(said);
    };
    child.on('message', listen);
  });
}
