import { expect, test } from 'vitest';
import { availabilityOf, type ProbeSample } from '../../src/report/availability.js';

const ok = (atMs: number, tookMs = 2): ProbeSample => ({ atMs, ok: true, tookMs });
const bad = (atMs: number, tookMs = 1): ProbeSample => ({ atMs, ok: false, tookMs });

test('no sample is no figure', () => {
  expect(availabilityOf([], 50)).toBeNull();
});

test('without a failure nothing was down', () => {
  expect(availabilityOf([ok(0), ok(50), ok(100)], 50)).toMatchObject({
    requests: 3,
    failures: 0,
    downtimeMs: 0,
    outages: [],
    longestGapMs: 50,
  });
});

test('an outage lasts from the last good answer to the next one', () => {
  const seen = availabilityOf([ok(0), bad(50), bad(100), ok(150)], 50);
  expect(seen).toMatchObject({ failures: 2, downtimeMs: 150, longestGapMs: 150, outages: [{ fromMs: 2, toMs: 152, failures: 2 }] });
});

test('outages add up', () => {
  expect(availabilityOf([ok(0), bad(50), ok(100), ok(150), bad(200), ok(250)], 50)).toMatchObject({
    failures: 2,
    downtimeMs: 200,
    outages: [{}, {}],
  });
});

test('an outage that is still open counts to the last sample', () => {
  expect(availabilityOf([ok(0), bad(50), bad(100, 7)], 50)).toMatchObject({ downtimeMs: 105, longestGapMs: 105 });
});

test('a router that never answered was down the whole time', () => {
  expect(availabilityOf([bad(0), bad(50), bad(100)], 50)).toMatchObject({ failures: 3, downtimeMs: 101 });
});

test('late lines are put in order first', () => {
  expect(availabilityOf([ok(100), ok(0), bad(50)], 50)).toMatchObject({ failures: 1, outages: [{ fromMs: 2, toMs: 102 }] });
});

test('a slow answer is a gap, though not a failure', () => {
  expect(availabilityOf([ok(0), ok(50, 900), ok(1000)], 50)).toMatchObject({ failures: 0, downtimeMs: 0, longestGapMs: 948 });
});

test('the time between two probers is neither a gap nor an outage', () => {
  expect(availabilityOf([ok(0), ok(50), bad(100), ok(60_000), bad(60_050), ok(60_100)], 50, [0, 59_000])).toMatchObject({
    requests: 6,
    failures: 2,
    longestGapMs: 100,
    outages: [
      { fromMs: 52, toMs: 101, failures: 1 },
      { fromMs: 60_002, toMs: 60_102, failures: 1 },
    ],
  });
});
