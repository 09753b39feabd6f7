// The doctor on a practice deployment: green when it is well, and every fault at once, each with its fix, when it is not.
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { clockNode } from '../../src/adapters/clock-node.js';
import { leasesFiles } from '../../src/adapters/lease-files.js';
import { leaksIn } from '../cli/leaks.js';
import { asNobody } from '../lab/nobody.js';
import { begin, type Operator, operator, program, type Said } from './operator.js';

interface Finding {
  readonly name: string;
  readonly status: string;
  readonly summary: string;
  readonly fix: string | null;
}

type Block = Record<string, unknown>;
interface Practice {
  readonly targets: {
    readonly lab: Block & { readonly components: { readonly router: Block }; readonly backup: Block; readonly signing: Block };
  };
}

let me: Operator;
let cases = 0;
beforeAll(async () => {
  me = await operator();
});
afterAll(() => me.leave());

/** The config of the lab with something wrong, in a directory of its own. */
function config(change: (target: Practice['targets']['lab'], here: string) => void): string {
  const here = join(me.desk, `case-${cases++}`);
  mkdirSync(here);
  const document = parse(readFileSync(me.lab.paths.targetConfig, 'utf8')) as Practice;
  change(document.targets.lab, here);
  writeFileSync(join(here, 'routerctl.yaml'), stringify(document));
  return join(here, 'routerctl.yaml');
}

const findingsOf = ({ out }: Said): readonly Finding[] => (JSON.parse(out) as { readonly findings: readonly Finding[] }).findings;
const red = (said: Said): readonly Finding[] => findingsOf(said).filter(({ status }) => !['pass', 'skip'].includes(status));
const written = (path: string, text: string, mode = 0o600): string => {
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  return path;
};

/** In a directory without a config. */
function withoutConfig(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Said> {
  return begin(process.execPath, [program, 'doctor', ...args], me.desk, { ...me.env, ...env }).ended;
}

test('a deployment that is well is green, line by line with -v, and looking leaves nothing behind', async () => {
  const before = readdirSync(me.lab.home, { recursive: true }).length;
  const { code, out, err } = await me.routerctl('doctor', '-v');

  expect(code, out + err).toBe(0);
  for (const name of [
    'config',
    'ready',
    'models',
    'process',
    'disk-space',
    'secrets',
    "guard's secrets",
    'signing',
    'backup',
    'start',
    'database usage',
    'lease',
    'root',
  ])
    expect(out).toMatch(new RegExp(`^ {2}✓ ${name} `, 'm'));
  expect(out).toMatch(/next: routerctl plan upgrade --to PACKAGE$/m);
  expect(readdirSync(me.lab.home, { recursive: true })).toHaveLength(before);
  expect(me.runs()).toEqual([]);
});

test('without -v the passes are one line', async () => {
  const { out } = await me.routerctl('doctor');

  expect(out).toMatch(/^ {2}✓ all \d+ passed \(-v lists them\)$/m);
});

test('every fault is told at once, each with its fix', async () => {
  const file = config((target, here) => {
    const router = target.components.router;
    router['credentials'] = { caller: `file:${written(join(here, 'token'), me.lab.token, 0o644)}`, admin: `file:${here}/none` };
    (router['deployment'] as Block)['command'] = [join(here, 'no-such-program')];
    target.backup['directory'] = written(join(here, 'a-file'), '');
    target.signing['key'] = join(here, 'no-key.pem');
    target['policy'] = { guard: 'process', approval: 'required', approvers: written(join(here, 'approvers'), '# nobody\n') };
    const other = new Database(join(here, 'other.sqlite'));
    other.exec('create table request_usage (request_id text)');
    other.close();
    target['databases'] = {
      usage: { kind: 'sqlite', path: join(here, 'other.sqlite') },
      gone: { kind: 'sqlite', path: join(here, 'gone.sqlite') },
    };
  });
  const said = await me.routerctl('doctor', '--config', file, '--json');
  const found = red(said).map(({ name, status, summary, fix }) => `${status} ${name}: ${summary} | ${fix ?? ''}`);

  expect(said.code, said.out + said.err).toBe(3);
  for (const [words, fix] of [
    [/^fail secret: .*can be read by others \(mode 644\)/, /chmod 600/],
    [/^fail secret: .*none does not exist/, /create it with mode 600/],
    [/^fail guard's secrets: a guard could not finish a run/, /use file: or command:/],
    [/^fail start: the program \S+no-such-program of the service does not exist/, /deployment\.command/],
    [/^fail process: no process of this service runs/, /./],
    [/^fail backup: this user cannot write in \S+a-file/, /backup\.directory/],
    [/^fail signing: .*no-key\.pem does not exist/, /routerctl key generate .*--out \S+no-key\.pem/],
    [/^fail policy: nobody may approve/, /routerctl key generate/],
    [/^fail database usage: .*has no column/, /usage/],
    [/^fail database gone: /, /under `databases`/],
  ] as const)
    expect(
      found.filter((line) => words.test(line) && fix.test(line.split(' | ')[1] ?? '')),
      `${words.source}\n${found.join('\n')}`,
    ).toHaveLength(1);
  expect(leaksIn(said.out + said.err, { token: me.lab.token })).toEqual([]);
});

test('in text the fix stands beneath its finding, and one command is next', async () => {
  const file = config((target, here) => {
    target.signing['key'] = join(here, 'no-key.pem');
  });
  const { code, out } = await me.routerctl('doctor', '--config', file);

  expect(code).toBe(3);
  expect(out).toMatch(/^ {2}✗ signing {3}the report could not be signed: .*\n +fix: make one with: routerctl key generate/m);
  expect(out).toMatch(
    /^ {2}✓ \d+ more \(-v lists them\)\n {2}\d+ findings: 1 failed, \d+ passed.* exit 3\n {2}next: mend what is marked, then: routerctl doctor$/m,
  );
});

test('a token that the router refuses is red', async () => {
  const file = config((target, here) => {
    target.components.router['credentials'] = { caller: `file:${written(join(here, 'token'), `rt-lab-${'0'.repeat(48)}`)}` };
  });
  const said = await me.routerctl('doctor', '--config', file, '--json');

  expect([said.code, red(said).map(({ name, summary }) => `${name}: ${summary}`)]).toEqual([
    3,
    [expect.stringMatching(/^models: the router refused the caller token \(401\)/)],
  ]);
});

test('a token that only this shell knows is readable here, and not by the guard', async () => {
  const file = config((target) => {
    target.components.router['credentials'] = { caller: 'env:ROUTER_TOKEN' };
  });
  const said = await withoutConfig({ ROUTER_TOKEN: me.lab.token }, '--config', file, '--json');

  expect(said.code, said.out + said.err).toBe(3);
  expect(red(said)).toMatchObject([{ name: "guard's secrets", status: 'fail', fix: expect.stringContaining('not env:') as string }]);
});

test('a router that does not answer was not measured', async () => {
  const file = config((target) => {
    target.components.router['url'] = 'http://127.0.0.1:9';
  });
  const said = await me.routerctl('doctor', '--config', file, '--json');

  expect(said.code, said.out + said.err).toBe(7);
  expect(red(said)).toMatchObject([
    { name: 'ready', status: 'inconclusive', fix: expect.stringContaining('Is the router running') as string },
  ]);
});

test.runIf(process.getuid?.() === 0)('a disk that is full is told before the window', async () => {
  const file = config((target, here) => {
    mkdirSync(join(here, 'full'));
    target.backup['directory'] = join(here, 'full');
  });
  const script = `mount -t tmpfs -o size=16k full "$1"; shift; exec "$@"`;
  const full = join(file, '..', 'full');
  const args = ['-m', 'sh', '-euc', script, 'sh', full, process.execPath, program, 'doctor', '--config', file, '--json'];
  const said = await begin('unshare', args, me.desk, me.env).ended;

  expect(said.code, said.out + said.err).toBe(3);
  expect(red(said)).toMatchObject([{ name: 'disk-space', status: 'fail', fix: expect.stringContaining('backup.directory') as string }]);
  expect(red(said)[0]?.summary).toContain(full);
});

test.runIf(process.getuid?.() === 0)('a user who may neither write nor read there learns both', async () => {
  const argv = asNobody(me.lab.home, [process.execPath, program, 'doctor', '--config', me.lab.paths.targetConfig, '--json']);
  chmodSync(me.lab.home, 0o755);
  const env = { ...me.env, HOME: '/nonexistent', ROUTERCTL_STATE: join(me.desk, 'of-root') };
  const said = await begin(argv[0] ?? '', argv.slice(1), '/', env).ended;
  const names = red(said).map(({ name }) => name);

  expect(said.code, said.out + said.err).toBe(3);
  for (const name of ['secret', 'root', 'backup', 'signing']) expect(names).toContain(name);
});

test('who holds the deployment is told, with what to do', async () => {
  const lease = leasesFiles(clockNode()).acquire(me.lab.home, '20260101-020000-held', 'runner');
  try {
    const said = await me.routerctl('doctor', '--json');

    expect(said.code, said.out + said.err).toBe(3);
    expect(red(said)).toMatchObject([
      {
        name: 'lease',
        summary: expect.stringContaining('run 20260101-020000-held holds lab') as string,
        fix: expect.stringContaining('routerctl run attach') as string,
      },
    ]);
  } finally {
    lease.release();
  }
});

test('without a config the router of the environment is looked at, and init is named', async () => {
  const said = await withoutConfig({ ROUTER_BASE_URL: me.lab.url, ROUTER_TOKEN: me.lab.token }, '--json');

  expect(said.code, said.out + said.err).toBe(0);
  expect(red(said)).toMatchObject([{ name: 'config', status: 'warn', fix: `routerctl init --url ${me.lab.url}` }]);
  expect(findingsOf(said).filter(({ name, status }) => ['ready', 'version', 'models'].includes(name) && status === 'pass')).toHaveLength(3);
});

test.each([
  ['the URL of a guide', () => ({ ROUTER_BASE_URL: 'https://llm-api.example.com' }), 2, 'is the placeholder of a guide'],
  [
    'the token of a guide',
    () => ({ ROUTER_BASE_URL: me.lab.url, ROUTER_TOKEN: 'replace-with-router-token' }),
    3,
    'holds the placeholder of a guide',
  ],
  ['no token', () => ({ ROUTER_BASE_URL: me.lab.url }), 3, 'the router wants a token (401) and none is configured'],
  ['neither config nor URL', () => ({}), 2, 'write one: routerctl init'],
] as const)('%s is refused', async (_what, env, exit, words) => {
  const { code, out, err } = await withoutConfig(env());

  expect(code, out + err).toBe(exit);
  expect(out + err).toContain(words);
});
