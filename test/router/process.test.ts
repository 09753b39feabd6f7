import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runTraffic } from '../../src/router/lab/steady-traffic.js';
import { type Lab, type LabOptions, practicePackage, startLab } from '../lab/lab.js';
import { readRows, streamData } from './started-router.js';

async function labFor(options?: LabOptions): Promise<Lab> {
  const lab = await startLab(options);
  onTestFinished(() => lab.stop());
  return lab;
}

const chat = (lab: Lab, content: string, more: Record<string, unknown> = {}): Promise<Response> =>
  fetch(`${lab.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${lab.token}` },
    body: JSON.stringify({ model: 'chat-small', messages: [{ role: 'user', content }], ...more }),
  });

async function ended(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
    await new Promise((resolve) => setTimeout(resolve, 5));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function handles(pid: number, signal: number): boolean {
  const [, mask = '0'] = /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

const logLines = (lab: Lab): Record<string, unknown>[] =>
  readFileSync(lab.paths.routerLog, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('SIGTERM lets a stream in flight end, says draining meanwhile, refuses new work, and writes its row', async () => {
  const lab = await labFor();
  await lab.setFaults([{ pieceDelayMs: 100, stream: true }]);
  const streaming = await chat(lab, 'a tale that takes its time', { stream: true });
  const pid = lab.routerPid();
  process.kill(pid, 'SIGTERM');

  let ready = await fetch(`${lab.url}/readyz`);
  while (ready.status === 200) ready = await fetch(`${lab.url}/readyz`);
  expect(await ready.json()).toMatchObject({ ok: false, error: 'draining', in_flight: 1 });
  expect((await fetch(`${lab.url}/healthz`)).status).toBe(200);
  const refused = await chat(lab, 'one more');
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toMatchObject([
    503,
    '1',
    { error: { code: 'draining' } },
  ]);

  expect((await streamData(streaming)).at(-1)).toBe('[DONE]');
  await ended(pid);
  expect(logLines(lab).at(-1)).toMatchObject({ msg: 'stopped', cut_off: 0, usage_rows_lost: 0 });
  const rows = readRows(lab.paths.database);
  expect(rows).toMatchObject([{ request_id: streaming.headers.get('x-request-id'), status: 200, stream: 1 }]);
});

test('SIGHUP reloads the config in the same process, and a broken file changes nothing', async () => {
  const lab = await labFor();
  const pid = lab.routerPid();
  const whole = readFileSync(lab.paths.config, 'utf8');
  const logged = (message: string): Promise<void> => until(() => logLines(lab).some(({ msg }) => msg === message));
  const names = async (): Promise<string[]> => {
    const answer = await fetch(`${lab.url}/v1/models`, { headers: { authorization: `Bearer ${lab.token}` } });
    return ((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };
  writeFileSync(lab.paths.config, whole.replaceAll('chat-large', 'chat-huge'));
  process.kill(pid, 'SIGHUP');
  await logged('config reloaded');
  expect(await names()).toEqual(['chat-small', 'chat-huge']);
  writeFileSync(lab.paths.config, 'listen: [');
  process.kill(pid, 'SIGHUP');
  await logged('config refused');

  expect(await names()).toEqual(['chat-small', 'chat-huge']);
  expect(lab.routerPid()).toBe(pid);
  const ready = await fetch(`${lab.url}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([200, { reload_failed: expect.stringContaining('config.yaml:1:') as string }]);
});

test('SIGHUP while it starts is heeded once it serves', async () => {
  const lab = await labFor();
  process.kill(lab.routerPid(), 'SIGTERM');
  await ended(lab.routerPid());
  const starting = lab.startRouter();
  await until(() => handles(lab.routerPid(), constants.signals.SIGHUP));
  await expect(fetch(`${lab.url}/healthz`)).rejects.toThrow();
  process.kill(lab.routerPid(), 'SIGHUP');
  await starting;
  await until(() => logLines(lab).some(({ msg }) => msg === 'config reloaded'));

  expect(await (await fetch(`${lab.url}/readyz`)).json()).toMatchObject({ ok: true });
});

test('a packaged router has a license, counts by it through a restart, and shows its release note', async () => {
  const lab = await labFor();
  await (await chat(lab, 'one')).text();
  const state = () => JSON.parse(readFileSync(lab.paths.licenseState, 'utf8')) as { requests: number; license_id: string };
  process.kill(lab.routerPid(), 'SIGTERM');
  await ended(lab.routerPid());
  expect(state()).toMatchObject({ license_id: 'lic_lab', requests: 1 });
  await lab.startRouter();
  await (await chat(lab, 'two')).text();
  const notes = await (await fetch(`${lab.url}/docs/release-notes`)).text();
  process.kill(lab.routerPid(), 'SIGTERM');
  await ended(lab.routerPid());

  expect(state().requests).toBe(2);
  for (const section of ['Operator impact', 'Database changes', 'License changes', 'Caller-visible behavior', 'Validation', 'Rollback'])
    expect(notes).toContain(`<h2>${section}</h2>`);
  const rows = readRows(lab.paths.database);
  expect(rows.map(({ license_status: status, license_id: id }) => [status, id])).toEqual([
    ['valid', 'lic_lab'],
    ['valid', 'lic_lab'],
  ]);
});

test('no row is lost when SIGTERM arrives under load', async () => {
  const lab = await labFor();
  const stop = new AbortController();
  const traffic = runTraffic({
    url: lab.url,
    token: lab.token,
    models: lab.models,
    ratePerSecond: 200,
    durationMs: null,
    signal: stop.signal,
  });
  while ((await lab.upstreamCounters()).requests < 100) await new Promise((resolve) => setTimeout(resolve, 10));
  const pid = lab.routerPid();
  process.kill(pid, 'SIGTERM');
  await ended(pid);
  stop.abort();

  const { requestIds, cut } = await traffic;
  const rows = new Set(readRows(lab.paths.database).map(({ request_id: id }) => id));
  expect(requestIds.length).toBeGreaterThanOrEqual(100);
  expect(requestIds.filter((id) => !rows.has(id))).toEqual([]);
  expect(cut).toBe(0);
});

test('a router that was stopped starts again on its port with its rows', async () => {
  const lab = await labFor();
  await (await chat(lab, 'before')).text();
  const pid = lab.routerPid();
  process.kill(pid, 'SIGTERM');
  await ended(pid);
  await lab.startRouter();
  await (await chat(lab, 'after')).text();

  expect(lab.routerPid()).not.toBe(pid);
  process.kill(lab.routerPid(), 'SIGTERM');
  await ended(lab.routerPid());
  expect(readRows(lab.paths.database)).toHaveLength(2);
});

test('a package with defects is ready, healthy, the right version and chats, but cuts its streams and forgets their usage', async () => {
  const lab = await labFor({ version: '1.2.0', defects: ['cut-streams', 'no-stream-usage'] });
  const plain = await chat(lab, 'reply with exactly: PONG');
  const streamed = await chat(lab, 'reply with exactly: a longer answer', { stream: true });
  const data = await streamData(streamed);

  expect((await fetch(`${lab.url}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${lab.url}/version`)).json()).toMatchObject({ version: '1.2.0' });
  expect(await plain.json()).toMatchObject({ choices: [{ message: { content: 'PONG' } }] });
  expect(data.filter((text) => /"content":"[^"]/.test(text)).length).toBeGreaterThanOrEqual(2);
  expect(data.join('')).not.toMatch(/\[DONE\]|"finish_reason":"/);
  process.kill(lab.routerPid(), 'SIGTERM');
  await ended(lab.routerPid());
  expect(readRows(lab.paths.database).map(({ request_id: id }) => id)).toEqual([plain.headers.get('x-request-id')]);
});

test('the process names the version that it runs, and got only its environment file besides PATH, HOME and LANG', async () => {
  const lab = await labFor();
  const [, program] = readFileSync(`/proc/${lab.routerPid()}/cmdline`, 'utf8').split('\0');
  const names = readFileSync(`/proc/${lab.routerPid()}/environ`, 'utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => line.split('=')[0]);

  expect(program).toBe(join(lab.paths.versions, '1.0.0', 'bin', 'reference-router'));
  expect(names.filter((name) => !['PATH', 'HOME', 'LANG'].includes(name ?? '')).sort()).toEqual([
    'PRIMARY_API_KEY',
    'REFERENCE_ROUTER_VERSION',
  ]);
});

test('no token, key, prompt or answer is found in log and database, whatever went wrong', async () => {
  const lab = await labFor();
  const providerKey = readFileSync(lab.paths.providerKey, 'utf8').trim();
  const strangeToken = 'rt-canary-unknown-token';
  await lab.setFaults([{ status: 429, body: `${providerKey} canary-upstream-body`, times: 1 }]);
  const contents = ['canary-prompt-one', 'reply with exactly: canary-answer', 'canary-prompt-three'];
  for (const stream of [false, true]) for (const content of contents) await (await chat(lab, content, { stream })).text();
  await (await chat(lab, 'canary-prompt-four', { model: 'canary-model' })).text();
  await (await chat(lab, 'canary-prompt-five', { stream: 'canary-flag' })).text();
  await fetch(`${lab.url}/v1/models?token=${strangeToken}`, { headers: { authorization: `Bearer ${strangeToken}` } });
  await fetch(`${lab.url}/canary-path?key=${providerKey}`);
  process.kill(lab.routerPid(), 'SIGTERM');
  await ended(lab.routerPid());

  const sinks = [
    lab.paths.routerLog,
    lab.paths.upstreamLog,
    ...readdirSync(lab.home)
      .filter((name) => name.startsWith('usage.sqlite'))
      .map((name) => join(lab.home, name)),
  ];
  const digest = createHash('sha256').update(lab.token).digest('hex');
  const canaries = [lab.token, digest, providerKey, strangeToken, 'canary'];
  const found = sinks.flatMap((file) =>
    canaries.filter((canary) => readFileSync(file).includes(canary)).map((canary) => `${canary} in ${file}`),
  );
  expect(found).toEqual([]);
  // The same search does find what is meant to be there.
  expect(sinks.some((file) => readFileSync(file).includes('upstream-rate-limited'))).toBe(true);
  expect(readRows(lab.paths.database)).toHaveLength(8);
});

test('the program says its version and refuses what it does not know', async () => {
  const lab = await labFor();
  const version = execFileSync(lab.paths.program, ['--version'], { encoding: 'utf8' });
  const refused = (args: string[]): number => {
    try {
      execFileSync(lab.paths.program, args, { stdio: 'pipe' });
      return 0;
    } catch (error) {
      return (error as { status: number }).status;
    }
  };

  expect(version).toMatch(/^reference-router version=1\.0\.0 commit=[0-9a-f]{40} build_date=2026-01-01T00:00:00Z node=\S+ linux\/\w+\n$/);
  expect([['serve'], ['--what'], [], ['serve', '--config', '/nowhere.yaml']].map(refused)).toEqual([2, 2, 2, 2]);
  expect(statSync(await practicePackage({ version: '1.0.0' })).size).toBeLessThan(8 * 1024 * 1024);
});
