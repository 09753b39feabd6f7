// Isolation: what the plan prepared is done instead of a rollback, and kept only when its own checks say so.
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/core/plan.js';
import { changeStep, checkStep, phaseOfSteps, upgradePlan } from './practice-plan.js';
import { Crash, type Drive, driveOn, newDrive } from './world.js';

/** The new binary is bad; a setting takes the bad part out, after one more restart. */
function isolating(more: { readonly expect?: string; readonly criteria?: Plan['criteria'] } = {}): Plan {
  const plan = upgradePlan(more.criteria === undefined ? {} : { criteria: more.criteria });
  const phases = plan.phases.map((phase) =>
    phase.name === 'validate' && more.criteria === undefined ? { ...phase, onFailure: 'isolate' as const } : phase,
  );
  const isolation = phaseOfSteps(
    'without',
    [
      changeStep('off', 'edit', 'edit', 'staged', { cell: 'part', value: 'off' }),
      changeStep('again', 'activate', 'activate', 'live', {}),
      checkStep('works', { with: { expect: more.expect ?? 'new' } }),
    ],
    { isolation: true },
  );
  return { ...plan, phases: [...phases, isolation] };
}

/** Broken until the part is off. */
function brokenUntilOff(drive: Drive): Drive {
  drive.world.cells['part'] = 'on';
  drive.world.running['part'] = 'on';
  drive.world.broken.add('new');
  const { broken, running } = drive.world;
  const has = broken.has.bind(broken);
  broken.has = (name) => has(name) && (name !== 'new' || drive.world.running['part'] !== 'off');
  expect(running['part']).toBe('on');
  return drive;
}

const finished = (drive: Drive) => drive.events.findLast((event) => event.type === 'run-finished')?.data;

describe('a run that isolates', () => {
  test('keeps the new version without the bad part, and ends with 9', async () => {
    const drive = brokenUntilOff(newDrive(isolating()));
    expect(await driveOn(drive, 'runner')).toBe(9);
    expect(drive.world.running).toEqual({ binary: 'new', env: 'new', part: 'off' });
    expect(finished(drive)?.why).toMatch(/after: .*; isolated by without, 1 of its checks passed/);
  });

  test('by a criterion does the same', async () => {
    const criteria = [{ id: 'errors', when: 'after failed', then: 'isolate', why: 'too many errors' }] as const;
    const drive = brokenUntilOff(newDrive(isolating({ criteria })));
    expect(await driveOn(drive, 'runner')).toBe(9);
    expect(finished(drive)?.why).toContain('too many errors; isolated by without');
  });

  test('goes back when the isolation does not help', async () => {
    const drive = newDrive(isolating());
    drive.world.cells['part'] = 'on';
    drive.world.running['part'] = 'on';
    drive.world.broken.add('new');
    expect(await driveOn(drive, 'runner')).toBe(4);
    expect(drive.world.running).toEqual({ binary: 'old', env: 'old', part: 'on' });
    expect(finished(drive)?.why).toContain('the isolation failed: works');
  });

  test('does nothing of it when all is well', async () => {
    const drive = newDrive(isolating());
    expect(await driveOn(drive, 'runner')).toBe(0);
    expect(drive.world.acts).not.toContain('edit part');
  });

  test('can be taken back later, isolation and all', async () => {
    const drive = brokenUntilOff(newDrive(isolating()));
    await driveOn(drive, 'runner');
    expect(await driveOn(drive, 'rollback')).toBe(0);
    expect(drive.world.running).toEqual({ binary: 'old', env: 'old', part: 'on' });
  });

  test.each(['guard', 'resume'] as const)('and dies at any point is finished by %s', async (by) => {
    const crash = new Crash(0);
    await driveOn(brokenUntilOff(newDrive(isolating())), 'runner', crash);
    for (let at = 1; at <= crash.points.length; at += 1) {
      const drive = brokenUntilOff(newDrive(isolating()));
      expect(await driveOn(drive, 'runner', new Crash(at))).toBe('crashed');
      const exit = await driveOn(drive, by);
      expect([3, 4, 9, 143], `point ${at} ${crash.points[at - 1]}`).toContain(exit);
      const expected = exit === 9 ? { binary: 'new', env: 'new', part: 'off' } : { binary: 'old', env: 'old', part: 'on' };
      expect(drive.world.running, `point ${at} ${crash.points[at - 1]}`).toEqual(expected);
    }
  });
});
