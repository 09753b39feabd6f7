// Figures of a run that was opened again: those of the last attempt are told apart from those of the whole run.
import { expect, test } from 'vitest';
import { attemptAvailability, attemptStartMs } from '../../src/app/last-attempt.js';
import { diedGoingBack, startMs, upgraded } from '../ui/synthetic-run.js';

test('a run that was never opened again has no attempt beside itself', () => {
  expect(attemptStartMs(upgraded().events)).toBeNull();
});

test('the downtime of the upgrade is not that of the rollback', () => {
  const { events } = diedGoingBack();
  const openedMs = attemptStartMs(events) ?? 0;
  const sample = (atMs: number, ok: boolean) => ({ atMs, ok, tookMs: 5 });
  const upgrade = [0, 1, 2, 3].map((index) => sample(startMs + index * 1000, index !== 1));
  const back = [0, 1, 2, 3, 4].map((index) => sample(openedMs + index * 100, index !== 2 && index !== 3));

  const seen = attemptAvailability([...upgrade, ...back], events, openedMs);

  expect(seen).toMatchObject({ requests: 5, failures: 2, downtimeMs: 300, outages: [{ failures: 2 }] });
});
