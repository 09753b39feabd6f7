// The reference router beside a bare Node proxy and a peer, on the same machine in the same minutes: one provider, one asker, and
// the candidates in turns. Each is a process of its own.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { line, median, projectRoot } from './measure.js';

export const title = 'router';

const here = (name) => join(projectRoot, 'test/bench', name);
const token = 'rt-bench-token';
const path = '/v1/chat/completions';
const question = (model, more = {}) =>
  JSON.stringify({
    model,
    messages: [{ role: 'user', content: 'What is the answer of the bench? Say it in one short sentence.' }],
    ...more,
  });

export async function measure({ rounds }) {
  const room = mkdtempSync(join(tmpdir(), 'routerctl-bench-router-'));
  const children = [];
  const start = async (args) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [first] = await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`${args.at(-1)} ended with ${code}`);
      }),
    ]);
    child.stdout.resume();
    return { child, first: String(first) };
  };
  try {
    const upstreamPort = Number((await start([here('router-upstream.js')])).first);
    const barePort = Number((await start([here('router-bare-proxy.js'), String(upstreamPort)])).first);
    const router = await startRouter(start, room, upstreamPort);
    const peer = await startPeer(upstreamPort);
    return [
      ...(await throughput({ rounds, upstreamPort, barePort, router, peer })),
      ...(await streams({ rounds, barePort, router, upstreamPort })),
      line('from start to ready', router.readyMs, 400, 'ms', 'median of 5'),
      ...(await reload({ router, room, upstreamPort })),
    ];
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(room, { recursive: true, force: true });
  }
}

function routerConfig(upstreamPort, listenPort, models = {}) {
  const names = ['bench', 'stream-5-0', 'stream-60-500', ...Object.keys(models)];
  return {
    listen: { port: listenPort },
    database: { path: 'usage.sqlite' },
    providers: {
      bench: {
        base_url: `http://127.0.0.1:${upstreamPort}/v1`,
        models: Object.fromEntries(names.map((name) => [name, { input_price_per_million_usd: 1 }])),
      },
    },
    models: Object.fromEntries(names.map((name) => [name, { targets: [{ provider: 'bench', model_ref: name }] }])),
    callers: [{ id: 'bench', token_sha256: createHash('sha256').update(token).digest('hex'), allow: ['*'] }],
    admin_auth: { policy: [{ subject: 'caller:bench', domain: '*', object: 'admin:config', action: 'reload' }] },
  };
}

async function startRouter(start, room, upstreamPort) {
  const configPath = join(room, 'config.yaml');
  writeFileSync(configPath, JSON.stringify(routerConfig(upstreamPort, 0)), { mode: 0o600 });
  const program = `import(${JSON.stringify(join(projectRoot, 'dist/reference-router/program.js'))}).then((m) => m.serveUntilSignal(${JSON.stringify(configPath)}, ${JSON.stringify(room)})).then((code) => { process.exitCode = code; })`;
  const times = [];
  let last = null;
  for (let turn = 0; turn < 5; turn += 1) {
    if (last !== null) {
      last.child.kill('SIGTERM');
      await once(last.child, 'exit');
    }
    const beganMs = performance.now();
    last = await start(['--input-type=module', '-e', program]);
    const port = Number(/"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(last.first)?.[1]);
    while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200) await sleep(2);
    times.push(performance.now() - beganMs);
    last = { ...last, port };
  }
  return { ...last, configPath, database: join(room, 'usage.sqlite'), readyMs: median(times) };
}

/** The peer is installed for the bench alone, outside of the project's own packages; null when it cannot be had. */
async function startPeer(upstreamPort) {
  const home = join(projectRoot, '.cache/bench-peer');
  const program = join(home, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  if (!existsSync(program)) {
    mkdirSync(home, { recursive: true });
    // Its streams fail with a newer server library than the one in its own lockfile.
    writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, overrides: { '@hono/node-server': '1.13.5' } }));
    try {
      execFileSync('npm', ['install', '--prefix', home, '--no-audit', '--no-fund', '--ignore-scripts', '@portkey-ai/gateway@1.15.2'], {
        stdio: 'ignore',
      });
    } catch {
      return null;
    }
  }
  const port = 20_000 + (process.pid % 20_000);
  const child = spawn(process.execPath, [program, `--port=${port}`, '--headless'], { stdio: 'ignore' });
  for (let tries = 0; tries < 100; tries += 1) {
    const alive = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (alive) break;
    await sleep(100);
  }
  const headers = {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
    authorization: 'Bearer sk-bench',
  };
  return { child, port, headers };
}

async function run(script, ...args) {
  const { stdout } = await promisify((await import('node:child_process')).execFile)(process.execPath, [here(script), ...args.map(String)]);
  return JSON.parse(stdout);
}

const auth = { authorization: `Bearer ${token}` };

async function throughput({ rounds, upstreamPort, barePort, router, peer }) {
  const ask = (port, connections, headers = auth) =>
    run('router-load.js', port, path, connections, 3, JSON.stringify(headers), question('bench'));
  await ask(barePort, 32);
  await ask(router.port, 32);
  const seen = { bare: [], ours: [], peer: [], bareOne: [], oursOne: [] };
  for (let round = 0; round < rounds; round += 1) {
    seen.bare.push(await ask(barePort, 32));
    seen.ours.push(await ask(router.port, 32));
    if (peer !== null) seen.peer.push(await ask(peer.port, 32, peer.headers));
    seen.bareOne.push(await ask(barePort, 1));
    seen.oursOne.push(await ask(router.port, 1));
  }
  peer?.child.kill('SIGKILL');
  const direct = await ask(upstreamPort, 32);
  const per = (runs) => median(runs.map(({ perSecond }) => perSecond));
  const wrong = [...seen.bare, ...seen.ours, ...seen.peer].find(({ statuses }) => Object.keys(statuses).some((status) => status !== '200'));
  if (wrong !== undefined) throw new Error(`not every answer was a 200: ${JSON.stringify(wrong.statuses)}`);
  const p50 = (runs) => median(runs.map(({ p50Ms }) => p50Ms));
  const ratio = per(seen.bare) / per(seen.ours);
  const note = `${Math.round(per(seen.ours))} a second, bare ${Math.round(per(seen.bare))}, the provider itself ${Math.round(direct.perSecond)}`;
  return [
    line('a bare proxy over the router, 32 connections', ratio, 2, 'x', note),
    line('the router over a bare proxy, 1 connection', p50(seen.oursOne) - p50(seen.bareOne), 0.4, 'ms', 'medians'),
    line(
      'five times @portkey-ai/gateway over the router',
      peer === null ? null : (5 * per(seen.peer)) / per(seen.ours),
      1,
      'x',
      peer === null ? 'the peer could not be installed' : `${Math.round(per(seen.peer))} a second`,
    ),
  ];
}

async function streams({ rounds, barePort, router }) {
  const first = async (port) =>
    (await run('router-streams.js', port, path, 1, JSON.stringify(auth), question('stream-5-0', { stream: true }))).firstP50Ms;
  const added = [];
  for (let round = 0; round < rounds * 5; round += 1) added.push((await first(router.port)) - (await first(barePort)));
  const slow = run('router-streams.js', router.port, path, 1000, JSON.stringify(auth), question('stream-60-500', { stream: true }));
  let mostMiB = 0;
  const watch = setInterval(() => {
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${router.child.pid}/status`, 'utf8'));
    mostMiB = Math.max(mostMiB, Number(rss?.[1] ?? 0) / 1024);
  }, 100);
  const { whole } = await slow;
  clearInterval(watch);
  return [
    line('first piece of a stream over a bare proxy', median(added), 1, 'ms', 'median'),
    line('memory with 1,000 slow streams open', whole === 1000 ? mostMiB : null, 300, 'MiB', `${whole} of 1000 ended whole`),
  ];
}

async function reload({ router, room, upstreamPort }) {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`model-${index}`, {}]));
  const load = run('router-load.js', router.port, path, 8, 4, JSON.stringify(auth), question('bench'));
  const times = [];
  for (let turn = 0; turn < 5; turn += 1) {
    await sleep(500);
    const config = routerConfig(upstreamPort, 0, { ...many, [`extra-${turn}`]: {} });
    writeFileSync(join(room, 'config.yaml'), JSON.stringify(config), { mode: 0o600 });
    const beganMs = performance.now();
    const answer = await fetch(`http://127.0.0.1:${router.port}/config/reload`, { method: 'POST', headers: auth });
    await answer.text();
    if (answer.status !== 200) return [line('reload of a config with 500 models', null, 100, 'ms', `status ${answer.status}`)];
    times.push(performance.now() - beganMs);
  }
  const { statuses } = await load;
  const failed = Object.entries(statuses).reduce((sum, [status, count]) => (status === '200' ? sum : sum + count), 0);
  return [
    line('reload of a config with 500 models', median(times), 100, 'ms', 'median of 5, under load'),
    line('requests that failed during the reloads', failed, 0, ''),
  ];
}
