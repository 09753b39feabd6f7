// A smoke whose output a script reads: every answer once, and signs of life while it asks.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Operator, operator, said } from './operator.js';

let me: Operator;

beforeAll(async () => {
  me = await operator();
});
afterAll(async () => me.leave());

test('each answer is told once, on stdout; stderr only says which run it is', async () => {
  const { code, out, err } = await me.routerctl('smoke');

  expect(code, out + err).toBe(0);
  expect(out).toContain('chat-plain: answered 2/2');
  expect(out).toMatch(/7 passed/);
  expect(err).toMatch(/run \S+: smoke on lab/);
  expect(err).not.toMatch(/answered 2\/2|every required check/);
});

test('with -v every event is told as well', async () => {
  const { err } = await me.routerctl('smoke', '-v');

  expect(err).toMatch(/chat_plain {2}answered 2\/2/);
});

test('a smoke that takes long says what it still waits for', async () => {
  await me.lab.setFaults([{ delayMs: 8000 }]);
  const smoke = me.start('smoke');
  await said(smoke, /… smoke\/readiness\/chat_\w+ still running/);
  smoke.child.kill('SIGTERM');

  expect((await smoke.ended).code).toBe(143);
});
