// Persons are told of a run, by a command and by a webhook, and the run is the same whether anybody hears of it or not.
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readJournal } from '../../src/adapters/journal-sqlite.js';
import { notificationLogNode } from '../../src/adapters/notification-log-node.js';
import type { Notification } from '../../src/core/notification.js';
import type { NotificationLine } from '../../src/core/ports/notification-log.js';
import type { RunEvent } from '../../src/core/run-event.js';
import { leaksIn } from '../cli/leaks.js';
import { practicePackage } from '../lab/lab.js';
import { type HookCommand, hookCommand, setNotify, type Webhook, webhook } from './hook.js';
import { type Operator, operator, said, until } from './operator.js';

const secret = 'hook-token-4f9a1c77d2e8b35506';

let me: Operator;
let hook: HookCommand;
let web: Webhook;
let token = '';

beforeAll(async () => {
  me = await operator();
  hook = hookCommand(me.desk);
  web = await webhook();
  token = join(me.desk, 'hook-token');
  writeFileSync(token, `Bearer ${secret}\n`);
  chmodSync(token, 0o600);
});
afterEach(async () => {
  web.answer(204);
  await me.lab.setFaults([]);
});
afterAll(async () => {
  web.close();
  await me.leave();
});

const all = ['start', 'hold', 'rolled-back', 'person-needed', 'finished'];
const byWebhook = () => ({ webhook: { url: web.url, headers: { Authorization: `file:${token}` } }, on: all });

const of = (run: string, told: readonly Notification[]): readonly Notification[] => told.filter(({ runId }) => runId === run);
const atWebhook = (run: string): readonly Notification[] =>
  of(
    run,
    web.got.map(({ body }) => body),
  );
const words = (told: readonly Notification[]): readonly string[] => told.map(({ event }) => event);

function events(run: string): readonly RunEvent[] {
  const journal = readJournal(`${me.runFolder(run)}/journal.sqlite`, run);
  try {
    return journal.read();
  } finally {
    journal.close();
  }
}

const record = (run: string): readonly NotificationLine[] => notificationLogNode(join(me.runFolder(run), 'notifications.jsonl')).read();
const isTold = (run: string, event: string) => (): boolean => outcomes(run).filter((line) => line.event === event).length === 2;
const outcomes = (run: string) => record(run).flatMap((line) => (line.what === 'told' ? [line] : []));

const pidOf = (run: string, type: 'lease-taken' | 'guard-armed' | 'notifier-started'): number => {
  const found = events(run).findLast((event) => event.type === type);
  return found !== undefined && 'pid' in found.data ? (found.data.pid as number) : 0;
};

/** The secrets of the practice deployment, and the one of the hook. */
function secrets(): Record<string, string> {
  return { hook: secret, caller: me.lab.token };
}

test('command and webhook are told of the start and of the end, with versions, verdict and next command, and of nothing twice', async () => {
  setNotify(me.lab, { command: hook.argv, ...byWebhook() });
  const { code, out, err } = await me.routerctl(
    'upgrade',
    '--to',
    await practicePackage({ version: '1.1.0' }),
    '-y',
    '--change',
    'CHG0042',
  );
  const run = me.newestRun();
  await until('the end was told by both', isTold(run, 'finished'));

  expect(code, out + err).toBe(0);
  for (const told of [of(run, hook.told()), atWebhook(run)]) {
    expect(words(told)).toEqual(['start', 'finished']);
    expect(told[0]).toMatchObject({
      schema: 'routerctl.notification/v1',
      target: 'lab',
      changeRef: 'CHG0042',
      playbook: 'process-upgrade',
      from: '1.0.0',
      to: '1.1.0',
      next: `routerctl run attach ${run}`,
      exitCode: null,
    });
    expect(told[0]?.verdict).toMatch(/^STARTED: lab @ \S+, 1\.0\.0 -> 1\.1\.0$/);
    expect(told[1]).toMatchObject({ from: '1.0.0', to: '1.1.0', exitCode: 0 });
    expect(told[1]?.verdict).toMatch(/^UPGRADED, VERIFIED: lab @ \S+ serves 1\.1\.0$/);
    expect(told[1]?.id).toBe(`${run}/${events(run).at(-1)?.seq}`);
  }
  expect(web.got.at(-1)?.headers).toMatchObject({ authorization: `Bearer ${secret}`, 'content-type': 'application/json' });
  expect(outcomes(run).every(({ delivered }) => delivered)).toBe(true);
  await until('the notifier has ended', () => !existsSync(`/proc/${pidOf(run, 'notifier-started')}`));
});

test('neither the payload nor the record nor the environment of the command holds a secret', () => {
  const run = me.newestRun();
  const files = readdirSync(me.runFolder(run), { recursive: true, encoding: 'utf8' })
    .map((name) => join(me.runFolder(run), name))
    .filter((path) => /\.(jsonl|json|md|log)$/.test(path));
  expect(leaksIn(JSON.stringify([hook.told(), web.got.map(({ body }) => body)]), secrets())).toEqual([]);
  expect(leaksIn(hook.environments(), secrets())).toEqual([]);
  expect(files.flatMap((path) => leaksIn(readFileSync(path, 'latin1'), secrets()).map((leak) => `${path}: ${leak}`))).toEqual([]);
  expect(hook.environments()).toContain('ROUTERCTL_EVENT=finished');
  expect(hook.environments()).not.toMatch(/ROUTERCTL_STATE|NO_COLOR/);
});

test('a webhook that refuses, and one that redirects, change nothing: the run ends as it would, and says who was not told', async () => {
  web.answer(500);
  const upgrade = me.start('upgrade', '--to', await practicePackage({ version: '1.2.0' }), '-y');
  await said(upgrade, /note by notify: start was not told: webhook answered 500/);
  web.answer(302, { location: '/elsewhere' });
  const { code, out, err } = await upgrade.ended;
  const run = me.newestRun();
  await until('the end was refused', isTold(run, 'finished'));

  expect(code, out + err).toBe(0);
  expect(readFileSync(join(me.runFolder(run), 'report', 'report.md'), 'utf8')).toContain('start was not told: webhook answered 500');
  expect(
    outcomes(run)
      .filter(({ channel }) => channel === 'command')
      .every(({ delivered }) => delivered),
  ).toBe(true);
  expect(outcomes(run).findLast(({ channel }) => channel === 'webhook')).toMatchObject({
    delivered: false,
    said: 'answered 302; redirects are not followed',
  });
  expect(web.got.some(({ path }) => path === '/elsewhere')).toBe(false);
  expect((await me.routerctl('run', 'show', run)).out).toMatch(/finished was not told by webhook: answered 302/);
});

test('a webhook that never answers and a command that is missing keep the run waiting for nothing', async () => {
  web.answer(null);
  setNotify(me.lab, { command: [join(me.desk, 'not-there')], ...byWebhook() });
  const { code, out, err } = await me.routerctl('upgrade', '--to', await practicePackage({ version: '1.3.0' }), '-y');
  const run = me.newestRun();
  const notifier = pidOf(run, 'notifier-started');
  expect(code, out + err).toBe(0);
  await until('the end was given up', isTold(run, 'finished'));

  expect(outcomes(run).map(({ event, delivered }) => [event, delivered])).toEqual([
    ['start', false],
    ['start', false],
    ['finished', false],
    ['finished', false],
  ]);
  expect(outcomes(run).find(({ channel }) => channel === 'webhook')?.said).toMatch(/^timeout: /);
  expect(outcomes(run).find(({ channel }) => channel === 'command')?.said).toMatch(/^ended with 127: .*not-there/);
  await until('the notifier has ended', () => !existsSync(`/proc/${notifier}`));
});

test('a runner that is killed after its start: the guard takes the run back and persons are told so, each moment once', async () => {
  setNotify(me.lab, { command: hook.argv, ...byWebhook() });
  const upgrade = me.start('upgrade', '--to', await practicePackage({ version: '1.4.0' }), '-y');
  await said(upgrade, /phase 3\/5 change/);
  await me.lab.setFaults([{ delayMs: 2000 }]);
  await said(upgrade, /phase 4\/5 validate/);
  const run = me.newestRun();
  for (const type of ['lease-taken', 'notifier-started'] as const) process.kill(pidOf(run, type), 'SIGKILL');
  await me.lab.setFaults([]);
  const { code, out, err } = await upgrade.ended;
  await until('the end was told by both', isTold(run, 'rolled-back'));

  expect(code, out + err).toBe(4);
  expect(words(of(run, hook.told()))).toEqual(['start', 'rolled-back']);
  expect(words(atWebhook(run))).toEqual(['start', 'rolled-back']);
  expect(atWebhook(run)[1]).toMatchObject({ exitCode: 4, to: '1.4.0', from: await me.version() });
  expect(atWebhook(run)[1]?.verdict).toContain(`serves ${await me.version()}`);
  expect(atWebhook(run)[1]?.verdict).toMatch(/^ROLLED BACK, VERIFIED: lab @ /);
});

test('a hold is told while it waits, and a run that nobody drives any more needs a person; its resume tells the rest', async () => {
  await me.lab.setFaults([{ delayMs: 1500 }]);
  const upgrade = me.start('upgrade', '--to', await practicePackage({ version: '1.5.0' }), '-y');
  await said(upgrade, /phase 4\/5 validate/);
  const run = me.newestRun();
  await me.routerctl('run', 'hold', run, '--reason', 'the provider is slow');
  await until('the hold was told', () => words(atWebhook(run)).includes('hold'));
  expect(atWebhook(run).at(-1)).toMatchObject({
    why: expect.stringContaining('the provider is slow') as string,
    next: `routerctl run continue ${run}, routerctl run keep ${run} or routerctl run roll-back ${run}`,
  });
  for (const type of ['guard-armed', 'lease-taken'] as const) process.kill(pidOf(run, type), 'SIGKILL');
  await until('a person was asked for', () => words(atWebhook(run)).includes('person-needed'));
  expect(atWebhook(run).at(-1)?.verdict).toContain('A PERSON IS NEEDED: lab @ ');
  expect(atWebhook(run).at(-1)?.next).toContain(`routerctl resume ${run} --roll-back`);

  await upgrade.ended;
  await me.lab.setFaults([]);
  expect((await me.routerctl('resume', run, '--roll-back')).code).toBe(4);
  await until('the end was told', () => words(atWebhook(run)).includes('rolled-back'));
  expect(words(atWebhook(run))).toEqual(['start', 'hold', 'person-needed', 'rolled-back']);
});

test('the hook can be tried without a run: 0 when everything took it, 3 when something did not, 2 when there is none', async () => {
  const good = await me.routerctl('run', 'notify');
  web.answer(403);
  const bad = await me.routerctl('run', 'notify', '--json');
  setNotify(me.lab, null);
  const none = await me.routerctl('run', 'notify');

  expect(good.code, good.err).toBe(0);
  expect(good.out).toMatch(/✓ command {2}ended with 0\n ✓ webhook {2}answered 204/);
  expect(hook.told().at(-2)).toMatchObject({ event: 'test', target: 'lab', runId: null });
  expect(bad.code).toBe(3);
  expect((JSON.parse(bad.out) as { told: unknown[] }).told).toContainEqual({ channel: 'webhook', delivered: false, said: 'answered 403' });
  expect(none.code).toBe(2);
  expect(none.err).toContain('names nobody to tell');
});
