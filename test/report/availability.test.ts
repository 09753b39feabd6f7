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

const asked = (fromMs: number, toMs: number): ProbeSample[] =>
  Array.from({ length: (toMs - fromMs) / 50 + 1 }, (_each, index) => ok(fromMs + index * 50));
const span = (fromMs: number, toMs: number, actedMs: number | null = fromMs) => ({ fromMs, toMs, actedMs });

test('a prober that dies leaves the downtime unknown, not zero', () => {
  expect(availabilityOf(asked(0, 2000), 50, [0], [span(0, 9000)])).toMatchObject({
    failures: 0,
    downtimeMs: null,
    holes: [{ fromMs: 2000, toMs: 9000 }],
    untilMs: 9000,
  });
});

test('an outage that was seen is the least that it was when nobody asked for a while', () => {
  const samples = [...asked(0, 1000), bad(1050), ...asked(1100, 2000), ...asked(4000, 5000)];
  expect(availabilityOf(samples, 50, [0, 3900], [span(0, 5000)])).toMatchObject({
    downtimeMs: 100,
    holes: [{ fromMs: 2000, toMs: 4000 }],
  });
});

test('a few intervals without a question are no hole', () => {
  expect(availabilityOf([...asked(0, 1000), ...asked(1400, 2000)], 50, [0], [span(0, 2300)])).toMatchObject({ downtimeMs: 0, holes: [] });
});

test('until the first act nothing can be missed by a prober that is still starting, after it everything can', () => {
  expect(availabilityOf(asked(3000, 5000), 50, [0], [span(0, 5000, 4000)])).toMatchObject({ downtimeMs: 0, holes: [] });
  expect(availabilityOf(asked(3000, 5000), 50, [0], [span(0, 5000, null)])).toMatchObject({ downtimeMs: 0, holes: [] });
  expect(availabilityOf(asked(3000, 5000), 50, [0], [span(0, 5000, 1000)])).toMatchObject({
    downtimeMs: null,
    holes: [{ fromMs: 1000, toMs: 3000 }],
  });
});

test('between the end of a run and its being opened again nobody has to ask', () => {
  const samples = [...asked(0, 1000), ...asked(60_000, 61_000)];
  expect(availabilityOf(samples, 50, [0, 60_000], [span(0, 1000), span(60_000, 61_000)])).toMatchObject({ downtimeMs: 0, holes: [] });
});
