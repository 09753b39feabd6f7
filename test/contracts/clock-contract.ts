// What every clock must do: durations never run backwards, sleeping ends early on abort and never throws.
import { expect, test } from 'vitest';
import type { Clock } from '../../src/core/ports/clock.js';

export function clockContract(name: string, make: () => Clock): void {
  test(`${name}: the boot clock never goes back`, () => {
    const clock = make();
    let last = clock.bootMs();
    for (let asked = 0; asked < 2000; asked += 1) {
      const now = clock.bootMs();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });

  test(`${name}: two clocks name the same boot`, () => {
    expect(make().bootId()).toBe(make().bootId());
    expect(make().bootId()).toMatch(/\S{8}/);
  });

  test(`${name}: sleep takes its time, and ends at once when the signal aborts`, async () => {
    const clock = make();
    const before = clock.bootMs();
    await clock.sleep(30);
    expect(clock.bootMs() - before).toBeGreaterThanOrEqual(25);
    await clock.sleep(3_600_000, AbortSignal.abort());
    const controller = new AbortController();
    const sleeping = clock.sleep(3_600_000, controller.signal);
    controller.abort();
    await sleeping;
  });
}
