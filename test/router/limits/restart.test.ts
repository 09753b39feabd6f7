// Limits of a real router process that is stopped, killed, and started on a database with recorded use, and a real day that ends.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { readYaml, writeYaml } from '../../../src/router/config/yaml-text.js';
import { type Lab, startLab } from '../../lab/lab.js';
import { readRows } from '../started-router.js';
import { type Outcome, outcomeOf, until } from './limited-router.js';

/** A practice deployment whose router is started anew with limits on its caller. */
async function labWith(limits: Record<string, unknown>, environment = ''): Promise<Lab> {
  const lab = await startLab();
  onTestFinished(() => lab.stop());
  await end(lab, 'SIGTERM');
  const config = readYaml(readFileSync(lab.paths.config, 'utf8')).value as { callers: object[] };
  writeFileSync(lab.paths.config, writeYaml({ ...config, callers: [{ ...config.callers[0], ...limits }] }));
  writeFileSync(lab.paths.environment, `${readFileSync(lab.paths.environment, 'utf8')}${environment}`);
  return lab;
}

async function end(lab: Lab, signal: NodeJS.Signals): Promise<void> {
  const pid = lab.routerPid();
  process.kill(pid, signal);
  await until(() => !existsSync(`/proc/${pid}`) || /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
}

async function chat(lab: Lab, more: Record<string, unknown> = {}): Promise<Outcome> {
  const body = { model: 'chat-small', messages: [{ role: 'user', content: 'reply with exactly: PONG' }], max_tokens: 14, ...more };
  const headers = { authorization: `Bearer ${lab.token}` };
  return outcomeOf(await fetch(`${lab.url}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

const usage = async (lab: Lab): Promise<unknown> =>
  (await fetch(`${lab.url}/v1/usage`, { headers: { authorization: `Bearer ${lab.token}` } })).json();

function record(lab: Lab, totals: Readonly<Record<string, readonly [requests: number, tokens: number, costUsd: number]>>): void {
  const database = new Database(lab.paths.database);
  const insert = database.prepare('INSERT INTO caller_totals (caller_id, period, requests, tokens, cost_usd) VALUES (?, ?, ?, ?, ?)');
  for (const [period, values] of Object.entries(totals)) insert.run('lab-caller', period, ...values);
  database.close();
}

const today = (): string => new Date().toISOString().slice(0, 10);
const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'what was used before a %s counts after it, by the minute and by every period',
  async (signal) => {
    const lab = await labWith({ rate: { rpm: 3, tpm: 100 }, budget: { day: { requests: 10 }, lifetime: { tokens: 10_000 } } });
    await lab.startRouter();
    for (let asked = 0; asked < 2; asked += 1) expect((await chat(lab)).status).toBe(200);
    const before = await usage(lab);
    // Killed, it keeps what was written; rows wait a tenth of a second at most.
    if (signal === 'SIGKILL') await until(() => readRows(lab.paths.database).length === 2);
    await end(lab, signal);
    await lab.startRouter();

    expect(await usage(lab)).toEqual(before);
    expect(before).toMatchObject({
      day: { requests: 2, tokens: 20 },
      month: { requests: 2 },
      key: { lifetime_tokens: 20, remaining_tokens: 9980 },
    });
    expect((await chat(lab, { max_tokens: 75 })).code).toBe('tpm-exceeded');
    expect((await chat(lab)).status).toBe(200);
    expect((await chat(lab)).code).toBe('rpm-exceeded');
  },
);

test('a process that starts on recorded use knows what is left of each period, and that other days are over', async () => {
  const lab = await labWith({ budget: { day: { requests: 5 }, month: { tokens: 1000 }, lifetime: { cost_usd: 2 } } });
  record(lab, {
    [`day:${daysAgo(1)}`]: [5, 900, 1],
    [`day:${today()}`]: [4, 30, 0.5],
    [`month:${daysAgo(32).slice(0, 7)}`]: [900, 999, 1],
    [`month:${today().slice(0, 7)}`]: [40, 930, 1],
    lifetime: [940, 1929, 1.5],
  });
  await lab.startRouter();

  expect(await usage(lab)).toMatchObject({
    day: { period: today(), requests: 4, tokens: 30, cost_usd: 0.5 },
    month: { requests: 40, tokens: 930, cost_usd: 1 },
    key: { lifetime_requests: 940, lifetime_tokens: 1929, lifetime_cost_usd: 1.5 },
  });
  expect((await chat(lab, { max_tokens: 65 })).details).toMatchObject({ bucket: 'month', unit: 'tokens' });
  expect((await chat(lab)).status).toBe(200);
  expect((await chat(lab)).details).toMatchObject({ bucket: 'day', unit: 'requests' });
});

test('when midnight comes in UTC, the running process gives the daily budget anew, records the new day, and knows it when killed', async () => {
  const lab = await labWith({ budget: { day: { requests: 1 }, month: { requests: 3 } } });
  // Only the process's idea of the time is moved: to a moment in the middle of a month, then over midnight.
  const shift = join(lab.home, 'shift-ms');
  const preload = join(lab.home, 'shifted-clock.cjs');
  const noon = Date.parse('2027-03-14T12:00:00Z');
  const shiftTo = (ms: number): void => writeFileSync(shift, String(ms - Date.now()));
  shiftTo(noon);
  writeFileSync(
    preload,
    `const { readFileSync } = require('node:fs');
     const Real = Date;
     const now = () => Real.now() + Number(readFileSync(${JSON.stringify(shift)}, 'utf8'));
     globalThis.Date = class extends Real { constructor(...given) { if (given.length === 0) super(now()); else super(...given); } static now() { return now(); } };`,
  );
  writeFileSync(lab.paths.environment, `${readFileSync(lab.paths.environment, 'utf8')}NODE_OPTIONS=--require=${preload}\n`);
  await lab.startRouter();
  expect((await chat(lab)).status).toBe(200);
  expect(await chat(lab)).toMatchObject({ code: 'quota-exhausted', retryAfter: '3600', details: { bucket: 'day' } });

  shiftTo(Date.parse('2027-03-15T00:00:00Z'));
  expect((await chat(lab)).status).toBe(200);
  expect((await chat(lab)).details).toMatchObject({ bucket: 'day' });
  expect(await usage(lab)).toMatchObject({ day: { period: '2027-03-15', requests: 1 }, month: { period: '2027-03', requests: 2 } });
  await until(() => readRows(lab.paths.database).filter(({ status }) => status === 200).length === 2);
  await end(lab, 'SIGKILL');
  await lab.startRouter();
  expect((await chat(lab)).details).toMatchObject({ bucket: 'day' });
  expect(await usage(lab)).toMatchObject({ day: { period: '2027-03-15', requests: 1 }, month: { requests: 2 } });
});
