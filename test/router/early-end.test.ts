import { expect, test } from 'vitest';
import { EarlyEnd } from '../../src/router/early-end.js';
import { GatewayError } from '../../src/router/gateway-error.js';

const gone = new GatewayError('client-canceled', 'the client went away');
const late = new GatewayError('upstream-timeout', 'the upstream did not finish in time');

test('an early end is heard once by those who listen, and not by who stopped listening', () => {
  const early = new EarlyEnd();
  const heard: string[] = [];
  const [one, two, three] = ['one', 'two', 'three'].map((name) => () => void heard.push(name));
  for (const listener of [one, two, three]) if (listener !== undefined) early.onEnd(listener);
  if (two !== undefined) early.offEnd(two);
  expect([early.reason, heard]).toEqual([null, []]);
  early.end(gone);
  early.end(late);

  expect([early.reason, heard]).toEqual([gone, ['one', 'three']]);
});

test('who listens to an early end that is there already hears it at once', () => {
  const early = new EarlyEnd();
  early.end(gone);
  let heard = 0;
  early.onEnd(() => {
    heard += 1;
  });

  expect(heard).toBe(1);
});

test('the signal of an early end is aborted with the first reason, whenever it was asked for', () => {
  const [before, after] = [new EarlyEnd(), new EarlyEnd()];
  const signal = before.signal;
  expect([signal.aborted, before.signal]).toEqual([false, signal]);
  for (const early of [before, after]) early.end(gone);
  for (const early of [before, after]) early.end(late);

  expect([signal, after.signal].map(({ aborted, reason }) => [aborted, reason as unknown])).toEqual([
    [true, gone],
    [true, gone],
  ]);
});
