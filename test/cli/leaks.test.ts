import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { makePackage } from '../checks/make-package.js';
import { canaries } from '../core/canaries.js';
import { operator as newOperator, type Operator, program } from '../e2e/operator.js';
import { practicePackage } from '../lab/lab.js';
import { leaksBelow, leaksIn, spellings, watchProcesses } from './leaks.js';

const unmasked = resolve('test/cli/unmasked-program.js');
const planted: Record<string, string> = {};
let operator: Operator;
let temporary: string;

const simple = [
  'openai',
  'anthropic',
  'caller',
  'google',
  'huggingface',
  'perplexity',
  'bedrock',
  'azure',
  'github',
  'groq',
  'image',
  'usageRow',
];

beforeAll(async () => {
  operator = await newOperator();
  const { lab, desk } = operator;
  temporary = join(desk, 'tmp');
  mkdirSync(temporary);
  for (const name of simple) planted[name] = canaries[name] ?? '';
  planted['prompt'] = 'the-secret-plan-of-the-board-7f3a9c';
  planted['license'] = canaries['license']?.split('\n')[1] ?? '';
  const lines = Object.entries(planted)
    .filter(([name]) => name !== 'license')
    .map(([name, value]) => `${name.toUpperCase()}_API_KEY=${value}`);
  appendFileSync(lab.paths.environment, `${lines.join('\n')}\n`);
  const license = JSON.parse(readFileSync(lab.paths.license, 'utf8')) as Record<string, unknown>;
  writeFileSync(lab.paths.license, JSON.stringify({ ...license, activation: planted['license'] }));
  planted['token of the caller'] = lab.token;
  planted['key of the provider'] = readFileSync(lab.paths.providerKey, 'utf8').trim();
}, 120_000);

afterAll(() => operator.leave(), 60_000);

const run = (entry: string, ...argv: readonly string[]) =>
  execa(process.execPath, [entry, ...argv], {
    cwd: operator.lab.home,
    reject: false,
    env: { ...operator.env, TMPDIR: temporary },
    extendEnv: false,
    stdin: 'ignore',
  });

const everySpelling = (): readonly string[] =>
  Object.values(planted).flatMap((secret) => Object.values(spellings).map((spell) => spell(secret)));

/** Says every planted secret in every spelling: in a header, in an error, in the text of a chat, and a long one across the cut. */
async function talkativeRouter(): Promise<{ url: string; stop(): void }> {
  const all = everySpelling();
  const server = createServer((request, response) => {
    const said = all.join(' ');
    const fitting = all.slice(0, 40).join(' ');
    const path = request.url ?? '';
    response.setHeader('x-request-id', all[0] ?? '');
    if (path === '/readyz')
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ status: 'ready', said }));
    if (path === '/version')
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ version: said }));
    if (path === '/v1/models') return void response.writeHead(302, { location: `/${encodeURI(fitting)}` }).end();
    const error = { code: all[3], message: `${'x'.repeat(100)} ${said}` };
    response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const stop = (): void => void server.close();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

/** The target of the lab with a router that throws secrets back. */
function talkativeConfig(url: string): string {
  const document = parse(readFileSync(operator.lab.paths.targetConfig, 'utf8')) as {
    targets: { lab: { components: { router: { url: string } } } };
  };
  document.targets.lab.components.router.url = url;
  const path = join(operator.desk, 'talkative.yaml');
  writeFileSync(path, stringify(document));
  return path;
}

const missing = (leaks: readonly string[]): readonly string[] =>
  Object.keys(planted)
    .flatMap((name) => Object.keys(spellings).map((spelling) => `${name}/${spelling}`))
    .filter((leak) => !leaks.includes(leak));

/** Undo data are exact copies on purpose; that only their owner may read them is checked instead. */
const kept = (path: string): boolean => path.includes('/undo/');

test('a router that throws back every secret in every spelling is quoted without one of them', async () => {
  const { url, stop } = await talkativeRouter();
  const config = talkativeConfig(url);
  try {
    const asked = ['smoke', '--config', config, '--expect-version', '9.9.9'];
    const masked = operator.env['ROUTERCTL_STATE'] ?? '';
    operator.env['ROUTERCTL_STATE'] = join(operator.desk, 'control');
    const control = await run(unmasked, ...asked, '-v');
    operator.env['ROUTERCTL_STATE'] = masked;
    const files = leaksBelow(join(operator.desk, 'control'), planted, () => false).leaks.join(', ');
    const found = [...leaksIn(control.stdout + control.stderr, planted), ...files.split(/, |: /)];
    expect(missing(found), 'the control must find every secret in every spelling').toEqual([]);
    expect(leaksIn(control.stdout + control.stderr, planted)).toContain('token of the caller/raw');

    const text = await run(program, ...asked, '-v', '-o', `html=${join(operator.desk, 'out.html')}`);
    const json = await run(program, ...asked, '--json');
    expect([text.exitCode, json.exitCode], text.stderr + text.stdout).toEqual([3, 3]);
    expect(leaksIn(text.stdout + text.stderr + json.stdout + json.stderr, planted)).toEqual([]);
    const { leaks, looked } = leaksBelow(masked, planted, () => false);
    expect(looked).toBeGreaterThan(10);
    expect(leaks).toEqual([]);
    expect(leaksIn(readFileSync(join(operator.desk, 'out.html'), 'latin1'), planted)).toEqual([]);
  } finally {
    stop();
  }
}, 120_000);

test('an upgrade that fails, one that works and a rollback leave no secret in output, files, processes or temporary files', async () => {
  const processes = watchProcesses(program);
  const { lab } = operator;
  await lab.setFaults([
    { status: 500, body: JSON.stringify({ error: { message: everySpelling().join(' ') } }), headers: { 'x-leak': lab.token } },
  ]);
  const failed = await run(program, 'upgrade', '--to', await practicePackage({ version: '1.1.0' }), '-y', '-v');
  await lab.setFaults([]);
  const upgraded = await run(program, 'upgrade', '--to', await practicePackage({ version: '1.1.0' }), '-y', '--json', '-v');
  const back = await run(program, 'rollback', '-y', '-v');
  const { text, seen } = processes.stop();

  expect(Object.keys(planted).length).toBeGreaterThanOrEqual(14);
  expect([failed.exitCode, upgraded.exitCode, back.exitCode], failed.stdout + upgraded.stderr + back.stderr).toEqual([3, 0, 0]);
  expect(leaksIn([failed, upgraded, back].map(({ stdout, stderr }) => stdout + stderr).join('\n'), planted)).toEqual([]);
  expect(seen).toBeGreaterThan(3);
  expect(leaksIn(text, planted)).toEqual([]);
  const beside = leaksBelow(join(lab.home, '.routerctl'), planted, kept);
  expect(beside.looked).toBeGreaterThan(20);
  expect([beside.leaks, beside.loose]).toEqual([[], []]);
  expect(leaksBelow(operator.env['ROUTERCTL_STATE'] ?? '', planted, () => false).leaks).toEqual([]);
  expect(leaksBelow(temporary, planted, () => false).leaks).toEqual([]);
  expect(leaksBelow(lab.paths.backups, planted, () => false).leaks).toEqual([]);
}, 180_000);

test('a version that fails to start and says secrets that nobody knows leaves none of them in journal and report', async () => {
  const { desk } = operator;
  const unknown = { url: 'hunter2-in-a-url', setting: 'hunter2-in-a-setting', header: 'cm91dGVyOmh1bnRlcjItaW4tYS1oZWFkZXI=' };
  const says = [
    `postgres://router:${unknown.url}@db/x refused the connection`,
    `database_password=${unknown.setting}`,
    `Authorization: Basic ${unknown.header}`,
  ];
  const script = `#!/bin/sh\ncat <<'END'\n${says.join('\n')}\nEND\nexit 1\n`;
  const { name, bytes } = makePackage({
    product: 'reference-router',
    version: '1.1.9',
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    files: { 'bin/reference-router': script },
  });
  writeFileSync(join(desk, name), bytes);

  const { exitCode, stdout, stderr } = await run(program, 'upgrade', '--to', join(desk, name), '-y', '-v');
  expect(exitCode, stdout + stderr).toBe(4);
  expect(leaksIn(stdout + stderr, unknown)).toEqual([]);
  const folder = operator.runFolder(operator.newestRun());
  const journal = readFileSync(join(folder, 'report', 'journal.jsonl'), 'utf8');
  expect(journal, 'the log tail is evidence').toContain('refused the connection');
  expect(existsSync(join(folder, 'report', 'SHA256SUMS.sig'))).toBe(true);
  const { leaks, looked } = leaksBelow(folder, unknown, kept);
  expect(looked).toBeGreaterThan(10);
  expect(leaks).toEqual([]);
}, 120_000);
