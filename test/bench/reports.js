// Reports over a million rows of one month, asked of a router that was just started on them: the first summary, the next ones, a
// list that a filter narrows, the page, and the command that reads the file itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { line, median, projectRoot, runNode } from './measure.js';

export const title = 'reports';

const requests = 1_000_000;
const monthMs = 30 * 86_400_000;
const password = 'a password of the bench';
const compiled = (name) => join(projectRoot, 'dist/src/router', name);

export async function measure({ rounds }) {
  const room = mkdtempSync(join(tmpdir(), 'routerctl-bench-reports-'));
  let router = null;
  try {
    const database = join(room, 'usage.sqlite');
    await writeMonth(database);
    router = await startRouter(room);
    const ask = async (path) => {
      const beganMs = performance.now();
      const answer = await fetch(`${router.url}${path}`, { headers: router.auth });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 200)}`);
      return { ms: performance.now() - beganMs, text };
    };
    // Signing in is not part of a report.
    await ask('/admin/auth/me');
    const often = async (path) => {
      const times = [];
      for (let round = 0; round < rounds; round += 1) times.push((await ask(path)).ms);
      return median(times);
    };
    const whole = '/admin/reports/api/summary?since=30d';
    const first = await ask(whole);
    const counted = JSON.parse(first.text).summary.requests;
    if (counted < requests * 0.99) throw new Error(`the summary counted ${counted} of ${requests} requests`);
    const note = `${counted} requests`;
    return [
      line('the first summary of a month after a start', first.ms, 200, 'ms', note),
      line('a summary of a month', await often(whole), 200, 'ms', 'median'),
      line('the newest requests of one project', await often('/admin/reports/api/requests?since=30d&project=alpha'), null, 'ms', 'median'),
      line('the page of a month', await often('/admin/reports/?since=30d'), null, 'ms', 'median'),
      line('usage-report of a month', usageReportMs(database), null, 'ms', 'the whole command'),
    ];
  } finally {
    router?.child.kill('SIGKILL');
    rmSync(room, { recursive: true, force: true });
  }
}

async function writeMonth(path) {
  const { UsageDatabase } = await import(compiled('usage/usage-database.js'));
  const { packed } = await import(compiled('usage/packed-rows.js'));
  const fromMs = Date.now() - monthMs + 3_600_000;
  const database = UsageDatabase.open(path, '1.0.0');
  const plain = emptyRow(path);
  for (let done = 0; done < requests; done += 500) {
    const rows = Array.from({ length: 500 }, (_, index) => packed(requestOf(done + index, fromMs, plain)));
    database.insert(rows);
  }
  while (database.rollupDue) database.catchUp(10_000);
  database.close();
}

/** Nothing in every column, as its type has it, in the order of the table. */
function emptyRow(path) {
  const reader = new Database(path, { readonly: true });
  const columns = reader.pragma('table_info(request_usage)');
  reader.close();
  return Object.fromEntries(columns.map(({ name, type, notnull }) => [name, notnull === 0 ? null : type === 'TEXT' ? '' : 0]));
}

/** Every 40th fails; callers, models and sizes come in turns that do not fall together. */
function requestOf(at, fromMs, plain) {
  const caller = at % 23;
  const failed = at % 40 === 7;
  const [input, output] = [20 + ((at * 37) % 3001), failed ? 0 : (at * 53) % 907];
  const latency_ms = Math.round(40 * 2 ** (((at * 17) % 801) / 100));
  const [input_cost_usd, output_cost_usd] = [(input * 500) / 1e9, (output * 1500) / 1e9];
  const usage = {
    ...plain,
    request_id: `req_${at.toString(16).padStart(32, '0')}`,
    ts: new Date(fromMs + Math.floor((at * (monthMs - 7_200_000)) / requests)).toISOString(),
    caller_id: `caller-${caller}`,
    token_id: `tok_${caller}`,
    caller_project: caller % 3 === 0 ? 'alpha' : 'beta',
    caller_environment: caller % 2 === 0 ? 'prod' : 'test',
    caller_ip: '127.0.0.1',
    requested_model: at % 3 === 0 ? 'large' : 'small',
    resolved_group: at % 3 === 0 ? 'large' : 'small',
    target_provider: at % 11 === 0 ? 'secondary' : 'primary',
    target_model: at % 3 === 0 ? 'echo-2' : 'echo-1',
    inbound_dialect: 'openai-chat',
    stream: at % 2,
    status: failed ? 502 : 200,
    error: failed ? 'upstream-failed' : null,
    attempts: failed ? 2 : 1,
    fallback_used: failed ? 1 : 0,
    cache: ['bypass', 'miss', 'hit'][at % 3],
    latency_ms,
    ttfb_ms: failed ? null : Math.round(latency_ms / 4),
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_cost_usd,
    output_cost_usd,
    total_cost_usd: input_cost_usd + output_cost_usd,
    upstream_duration_ms: latency_ms,
    downstream_duration_ms: 1,
    quota_state: 'ok',
    key_state: 'active',
    traffic_shape_state: 'none',
  };
  return { usage, attempts: [], trace: [], error: null, fallbacks: [] };
}

async function startRouter(room) {
  const { hashPassword } = await import(compiled('access/password-hash.js'));
  const config = {
    listen: { port: 0 },
    database: { path: 'usage.sqlite' },
    providers: { one: { base_url: 'http://127.0.0.1:9/v1', models: { it: {} } } },
    models: { small: { targets: [{ provider: 'one', model_ref: 'it' }] } },
    callers: [{ id: 'bench', token_sha256: '0'.repeat(64), allow: ['*'] }],
    admin_auth: {
      users: [{ username: 'root', password_hash: await hashPassword(password, { cost: 1024 }) }],
      policy: [{ subject: 'basic:root', domain: '*', object: 'admin:reports', action: 'read' }],
    },
  };
  const configPath = join(room, 'config.yaml');
  writeFileSync(configPath, JSON.stringify(config), { mode: 0o600 });
  const program = `import(${JSON.stringify(join(projectRoot, 'dist/reference-router/program.js'))}).then((m) => m.serveUntilSignal(${JSON.stringify(configPath)}, ${JSON.stringify(room)}))`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [first] = await once(child.stdout, 'data');
  child.stdout.resume();
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(first))?.[0];
  while ((await fetch(`${url}/readyz`)).status !== 200) await sleep(5);
  return { child, url, auth: { authorization: `Basic ${Buffer.from(`root:${password}`).toString('base64')}` } };
}

function usageReportMs(database) {
  return runNode([join(projectRoot, 'bin/run.js'), 'usage-report', '--db', database, '--since', '30d', '--json']).wallMs;
}
