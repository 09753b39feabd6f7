// The reference router for ten minutes at half of its peak, with a provider that fails in every way: what the asker counted must be
// what the usage rows say, and the last minute must look like the first. `SOAK_MINUTES` takes another number of minutes.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { line, median, projectRoot } from './measure.js';

export const title = 'soak';

const token = 'rt-soak-token';
const mayBeOpen = 256;
const built = (name) => join(projectRoot, 'dist/reference-router', name);
const messages = [{ role: 'user', content: 'reply with exactly: PONG' }];
const asked = [
  ['/v1/chat/completions', { messages }],
  ['/v1/responses', { input: 'reply with exactly: PONG' }],
  ['/v1/messages', { max_tokens: 50, messages }],
];
const dialects = ['openai-chat', 'openai-responses', 'anthropic-messages'];
/** Every dialect of a caller with every dialect of a target, streamed and not. */
const questions = asked.flatMap(([path, body]) =>
  dialects.flatMap((model) => [false, true].map((stream) => ({ path, body: JSON.stringify({ model, stream, ...body }) }))),
);
const faults = [
  { status: 503, every: 41 },
  { status: 429, retryAfterS: 0, every: 97 },
  { status: 400, every: 113 },
  { cut: 1, stream: true, every: 53 },
  { reset: true, every: 71 },
  { delayMs: 300, every: 29 },
  { malformed: 0, stream: false, every: 83 },
];

export async function measure() {
  const minutes = Number(process.env.SOAK_MINUTES ?? 10);
  const room = mkdtempSync(join(tmpdir(), 'routerctl-bench-soak-'));
  const children = [];
  const start = async (args, found) => {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, SOAK_PROVIDER_KEY: 'sk-soak' },
    });
    children.push(child);
    const [first] = await once(child.stdout, 'data');
    child.stdout.resume();
    return { child, url: found.exec(String(first))?.[0] };
  };
  const agent = new Agent({ keepAlive: true, maxSockets: mayBeOpen });
  try {
    const upstream = await start([built('lab/upstream-program.js'), '0'], /http:\S+/);
    const configPath = join(room, 'config.yaml');
    writeFileSync(configPath, JSON.stringify(routerConfig(upstream.url)), { mode: 0o600 });
    const program = `import(${JSON.stringify(built('program.js'))}).then((m) => m.serveUntilSignal(${JSON.stringify(configPath)}, ${JSON.stringify(room)}))`;
    const router = await start(['--input-type=module', '-e', program], /http:\/\/127\.0\.0\.1:\d+/);
    const asker = { agent, url: router.url, told: {} };
    const peak = await peakOf(asker);
    await setFaults(upstream.url, faults);
    const samples = await steadily(asker, { perSecond: peak / 2, endMs: performance.now() + minutes * 60_000, pid: router.child.pid });
    await setFaults(upstream.url, []);
    // What a breaker or a limit kept by mistake would be refused now.
    await sleep(2000);
    const after = await Promise.all(Array.from({ length: mayBeOpen }, (_, index) => ask(asker, questions[index % questions.length])));
    await sleep(500);
    const { in_flight: open } = await (await fetch(`${router.url}/readyz`)).json();
    const refused = after.filter((code) => code !== 'ok').length;
    return figures({ peak, samples, told: asker.told, rows: rowsIn(join(room, 'usage.sqlite')), left: open + refused, minutes });
  } finally {
    agent.destroy();
    for (const child of children) child.kill('SIGKILL');
    rmSync(room, { recursive: true, force: true });
  }
}

function routerConfig(upstreamUrl) {
  const provider = { base_url: `${upstreamUrl}/v1`, api_key_env: 'SOAK_PROVIDER_KEY', models: { it: { model: 'echo-1+pieces-1' } } };
  return {
    listen: { port: 0 },
    database: { path: 'usage.sqlite' },
    upstream: { breaker: { failures: 5, cooldown_ms: 1000 } },
    providers: Object.fromEntries(dialects.map((dialect) => [dialect, { ...provider, dialect }])),
    models: Object.fromEntries(dialects.map((dialect) => [dialect, { targets: [{ provider: dialect, model_ref: 'it' }] }])),
    callers: [
      { id: 'soak', token_sha256: createHash('sha256').update(token).digest('hex'), allow: ['*'], rate: { concurrent: mayBeOpen } },
    ],
  };
}

async function setFaults(url, planned) {
  await (await fetch(`${url}/control`, { method: 'POST', body: JSON.stringify({ faults: planned }) })).text();
}

/** Resolves with our code for how it ended, `ok`, or what the connection said. */
async function ask({ agent, url, told }, { path, body }) {
  const code = await new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}`, 'content-length': Buffer.byteLength(body) };
    const asking = request(`${url}${path}`, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      answer.on('end', () =>
        resolve(/"code":"([a-z-]+)"/.exec(text)?.[1] ?? (answer.statusCode === 200 ? 'ok' : `status ${answer.statusCode}`)),
      );
      answer.on('error', (error) => resolve(error.code ?? error.name));
    });
    asking.on('error', (error) => resolve(error.code ?? error.name));
    asking.end(body);
  });
  told[code] = (told[code] ?? 0) + 1;
  return code;
}

async function peakOf(asker) {
  let answered = 0;
  const endMs = performance.now() + 5000;
  const keepAsking = async (first) => {
    for (let index = first; performance.now() < endMs; index += 1) {
      await ask(asker, questions[index % questions.length]);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: 32 }, (_, index) => keepAsking(index)));
  return answered / 5;
}

/** Asks at a rate whatever the answers take; resolves with what the router held, once a second. */
async function steadily(asker, { perSecond, endMs, pid }) {
  const samples = [];
  const watch = setInterval(() => samples.push(heldBy(pid)), 1000);
  const pending = new Set();
  const beganMs = performance.now();
  for (let sent = 0; performance.now() < endMs; await sleep(5)) {
    for (; sent < ((performance.now() - beganMs) * perSecond) / 1000 && pending.size < mayBeOpen; sent += 1) {
      const answer = ask(asker, questions[sent % questions.length]).finally(() => pending.delete(answer));
      pending.add(answer);
    }
  }
  clearInterval(watch);
  await Promise.all(pending);
  return samples;
}

function heldBy(pid) {
  const rssKiB = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return { miB: rssKiB / 1024, handles: readdirSync(`/proc/${pid}/fd`).length };
}

function rowsIn(path) {
  const database = new Database(path, { readonly: true });
  try {
    const found = database.prepare("SELECT coalesce(error, 'ok') AS code, count(*) AS rows FROM request_usage GROUP BY 1").all();
    return Object.fromEntries(found.map(({ code, rows }) => [code, rows]));
  } finally {
    database.close();
  }
}

function figures({ peak, samples, told, rows, left, minutes }) {
  const span = Math.min(60, Math.floor(samples.length / 3));
  const grown = (member) =>
    median(samples.slice(-span).map((each) => each[member])) - median(samples.slice(0, span).map((each) => each[member]));
  const codes = [...new Set([...Object.keys(told), ...Object.keys(rows)])];
  const apart = codes.reduce((sum, code) => sum + Math.abs((told[code] ?? 0) - (rows[code] ?? 0)), 0);
  const counted = codes.map((code) => `${code} ${told[code] ?? 0}`).join(', ');
  const last = samples.at(-1);
  return [
    line('requests whose row says something else', apart, 0, '', counted),
    line(
      'memory, the last minute over the first',
      grown('miB'),
      32,
      'MiB',
      `${Math.round(last?.miB ?? 0)} MiB at the end of ${minutes} minutes`,
    ),
    line('handles, the last minute over the first', grown('handles'), 32, '', `${last?.handles} at the end`),
    line('requests kept open or refused afterwards', left, 0, '', `half of ${Math.round(peak)} a second`),
  ];
}
