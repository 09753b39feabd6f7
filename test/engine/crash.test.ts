// Dying anywhere: at every act and every event, once and twice, with the guard or a person to finish. The old or the new version
// serves, whole, and the exit code says which.
import { describe, expect, test } from 'vitest';
import { Crash, driveOn, newDrive, type World } from './world.js';

const whole = (value: string) =>
  ({ cells: { binary: value, env: value }, running: { binary: value, env: value } }) satisfies Partial<World>;

function expectWhole(world: World, exit: number | 'crashed'): void {
  const value = exit === 0 ? 'new' : 'old';
  expect({ cells: world.cells, running: world.running }).toEqual(whole(value));
}

async function pointsOf(broken: boolean): Promise<number> {
  const crash = new Crash(0);
  const drive = newDrive();
  if (broken) drive.world.broken.add('new');
  await driveOn(drive, 'runner', crash);
  return crash.points.length;
}

describe.each([
  ['an upgrade', false],
  ['a rollback', true],
] as const)('%s that dies', (_name, broken) => {
  test.each(['guard', 'resume'] as const)('at any point is finished by %s', async (by) => {
    const points = await pointsOf(broken);
    expect(points).toBeGreaterThan(40);
    for (let at = 1; at <= points; at += 1) {
      const drive = newDrive();
      if (broken) drive.world.broken.add('new');
      expect(await driveOn(drive, 'runner', new Crash(at))).toBe('crashed');
      const exit = await driveOn(drive, by);
      expect([0, 3, 4, 143], `point ${at}`).toContain(exit);
      expectWhole(drive.world, exit);
    }
  });

  test('at any point, and whose guard dies at any point, is finished by a person', async () => {
    const points = await pointsOf(broken);
    for (let at = 1; at <= points; at += 3) {
      for (let again = 1; again < 40; again += 2) {
        const drive = newDrive();
        if (broken) drive.world.broken.add('new');
        await driveOn(drive, 'runner', new Crash(at));
        const second = await driveOn(drive, 'guard', new Crash(again));
        const exit = second === 'crashed' ? await driveOn(drive, 'resume') : second;
        expectWhole(drive.world, exit);
      }
    }
  });
});
