// Takes the pictures of the admin reports anew: node docs/pictures/take-reports.js
// Needs chromium and a built tree (npm run build). A real router serves a real database, filled with a made-up working day.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { hashPassword } from '../../dist/src/router/access/password-hash.js';
import { silentLog } from '../../dist/src/router/log.js';
import { serve } from '../../dist/src/router/serve.js';
import { UsageDatabase } from '../../dist/src/router/usage/usage-database.js';
import { usageColumns } from '../../dist/src/router/usage/usage-row.js';

const scratch = mkdtempSync(join(tmpdir(), 'routerctl-pictures-'));
const password = 'a password for the picture';
const hour = 3_600_000;
const end = Math.floor(Date.now() / hour) * hour;

let state = 20;
const roll = () => {
  state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
  return state / 4_294_967_296;
};
const pick = (...all) => all[Math.floor(roll() * all.length)];

const teams = [
  ['checkout-assistant', 'shop', 'prod'],
  ['search-rewriter', 'shop', 'prod'],
  ['support-bot', 'service', 'prod'],
  ['code-review', 'platform', 'prod'],
  ['nightly-evals', 'platform', 'test'],
];
const models = [
  { group: 'chat-small', model: 'small-3', provider: 'north', input: 500, output: 1500, pace: 1 },
  { group: 'chat-small', model: 'small-3', provider: 'south', input: 500, output: 1500, pace: 1.3 },
  { group: 'chat-large', model: 'large-5', provider: 'north', input: 3000, output: 15_000, pace: 3 },
];

function row(number, ts) {
  const [caller, project, environment] = pick(...teams, teams[0], teams[2]);
  const { group, model, provider, input, output, pace } = pick(...models, models[0]);
  const failed = roll() < 0.012;
  const tokens = { in: Math.round(80 + 2500 * roll() ** 2), out: failed ? 0 : Math.round(20 + 700 * roll() ** 2) };
  const latency = Math.round(180 * pace * 2 ** (roll() * 4));
  const cost = { in: (tokens.in * input) / 1e9, out: (tokens.out * output) / 1e9 };
  const known = {
    request_id: `req_${number.toString(16).padStart(32, '0')}`,
    ts: new Date(ts).toISOString(),
    caller_id: caller,
    token_id: `tok_${caller}`,
    caller_user: `${project}@example.com`,
    caller_project: project,
    caller_environment: environment,
    resolved_group: group,
    requested_model: group,
    target_provider: provider,
    target_model: model,
    status: failed ? pick(502, 503, 504) : 200,
    error: failed ? 'upstream-failed' : null,
    attempts: failed || roll() < 0.01 ? 2 : 1,
    fallback_used: failed ? 1 : 0,
    stream: roll() < 0.7 ? 1 : 0,
    cache: pick('bypass', 'bypass', 'miss', 'miss', 'hit'),
    latency_ms: latency,
    ttfb_ms: failed ? null : Math.round(latency * (0.15 + 0.1 * roll())),
    input_tokens: tokens.in,
    output_tokens: tokens.out,
    total_tokens: tokens.in + tokens.out,
    input_cost_usd: Math.round(cost.in * 1e9) / 1e9,
    output_cost_usd: Math.round(cost.out * 1e9) / 1e9,
    total_cost_usd: Math.round((cost.in + cost.out) * 1e9) / 1e9,
    inbound_dialect: 'openai-chat',
    client: 'example/1.0',
  };
  const texts = /^(strategy|target_dialect|router_|caller_ip|pricing_|quota_|key_|traffic_shape_state|license_(status|reason|id|c|s|k|e)|routing_|model_group_)/;
  const nothing = (name) => (/_per_sec$|_duration_ms$|^upstream_reported/.test(name) ? null : texts.test(name) ? '' : 0);
  return Object.fromEntries(usageColumns.map((name) => [name, known[name] ?? (name in known ? null : nothing(name))]));
}

function fill(path) {
  const database = UsageDatabase.open(path, '1.0.0');
  const rows = [];
  for (let at = end - 24 * hour; at < end; at += 20_000) {
    const time = new Date(at).getUTCHours() + new Date(at).getUTCMinutes() / 60;
    const busy = 0.12 + 0.88 * Math.exp(-(((time - 13.5) / 4.2) ** 2));
    for (let chance = 0; chance < 3; chance += 1) if (roll() < busy) rows.push(row(rows.length + 1, at + Math.round(roll() * 19_000)));
  }
  const all = rows.map((usage) => ({ usage, attempts: [], trace: [], error: null, fallbacks: [] }));
  for (let at = 0; at < all.length; at += 500) database.insert(all.slice(at, at + 500));
  database.close();
}

try {
  const configPath = join(scratch, 'config.yaml');
  const config = {
    listen: { port: 0 },
    database: { path: 'usage.sqlite' },
    providers: { north: { base_url: 'http://127.0.0.1:1/v1', models: { small: { model: 'small-3', input_price_per_million_usd: 0.5, output_price_per_million_usd: 1.5 } } } },
    models: { 'chat-small': { targets: [{ provider: 'north', model_ref: 'small' }] } },
    callers: [{ id: 'checkout-assistant', token_sha256: '0'.repeat(64), allow: ['*'] }],
    admin_auth: {
      users: [{ username: 'operator', password_hash: await hashPassword(password, { cost: 1024 }) }],
      policy: [{ subject: 'basic:operator', domain: '*', object: 'admin:reports', action: '*' }],
    },
  };
  writeFileSync(configPath, JSON.stringify(config));
  fill(join(scratch, 'usage.sqlite'));
  const release = { version: '1.1.0', commit: 'picture', buildDate: '2026-01-02T00:00:00Z', defects: [], note: null };
  const router = await serve({ configPath, environment: {}, release, log: silentLog });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'], env: { ...process.env, TMPDIR: scratch, HOME: scratch } });
  const period = `from=${new Date(end - 24 * hour).toISOString()}&to=${new Date(end).toISOString()}`;
  const views = [
    ['reports', 'light', 1280, 1240],
    ['reports-phone', 'dark', 390, 1240],
  ];
  for (const [name, colorScheme, width, height] of views) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    await page.goto(`${router.url}/admin/auth/login`);
    await page.getByLabel('User name').fill('operator');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button').click();
    await page.goto(`${router.url}/admin/reports/?${period}`);
    await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, import.meta.url)) });
    await context.close();
  }
  await browser.close();
  await router.drain();
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}
