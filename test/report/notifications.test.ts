import { expect, test } from 'vitest';
import type { RunEvent, RunEventBody } from '../../src/core/run-event.js';
import { notificationsOf, strandedNotification } from '../../src/report/notifications.js';
import { samplePlan, sampleRun } from './sample-run.js';

const after = (events: readonly RunEvent[], ...bodies: readonly RunEventBody[]): readonly RunEvent[] => [
  ...events,
  ...bodies.map((body, index) => ({ ...(events.at(-1) as RunEvent), ...body, seq: events.length + index })),
];
const taken = (by: 'guard' | 'resume' | 'rollback'): RunEventBody => ({
  type: 'lease-taken',
  data: { epoch: 2, by, pid: 11, startTicks: 2, bootId: 'boot', reason: 'pid 10 is dead' },
});
const finished = (outcome: 'kept' | 'rollback-failed' | 'failed'): RunEventBody => ({
  type: 'run-finished',
  data: { outcome, exitCode: 5, why: 'so it was' },
});

test('a run is told when it begins and when it ends, each under the id of its own event', () => {
  const { events } = sampleRun('rolled-back');
  const told = notificationsOf(events, samplePlan);
  expect(told.map(({ event, id, at }) => [event, id, at])).toEqual([
    ['start', '7k2m/1', events[1]?.ts],
    ['rolled-back', `7k2m/${events.length - 1}`, events.at(-1)?.ts],
  ]);
  expect(told[1]).toMatchObject({
    target: 'router',
    environment: 'lab',
    host: 'gw-01',
    changeRef: 'CHG0042',
    from: '1.0.0',
    to: '1.1.0',
    verdict: 'ROLLED BACK, VERIFIED: router @ gw-01 serves 1.0.0',
    why: 'smoke/usage: 3 of 3 streamed requests left no usage row',
    exitCode: 4,
  });
});

test('whoever comes later finds the same moments, and only those after the last that is known', () => {
  const { events } = sampleRun('upgraded');
  const all = notificationsOf(events, samplePlan);
  expect(all.map(({ event }) => event)).toEqual(['start', 'finished']);
  expect(notificationsOf(events, samplePlan, 1)).toEqual(all.slice(1));
  expect(notificationsOf(events, samplePlan, events.length)).toEqual([]);
});

test('a guard or a resume is no new start, and a finished run that is taken back is one', () => {
  const { events } = sampleRun('dead');
  const later = notificationsOf(after(events, taken('guard'), taken('resume'), taken('rollback')), samplePlan, events.length - 1);
  expect(later.map(({ event, verdict }) => [event, verdict])).toEqual([['start', 'STARTED: router @ gw-01, to be taken back']]);
});

test('a hold says until when it waits, why, and what a person may type', () => {
  const { events } = sampleRun('dead');
  const untilMs = Date.parse('2026-11-20T02:30:00Z');
  const hold: RunEventBody = { type: 'hold-started', data: { reason: 'the provider is down', untilMs, bootId: 'boot', untilBootMs: 1 } };
  expect(notificationsOf(after(events, hold), samplePlan).at(-1)).toMatchObject({
    event: 'hold',
    verdict: 'HOLD: router @ gw-01 waits for a person until 2026-11-20T02:30:00.000Z, then goes back',
    why: 'the provider is down',
    next: 'routerctl run continue 7k2m, routerctl run keep 7k2m or routerctl run roll-back 7k2m',
    exitCode: null,
  });
});

test('a person is needed after a rollback that failed and for what is kept without a proof, and for nothing that changed nothing', () => {
  const { events } = sampleRun('dead');
  const of = (outcome: Parameters<typeof finished>[0]) => notificationsOf(after(events, finished(outcome)), samplePlan).at(-1)?.event;
  expect([of('rollback-failed'), of('kept'), of('failed')]).toEqual(['person-needed', 'person-needed', 'finished']);
});

test('a run that nobody drives any more needs a person, once for each place where it was left', () => {
  const { events } = sampleRun('dead');
  const stranded = strandedNotification(events, samplePlan, 'no guard came');
  expect(stranded).toMatchObject({ event: 'person-needed', id: `7k2m/after-${events.length - 1}`, why: 'no guard came', exitCode: null });
  expect(stranded?.verdict).toBe('A PERSON IS NEEDED: router @ gw-01; nobody drives run 7k2m any more');
  expect(stranded?.next).toContain('routerctl resume 7k2m --roll-back');
  expect(strandedNotification([], samplePlan, 'no guard came')).toBeNull();
});
