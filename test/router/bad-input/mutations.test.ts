// Ten thousand random changes to valid requests of every dialect, each asked of a real router over connections that stay open: an
// answer, or a refusal in the dialect's shape; never a fault of the router, a request without an answer, or memory that stays.
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Mutation, mutated, mutation, withEveryOddValue } from './mutation.js';
import { askOn, dialects, fault, startManyTongued } from './mutation-room.js';
import { validRequests } from './valid-requests.js';

const valid = validRequests(dialects);
const batch = 50;
const warmUps = 20;
const runs = 200;
const mostGrownMiB = 24;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heapMiB = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
};
const openSockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

test('ten thousand changed requests are answered or refused in their dialect, and leave nothing behind', async () => {
  const socketsBefore = openSockets();
  const router = await startManyTongued();
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const statuses: Record<number, number> = {};
  let modelRequests = 0;
  const ask = async (changes: readonly Mutation[]): Promise<void> => {
    const answers = await Promise.all(
      changes.map((change) => {
        const { path, body } = valid[change.of % valid.length] ?? { path: '/', body: {} };
        return askOn(agent, router, path, mutated(body, change));
      }),
    );
    for (const { status, path } of answers) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (!path.endsWith('count_tokens')) modelRequests += 1;
    }
    expect(answers.map(fault).filter((each) => each !== null)).toEqual([]);
  };
  try {
    const changes = fc.array(mutation, { minLength: 1, maxLength: batch, size: 'max' });
    for (const warmUp of fc.sample(changes, warmUps)) await ask(warmUp);
    await sleep(300);
    const before = heapMiB();
    await fc.assert(fc.asyncProperty(fc.array(mutation, { minLength: batch, maxLength: batch }), ask), {
      numRuns: runs,
      interruptAfterTimeLimit: 90_000,
    });
    await sleep(300);
    expect(heapMiB() - before).toBeLessThan(mostGrownMiB);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['200', '400']));
    expect(((await (await router.get('/readyz')).json()) as { in_flight: number }).in_flight).toBe(0);
    expect(router.rows()).toHaveLength(modelRequests);
  } finally {
    agent.destroy();
    await router.stop();
  }
  while (openSockets() > socketsBefore) await sleep(20);
});

test('a value of another type at any place of a valid request is answered or refused in its dialect', async () => {
  const router = await startManyTongued();
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  try {
    for (const { path, body } of validRequests(['openai-chat']).filter((each) => each.body['stream'] === false)) {
      const answers = await Promise.all(withEveryOddValue(body).map((text) => askOn(agent, router, path, Buffer.from(text))));
      expect(answers.length).toBeGreaterThanOrEqual(40);
      expect(answers.map(fault).filter((each) => each !== null)).toEqual([]);
    }
  } finally {
    agent.destroy();
    await router.stop();
  }
});
