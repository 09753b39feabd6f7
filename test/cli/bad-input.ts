// Everything that a person, a package or a router can get wrong at the command line, one entry each. Its golden files are
// `fixtures/cli/<name>.<exit>.<stream>.txt`.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse, stringify } from 'yaml';
import { clockNode } from '../../src/adapters/clock-node.js';
import { leasesFiles } from '../../src/adapters/lease-files.js';
import { makePackage } from '../checks/make-package.js';
import { makeTar } from '../contracts/make-tar.js';
import { canaries } from '../core/canaries.js';
import type { Operator } from '../e2e/operator.js';
import { practicePackage } from '../lab/lab.js';

export interface Attempt {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another user, for what only files' modes can refuse. */
  readonly as?: 'nobody';
  done?(): void | Promise<void>;
}

export interface BadInput {
  readonly name: string;
  readonly exit: number;
  /** `here` is an empty directory of the case. */
  prepare(operator: Operator, here: string): Attempt | Promise<Attempt>;
}

type Config = {
  targets: { lab: Record<string, unknown> & { signing: Record<string, unknown>; components: { router: Record<string, unknown> } } };
};

/** The config of the lab with one thing changed, in the directory of the case. */
function config({ lab }: Operator, here: string, change: (target: Config['targets']['lab']) => void): string {
  const document = parse(readFileSync(lab.paths.targetConfig, 'utf8')) as Config;
  change(document.targets.lab);
  const path = join(here, 'routerctl.yaml');
  writeFileSync(path, stringify(document));
  return path;
}

const lab = (operator: Operator): readonly string[] => ['--config', operator.lab.paths.targetConfig];
const good = (): Promise<string> => practicePackage({ version: '1.1.0' });

/** A server that lives while a case is tried. */
async function serving(listener: RequestListener): Promise<{ url: string; done(): void }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const done = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, done };
}

const written = (path: string, content: string | Uint8Array): string => {
  writeFileSync(path, content);
  return path;
};

function packageFile(here: string, parts: Parameters<typeof makePackage>[0]): string {
  const { name, bytes } = makePackage({
    ...parts,
    root: `reference-router-${parts?.version ?? '1.1.0'}-linux-${parts?.architecture ?? host}`,
  });
  return written(join(here, name.replace('test-router', 'reference-router')), bytes);
}

const host = process.arch === 'arm64' ? 'arm64' : 'amd64';
const other = host === 'amd64' ? 'arm64' : 'amd64';
const product = { product: 'reference-router', programs: ['reference-router'] };
const program = { 'bin/reference-router': '#!/usr/bin/env node\n' };

const words: readonly BadInput[] = [
  { name: 'wrong-flag', exit: 2, prepare: () => ({ argv: ['upgrade', '--too', 'x'] }) },
  { name: 'missing-argument', exit: 2, prepare: () => ({ argv: ['resume'] }) },
  { name: 'nothing-to-upgrade-to', exit: 2, prepare: (operator) => ({ argv: ['upgrade', ...lab(operator)] }) },
  { name: 'two-formats-wrong', exit: 2, prepare: () => ({ argv: ['smoke', 'http://127.0.0.1:9', '-o', 'pdf=x'] }) },
  {
    name: 'output-is-a-directory',
    exit: 2,
    async prepare(operator, here) {
      mkdirSync(join(here, 'results'));
      return { argv: upgrade(operator, await good(), '-y', '-o', 'junit=results') };
    },
  },
  {
    name: 'output-below-a-file',
    exit: 2,
    async prepare(operator, here) {
      written(join(here, 'notes'), 'notes');
      return { argv: upgrade(operator, await good(), '-y', '-o', 'junit=notes/x.xml') };
    },
  },
  {
    name: 'output-in-a-directory-of-others',
    exit: 2,
    prepare: (_operator, here) => ({
      argv: ['smoke', 'http://127.0.0.1:9', '-o', 'junit=smoke.xml'],
      env: { HOME: here },
      as: 'nobody',
    }),
  },
  { name: 'input-without-value', exit: 2, prepare: () => ({ argv: ['playbook', 'run', 'smoke', '--input', 'version'] }) },
  { name: 'no-such-check', exit: 2, prepare: () => ({ argv: ['check', 'run', 'chatt'] }) },
  { name: 'key-on-the-command-line', exit: 2, prepare: () => ({ argv: ['smoke', 'http://127.0.0.1:9', '--key', 'sk-abcdefghijklmnop'] }) },
  { name: 'placeholder-url', exit: 2, prepare: () => ({ argv: ['smoke', 'https://llm-api.example.com'] }) },
  {
    name: 'placeholder-token',
    exit: 6,
    prepare: () => ({ argv: ['smoke', 'http://127.0.0.1:9'], env: { ROUTERCTL_KEY: 'replace-with-router-token' } }),
  },
  { name: 'password-in-url', exit: 2, prepare: () => ({ argv: ['smoke', 'http://me:hunter2hunter2@127.0.0.1:9'] }) },
  { name: 'no-router-at-all', exit: 2, prepare: () => ({ argv: ['smoke'] }) },
];

const configs: readonly BadInput[] = [
  {
    name: 'notify-with-what-it-cannot-read',
    exit: 2,
    prepare(operator, here) {
      const hook = { webhook: { url: 'http://me:hunter2@127.0.0.1/', headers: { Authorization: 'env:HOOK' } }, on: ['hold', 'begin'] };
      return { argv: ['run', 'notify', '--config', config(operator, here, (target) => Object.assign(target, { notify: hook }))] };
    },
  },
  { name: 'nobody-to-tell', exit: 2, prepare: (operator) => ({ argv: ['run', 'notify', ...lab(operator)] }) },
  {
    name: 'hook-that-refuses',
    exit: 3,
    prepare(operator, here) {
      const hook = { command: ['sh', '-c', 'echo no such channel >&2; exit 4'] };
      return { argv: ['run', 'notify', '--config', config(operator, here, (target) => Object.assign(target, { notify: hook }))] };
    },
  },
  {
    name: 'ticket-of-a-plan-at-its-end',
    exit: 2,
    prepare(_operator, here) {
      written(join(here, 'tonight.plan'), JSON.stringify({ schema: 'routerctl.plan/v1' }));
      return { argv: ['run', 'ticket', 'tonight.plan', '--at', 'close'] };
    },
  },
  { name: 'missing-config', exit: 2, prepare: () => ({ argv: ['upgrade', '--to', 'x', '--config', 'gone.yaml'] }) },
  {
    name: 'unreadable-config',
    exit: 2,
    prepare(_operator, here) {
      mkdirSync(join(here, 'routerctl.yaml'));
      return { argv: ['smoke', '--config', 'routerctl.yaml'] };
    },
  },
  {
    name: 'config-not-yaml',
    exit: 2,
    prepare(_operator, here) {
      written(join(here, 'routerctl.yaml'), 'routerctl: 1\ntargets: [unclosed\n');
      return { argv: ['smoke'] };
    },
  },
  {
    name: 'config-with-many-errors',
    exit: 2,
    prepare(operator, here) {
      config(operator, here, (target) => {
        target['enviroment'] = target['environment'];
        delete target['environment'];
        target.components.router['url'] = 'ftp://example.test';
      });
      return { argv: ['smoke'] };
    },
  },
  { name: 'unknown-target', exit: 2, prepare: (operator) => ({ argv: ['smoke', ...lab(operator), '-t', 'labb'] }) },
  {
    name: 'malformed-playbook',
    exit: 2,
    prepare(_operator, here) {
      copyFileSync('fixtures/playbooks/invalid/many-errors.yaml', join(here, 'ours.yaml'));
      return { argv: ['playbook', 'run', './ours.yaml'] };
    },
  },
  { name: 'no-such-playbook', exit: 2, prepare: () => ({ argv: ['playbook', 'run', 'smok'] }) },
  { name: 'playbook-needs-a-router', exit: 2, prepare: () => ({ argv: ['playbook', 'run', 'backup'] }) },
];

const upgrade = (operator: Operator, to: string, ...rest: readonly string[]): readonly string[] => [
  'upgrade',
  ...lab(operator),
  '--to',
  to,
  ...rest,
];

const packages: readonly BadInput[] = [
  { name: 'missing-package', exit: 2, prepare: (operator) => ({ argv: upgrade(operator, 'gone.tar.gz', '-y') }) },
  { name: 'package-is-a-directory', exit: 2, prepare: (operator, here) => ({ argv: upgrade(operator, here, '-y') }) },
  { name: 'missing-plan', exit: 2, prepare: (operator) => ({ argv: ['upgrade', 'gone.plan', ...lab(operator), '-y'] }) },
  {
    name: 'not-a-package',
    exit: 3,
    prepare: (operator, here) => ({ argv: upgrade(operator, written(join(here, 'notes.tar.gz'), 'these are notes\n'), '-y') }),
  },
  {
    name: 'package-of-something-else',
    exit: 3,
    prepare: (operator, here) => ({
      argv: upgrade(operator, written(join(here, 'x.tar.gz'), gzipSync(makeTar([{ path: 'x/readme', content: 'x' }]))), '-y'),
    }),
  },
  {
    name: 'truncated-package',
    exit: 3,
    async prepare(operator, here) {
      const whole = readFileSync(await good());
      return { argv: upgrade(operator, written(join(here, 'cut.tar.gz'), whole.subarray(0, whole.length / 2)), '-y') };
    },
  },
  {
    name: 'wrong-architecture',
    exit: 3,
    prepare: (operator, here) => ({
      argv: upgrade(
        operator,
        packageFile(here, { architecture: other, release: product, files: program, leaveOut: ['bin/test-router'] }),
        '-y',
        '-q',
      ),
    }),
  },
  {
    name: 'package-with-a-key',
    exit: 3,
    prepare: (operator, here) => ({
      argv: upgrade(
        operator,
        packageFile(here, {
          architecture: host,
          release: product,
          files: { ...program, 'lib/x.js': `const k = "${canaries['openai']}";` },
          leaveOut: ['bin/test-router'],
        }),
        '-y',
        '-q',
      ),
    }),
  },
  {
    name: 'latest-is-no-version',
    exit: 2,
    prepare: (operator) => ({ argv: upgrade(operator, 'latest', '-y') }),
  },
];

/** Answers everything, and ends every stream after its second piece. */
const cuttingStreams: RequestListener = (request, response) => {
  const json = (value: unknown): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (request.url === '/v1/models') return json({ object: 'list', data: [{ id: 'echo', object: 'model' }] });
  let body = '';
  request.on('data', (piece: Buffer) => {
    body += piece.toString();
  });
  request.on('end', () => {
    const base = { id: 'c1', model: 'echo', created: 1 };
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    response.setHeader('x-request-id', 'r1');
    if (!body.includes('"stream":true')) {
      const message = { role: 'assistant', content: 'pong' };
      return json({ ...base, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }], usage });
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const delta = (content: string): string =>
      `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
    response.write(delta('po'));
    response.write(delta('ng'), () => request.socket.destroy());
  });
};

const routers: readonly BadInput[] = [
  { name: 'unreachable-router', exit: 7, prepare: () => ({ argv: ['smoke', 'http://127.0.0.1:9', '-q'] }) },
  { name: 'no-token', exit: 3, prepare: (operator) => ({ argv: ['smoke', operator.lab.url, '-q'] }) },
  {
    name: 'wrong-token',
    exit: 3,
    prepare: (operator) => ({ argv: ['smoke', operator.lab.url, '-q'], env: { ROUTERCTL_KEY: 'sk-not-the-token-of-anyone' } }),
  },
  {
    name: 'html-instead-of-json',
    exit: 3,
    async prepare() {
      const { url, done } = await serving((_request, response) => {
        response.setHeader('content-type', 'text/html');
        response.end('<html><body>Please log in</body></html>');
      });
      return { argv: ['smoke', url, '-q'], done };
    },
  },
  {
    name: 'stream-cut-before-its-marker',
    exit: 3,
    async prepare() {
      const { url, done } = await serving(cuttingStreams);
      return { argv: ['smoke', url, '-q'], done };
    },
  },
];

const withConfig = async (
  operator: Operator,
  here: string,
  change: Parameters<typeof config>[2],
  ...rest: readonly string[]
): Promise<Attempt> => ({
  argv: ['upgrade', '--config', config(operator, here, change), '--to', await good(), ...rest],
});

const keys: readonly BadInput[] = [
  {
    name: 'signing-key-readable-by-others',
    exit: 6,
    async prepare(operator, here) {
      copyFileSync(operator.lab.paths.signingKey, join(here, 'loose.pem'));
      chmodSync(join(here, 'loose.pem'), 0o644);
      return withConfig(operator, here, ({ signing }) => void Object.assign(signing, { key: join(here, 'loose.pem') }), '-y', '-q');
    },
  },
  {
    name: 'secrets-readable-by-others',
    exit: 6,
    async prepare(operator, here) {
      for (const [from, to] of [
        [operator.lab.paths.signingKey, 'loose.pem'],
        [operator.lab.paths.callerToken, 'loose.token'],
      ] as const) {
        copyFileSync(from, join(here, to));
        chmodSync(join(here, to), 0o644);
      }
      const loose = (target: Config['targets']['lab']): void => {
        target.signing['key'] = join(here, 'loose.pem');
        target.components.router['credentials'] = { caller: `file:${join(here, 'loose.token')}` };
      };
      return withConfig(operator, here, loose, '-y', '-q');
    },
  },
  {
    name: 'smoke-with-a-token-readable-by-others',
    exit: 6,
    prepare(operator, here) {
      copyFileSync(operator.lab.paths.callerToken, join(here, 'loose.token'));
      chmodSync(join(here, 'loose.token'), 0o644);
      const loose = { credentials: { caller: `file:${join(here, 'loose.token')}` } };
      return { argv: ['smoke', '-q', '--config', config(operator, here, (target) => void Object.assign(target.components.router, loose))] };
    },
  },
  {
    name: 'revoked-key',
    exit: 6,
    async prepare(operator, here) {
      const [, , type = '', key = ''] = readFileSync(operator.lab.paths.allowedSigners, 'utf8').trim().split(' ');
      written(join(here, 'revoked'), `${type} ${key}\n`);
      return withConfig(operator, here, ({ signing }) => void Object.assign(signing, { revoked: join(here, 'revoked') }), '-y', '-q');
    },
  },
  {
    name: 'allowed-signers-missing',
    exit: 6,
    prepare: (operator, here) =>
      withConfig(operator, here, ({ signing }) => void Object.assign(signing, { allowedSigners: join(here, 'gone') }), '-y', '-q'),
  },
  {
    name: 'secret-that-the-guard-cannot-see',
    exit: 6,
    async prepare(operator, here) {
      const attempt = await withConfig(
        operator,
        here,
        ({ components }) => void Object.assign(components.router, { credentials: { caller: 'env:LAB_TOKEN' } }),
        '-y',
        '-q',
      );
      return { ...attempt, env: { LAB_TOKEN: operator.lab.token } };
    },
  },
];

async function plan(operator: Operator, here: string, ...rest: readonly string[]): Promise<string> {
  const path = join(here, 'tonight.plan');
  await operator.routerctl('plan', 'upgrade', '--to', await good(), '--out', path, ...rest);
  return path;
}

const rules: readonly BadInput[] = [
  {
    name: 'second-run-while-one-holds',
    exit: 6,
    async prepare(operator) {
      const lease = leasesFiles(clockNode()).acquire(operator.lab.home, '20260101-000000-busy', 'runner');
      return { argv: upgrade(operator, await good(), '-y'), done: () => lease.release() };
    },
  },
  {
    name: 'plan-drifted',
    exit: 6,
    async prepare(operator, here) {
      const path = await plan(operator, here);
      const before = readFileSync(operator.lab.paths.config, 'utf8');
      writeFileSync(operator.lab.paths.config, `${before}# edited after the plan\n`);
      return { argv: ['upgrade', path, ...lab(operator), '-y'], done: () => writeFileSync(operator.lab.paths.config, before) };
    },
  },
  {
    name: 'plan-tampered',
    exit: 6,
    async prepare(operator, here) {
      const path = await plan(operator, here);
      written(path, readFileSync(path, 'utf8').replace('"onFailure":"rollback"', '"onFailure":"stop"'));
      return { argv: ['upgrade', path, ...lab(operator), '-y'] };
    },
  },
  {
    name: 'not-a-plan',
    exit: 2,
    prepare: (operator, here) => ({ argv: ['upgrade', written(join(here, 'p.plan'), 'hello'), ...lab(operator), '-y'] }),
  },
  {
    name: 'approval-of-another-plan',
    exit: 6,
    async prepare(operator, here) {
      const path = await plan(operator, here);
      mkdirSync(join(here, 'other'));
      const another = join(here, 'other', 'other.plan');
      await operator.routerctl('plan', 'upgrade', '--to', await practicePackage({ version: '1.1.1' }), '--out', another);
      await operator.routerctl('approve', another);
      for (const end of ['.approval', '.approval.sig']) copyFileSync(another + end, path + end);
      return { argv: ['upgrade', path, ...lab(operator), '-y'] };
    },
  },
  {
    name: 'approval-required',
    exit: 6,
    prepare: (operator, here) =>
      withConfig(
        operator,
        here,
        (target) => void Object.assign(target, { policy: { approval: 'required', approvers: operator.lab.paths.allowedSigners } }),
        '-y',
      ),
  },
  {
    name: 'window-closed',
    exit: 6,
    prepare: async (operator) => ({ argv: upgrade(operator, await good(), '-y', '--window', '2001-01-01T02:00:00Z/2001-01-01T03:00:00Z') }),
  },
  {
    name: 'window-required',
    exit: 6,
    prepare: (operator, here) =>
      withConfig(operator, here, (target) => void Object.assign(target, { policy: { window: 'required' } }), '-y'),
  },
  {
    name: 'production-not-confirmed',
    exit: 6,
    prepare: (operator, here) => withConfig(operator, here, (target) => void Object.assign(target, { environment: 'production' })),
  },
  {
    name: 'config-not-the-reviewed-one',
    exit: 6,
    prepare: async (operator) => ({
      argv: upgrade(operator, await good(), '-y', '--new-config', operator.lab.paths.config, '--config-sha256', '0'.repeat(64)),
    }),
  },
  {
    name: 'version-marked-bad',
    exit: 6,
    async prepare(operator) {
      const mark = {
        component: 'router',
        version: '1.1.0',
        runId: '20260101-000000-back',
        why: 'streams were cut',
        at: '2026-01-01T00:00:00.000Z',
      };
      const { badVersionsNode } = await import('../../src/adapters/bad-versions-node.js');
      await badVersionsNode().mark(operator.lab.home, mark);
      const path = join(operator.lab.home, '.routerctl', 'bad-versions.json');
      return { argv: upgrade(operator, await good(), '-y'), done: () => writeFileSync(path, '[]') };
    },
  },
  { name: 'resume-unknown-run', exit: 2, prepare: () => ({ argv: ['resume', 'zzzz'] }) },
  { name: 'attach-to-unknown-run', exit: 2, prepare: () => ({ argv: ['run', 'attach', 'zzzz'] }) },
  {
    name: 'another-users-run',
    exit: 6,
    async prepare(operator, here) {
      const { home } = operator.lab;
      await operator.routerctl('backup', 'create', '-y', '-q');
      chmodSync(home, 0o711);
      const argv = ['resume', join(home, '.routerctl', 'runs', operator.newestRun())];
      return { argv, as: 'nobody', env: { HOME: here }, done: () => chmodSync(home, 0o700) };
    },
  },
  { name: 'nothing-to-roll-back', exit: 6, prepare: (operator) => ({ argv: ['rollback', '-y', ...lab(operator)] }) },
  {
    name: 'resume-finished-run',
    exit: 6,
    async prepare(operator) {
      await operator.routerctl('backup', 'create', '-y', '-q');
      return { argv: ['resume', operator.newestRun()] };
    },
  },
];

export const badInputs: readonly BadInput[] = [...words, ...configs, ...packages, ...routers, ...keys, ...rules];
