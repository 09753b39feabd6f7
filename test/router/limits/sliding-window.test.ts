import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlidingWindow } from '../../../src/router/limits/sliding-window.js';
import { type TakenTurn, TrafficShape } from '../../../src/router/limits/traffic-shape.js';

const gapsMs = fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 1, maxLength: 200 });

test('in no 60 seconds, wherever they begin, are more let through than the limit, and nobody waits a second longer than must be', () => {
  fc.assert(
    fc.property(gapsMs, fc.integer({ min: 1, max: 20 }), (gaps, limit) => {
      const window = new SlidingWindow();
      const through: number[] = [];
      let nowMs = 0;
      for (const gap of gaps) {
        nowMs += gap;
        const inWindow = through.filter((at) => at > nowMs - 60_000).length;
        const excess = window.sum(nowMs) + 1 - limit;
        if (excess <= 0) {
          expect(inWindow).toBeLessThan(limit);
          window.add(nowMs, 1);
          through.push(nowMs);
        } else {
          expect(through.filter((at) => at > nowMs - 61_000).length).toBeGreaterThanOrEqual(limit);
          const freesInMs = window.freesInMs(nowMs, excess) ?? Number.NaN;
          expect(window.sum(nowMs + freesInMs - 1) + 1).toBeGreaterThan(limit);
          nowMs += freesInMs;
          expect(window.sum(nowMs) + 1).toBeLessThanOrEqual(limit);
        }
      }
    }),
  );
});

test('what is taken back of a moment is gone, also when the moment has left the window', () => {
  const window = new SlidingWindow();
  const slot = window.add(0, 100);
  window.add(30_000, 5);
  window.change(slot, -90);
  expect(window.sum(30_000)).toBe(15);
  expect(window.sum(70_000)).toBe(5);
  window.change(slot, -10);
  expect(window.sum(70_000)).toBe(5);
  expect(window.sum(100_000)).toBe(0);
});

test('a sum of which too little is in the window is never said to become free', () => {
  const window = new SlidingWindow();
  window.add(0, 10);

  expect(window.freesInMs(0, 11)).toBeNull();
});

test('a window of a million requests a minute is kept in a quarter of a thousand slots', () => {
  const window = new SlidingWindow();
  for (let atMs = 0; atMs < 120_000; atMs += 1) {
    window.add(atMs, 17);
    window.sum(atMs);
  }

  expect(window.size).toBeLessThanOrEqual(242);
  expect(window.sum(119_999)).toBeGreaterThanOrEqual(60_000 * 17);
});

test('turns of a traffic shape are never closer than its rate and its burst allow, however requests arrive', () => {
  const settings = { requests_per_second: 4, burst: 3, max_wait_ms: 1000 };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 100 }), (gaps) => {
      const shape = new TrafficShape();
      const turns: number[] = [];
      let nowMs = 0;
      for (const gap of gaps) {
        nowMs += gap;
        const turn = shape.take(nowMs, settings);
        if ('waitMs' in turn) {
          expect(turn.waitMs).toBeLessThanOrEqual(1000);
          turns.push(nowMs + turn.waitMs);
        } else expect(shape.take(nowMs + turn.retryAfterMs, settings)).toHaveProperty('waitMs');
        if (!('waitMs' in turn)) return;
      }
      for (const distance of distances(turns, settings.burst)) expect(distance).toBeGreaterThanOrEqual(250 - 1e-6);
    }),
  );
});

test('turns that are given back make room for others, and never for more than the rate and the burst allow', () => {
  const step = fc.record({ gap: fc.integer({ min: 0, max: 120 }), leaves: fc.option(fc.nat(99), { freq: 2 }) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { minLength: 20, maxLength: 100 }), (burst, steps) => {
      const settings = { requests_per_second: 4, burst, max_wait_ms: 10_000 };
      const shape = new TrafficShape();
      let used: TakenTurn[] = [];
      let nowMs = 0;
      for (const { gap, leaves } of steps) {
        nowMs += gap;
        const waiting = used.filter(({ atMs }) => atMs > nowMs);
        const left = leaves === null ? undefined : waiting[leaves % waiting.length];
        if (left !== undefined) {
          shape.giveBack(left);
          used = used.filter((turn) => turn !== left);
          continue;
        }
        const turn = shape.take(nowMs, settings);
        if (!('waitMs' in turn)) continue;
        expect(turn.waitMs).toBeGreaterThanOrEqual(0);
        used.push(turn);
      }
      const turns = used.map(({ atMs }) => atMs).sort((one, other) => one - other);
      for (const distance of distances(turns, burst)) expect(distance).toBeGreaterThanOrEqual(250 - 1e-6);
    }),
    { numRuns: 300 },
  );
});

test('when all who waited have left, in whatever order, the next one waits as if they had never come', () => {
  const settings = { requests_per_second: 4, burst: 2, max_wait_ms: 10_000 };
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }), fc.integer({ min: 0, max: 3000 }), (order, laterMs) => {
      const [shape, undisturbed] = [new TrafficShape(), new TrafficShape()];
      for (const each of [shape, undisturbed, shape, undisturbed]) each.take(0, settings);
      const waiting = order.map(() => shape.take(0, settings));
      for (const index of order) shape.giveBack(waiting[index] as TakenTurn);

      expect(shape.take(laterMs, settings)).toEqual(undisturbed.take(laterMs, settings));
    }),
  );
});

/** From each turn to the first one after it for which its burst has no room: a quarter of a second at least. */
function distances(turns: readonly number[], burst: number): number[] {
  return turns.slice(burst).map((later, index) => later - (turns[index] as number));
}
