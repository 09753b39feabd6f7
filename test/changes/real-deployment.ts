// A small deployment on real parts for the tests of changes: a router-like program in two versions, its files and its database.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach } from 'vitest';
import { archivesTar } from '../../src/adapters/archives-tar.js';
import { clockNode } from '../../src/adapters/clock-node.js';
import { commandsNode } from '../../src/adapters/commands-node.js';
import { composeCli } from '../../src/adapters/compose-cli.js';
import { containersDocker } from '../../src/adapters/containers-docker.js';
import { databasesSqlite } from '../../src/adapters/databases-sqlite.js';
import { filesNode } from '../../src/adapters/files-node.js';
import { fingerprintsNode } from '../../src/adapters/fingerprints-node.js';
import { httpUndici } from '../../src/adapters/http-undici.js';
import { secretsNode } from '../../src/adapters/secrets-node.js';
import { servicesByKind } from '../../src/adapters/services-by-kind.js';
import { systemNode } from '../../src/adapters/system-node.js';
import { unpackingTar } from '../../src/adapters/unpacking-tar.js';
import { vaultAge } from '../../src/adapters/vault-age.js';
import type { ChangeContext, ChangeDefinition, Inspection, Outcome, Prepared } from '../../src/core/change.js';
import type { Json } from '../../src/core/json.js';
import type { HostPorts, Ports } from '../../src/core/ports/ports.js';
import { type Profile, profileSpec } from '../../src/core/profile.js';
import { createRedactor } from '../../src/core/redaction.js';
import { serviceOf } from '../../src/core/service-of.js';
import { type Target, targetSpec } from '../../src/core/target.js';
import { makeTarGz } from '../contracts/make-tar.js';

export const profile: Profile = profileSpec.parse({
  routerctl: 1,
  profile: 'small',
  title: 'Small',
  paths: { ready: '/readyz' },
  usage: {
    table: 'request_usage',
    requestId: 'request_id',
    time: 'created_at',
    stream: 's',
    inputTokens: 'i',
    outputTokens: 'o',
    totalTokens: 'total_tokens',
    cost: 'c',
    status: 'x',
  },
  package: { name: 'small' },
});

export function realPorts(root: string): Ports {
  const redactor = createRedactor();
  const [files, databases, services] = [filesNode(), databasesSqlite(), servicesByKind()];
  const commands = commandsNode({ redactor, onGroup: () => Promise.resolve() });
  const [containers, compose] = [containersDocker(redactor), composeCli(redactor, commands)];
  const acts = { files, archives: unpackingTar(), databases, services, containers, compose, vault: vaultAge(redactor), commands };
  const host: HostPorts = {
    host: 'local',
    files,
    archives: archivesTar(),
    databases,
    services,
    containers,
    compose,
    system: systemNode(),
    acts,
  };
  return {
    clock: clockNode(),
    http: httpUndici(),
    secrets: secretsNode({ redactor, baseDirectory: root, environment: {} }),
    fingerprints: fingerprintsNode(root),
    on: () => host,
  };
}

export class KilledHere extends Error {}

/** Counts the calls of `acts.*` and dies before or after the asked one, as a kill would: nothing of ours runs any more. */
export function killedAt(ports: Ports, point: number): { ports: Ports; calls: () => readonly string[] } {
  const calls: string[] = [];
  const host = ports.on('local');
  const guard = <T extends object>(name: string, port: T): T =>
    new Proxy(port, {
      get: (object, member) => {
        const method: unknown = Reflect.get(object, member);
        if (typeof method !== 'function') return method;
        return async (...rest: unknown[]): Promise<unknown> => {
          const at = calls.push(`${name}.${String(member)}`) * 2 - 1;
          // A dead process makes no further call either: everything after the point dies too.
          if (point > 0 && at >= point) throw new KilledHere();
          const result: unknown = await (method as (...all: unknown[]) => Promise<unknown>).apply(object, rest);
          if (point > 0 && at + 1 >= point) throw new KilledHere();
          return result;
        };
      },
    });
  const acts = Object.fromEntries(
    Object.entries(host.acts).map(([name, port]) => [name, guard(name, port as object)]),
  ) as unknown as HostPorts['acts'];
  return { ports: { ...ports, on: () => ({ ...host, acts }) }, calls: () => calls };
}

export class Deployment {
  readonly root: string;
  readonly ports: Ports;
  readonly target: Target;
  /** Of the operator; not known to the run. */
  readonly identity: string;
  readonly port: number;

  private constructor(root: string, target: Target, identity: string, port: number) {
    this.root = root;
    this.ports = realPorts(root);
    this.target = target;
    this.identity = identity;
    this.port = port;
  }

  static async make(
    extra: { readonly drain?: string; readonly start?: string; readonly drainHook?: readonly string[] } = {},
  ): Promise<Deployment> {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'deployment-')));
    const at = (name: string): string => join(root, name);
    for (const name of ['versions', 'etc', 'run/undo', 'backups', 'tmp']) mkdirSync(at(name), { recursive: true });
    writeVersion(at('versions/1.0.0'), '1.0.0');
    symlinkSync('versions/1.0.0', at('current'));
    const port = await freePort();
    writeFileSync(at('etc/router.yaml'), 'log: debug\nadmin_key: a-config-secret\n', { mode: 0o640 });
    writeFileSync(at('etc/env'), `# the router\nPORT=${port}\nSMALL_VERSION=1.0.0\nPROVIDER_KEY="sk-canary-0123456789"\n`, { mode: 0o640 });
    writeFileSync(at('etc/license'), 'license-text', { mode: 0o600 });
    const database = new Database(at('usage.sqlite'));
    database.pragma('journal_mode = WAL');
    database.exec(
      'CREATE TABLE request_usage (id INTEGER PRIMARY KEY, request_id TEXT UNIQUE, created_at TEXT, total_tokens INTEGER, note BLOB)',
    );
    for (let row = 1; row <= 50; row += 1)
      database
        .prepare('INSERT INTO request_usage VALUES (?, ?, ?, ?, NULL)')
        .run(row, `r${row}`, `2026-01-01#${String(row).padStart(9, '0')}`, row);
    database.close();
    const keys = await vaultAge(createRedactor()).newKeyPair();
    const spec = targetSpec.parse({
      profile: 'small',
      environment: 'lab',
      root,
      components: {
        router: {
          url: `http://127.0.0.1:${port}`,
          artifact: { kind: 'binary', program: 'small', versions: at('versions'), current: at('current') },
          deployment: {
            kind: 'process',
            command: [at('current/bin/small')],
            directory: root,
            environmentFile: at('etc/env'),
            pidFile: at('run/pid'),
            log: at('run/log'),
            drain: '5s',
            start: '20s',
            ...extra,
          },
          files: {
            config: at('etc/router.yaml'),
            providerEnvironment: at('etc/env'),
            license: at('etc/license'),
            licenseState: at('etc/license-state'),
          },
        },
      },
      databases: { usage: { kind: 'sqlite', path: at('usage.sqlite'), component: 'router' } },
      backup: { directory: at('backups'), recipients: [keys.recipient] },
      temporary: { roots: [at('tmp')] },
    });
    return new Deployment(root, { ...spec, name: 'small' }, keys.identity, port);
  }

  at(name: string): string {
    return join(this.root, name);
  }

  context(stepId = 'step', rest: Partial<ChangeContext> = {}): ChangeContext {
    const component = this.target.components['router'];
    if (component === undefined) throw new Error('no router');
    const undoDirectory = this.at(`run/undo/${stepId}`);
    mkdirSync(undoDirectory, { recursive: true, mode: 0o700 });
    return {
      runId: 'run1',
      stepId,
      target: this.target,
      profile,
      subject: { kind: 'component', name: 'router', component },
      results: {},
      runStartedAtMs: 1_800_000_000_000,
      undoDirectory,
      signal: new AbortController().signal,
      ...rest,
    };
  }

  async stop(): Promise<void> {
    const service = serviceOf(this.target, 'router');
    if (service === null) throw new Error('no service');
    const { services, acts } = this.ports.on('local');
    for (;;) {
      const left = await services.find(service);
      if (left.length === 0) break;
      // What a killed one leaves behind is found only after it.
      for (const process of left) await acts.services.signal(service, process, 'SIGKILL');
      await new Promise((done) => setTimeout(done, 10));
    }
    rmSync(this.root, { recursive: true });
  }

  /** A package of that version; `alter` may damage the list of digests. */
  package(version: string, alter: (files: Record<string, string>) => Record<string, string> = (files) => files): string {
    const stem = `small-${version}-linux-amd64`;
    const release = JSON.stringify({ product: 'small', version, os: 'linux', arch: 'amd64', programs: ['small'], migrations: 'none' });
    const files: Record<string, string> = {
      'RELEASE.json': release,
      'bin/small': program(version),
      'lib/notes.txt': `notes of ${version}\n`,
    };
    const sums = Object.entries(files)
      .map(([name, text]) => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`)
      .join('');
    const all = alter({ ...files, SHA256SUMS: sums });
    const path = this.at(`${stem}.tar.gz`);
    writeFileSync(
      path,
      makeTarGz(
        Object.entries(all).map(([name, content]) => ({ path: `${stem}/${name}`, content, mode: name.startsWith('bin/') ? 0o755 : 0o644 })),
      ),
    );
    return path;
  }
}

/** One change of a run, with the facts as the journal keeps them. */
export class Step<Spec> {
  readonly facts: Record<string, Json> = {};
  readonly definition: ChangeDefinition<Spec>;
  readonly spec: Spec;
  readonly context: ChangeContext;
  prepared: Prepared = { undo: null, expects: null };

  constructor(definition: ChangeDefinition<Spec>, input: unknown, context: ChangeContext) {
    this.definition = definition;
    this.spec = definition.spec.parse(input);
    this.context = context;
  }

  async prepare(ports: Ports): Promise<this> {
    // As the engine does it: what was journalled comes back as plain JSON.
    this.prepared = JSON.parse(JSON.stringify(await this.definition.prepare(this.spec, ports, this.context))) as Prepared;
    return this;
  }

  readonly record = (name: string, value: Json): Promise<void> => {
    this.facts[name] = JSON.parse(JSON.stringify(value)) as Json;
    return Promise.resolve();
  };

  apply(ports: Ports): Promise<Outcome> {
    return this.definition.apply(this.spec, this.prepared, ports, this.context, this.record);
  }

  inspect(ports: Ports): Promise<Inspection> {
    return this.definition.inspect(this.spec, this.prepared, this.facts, ports, this.context);
  }

  revert(ports: Ports): Promise<Outcome> {
    return this.definition.revert(this.spec, this.prepared.undo, this.facts, ports, this.context, this.record);
  }

  byHand(): readonly string[] {
    return this.definition.byHand(this.spec, this.prepared.undo, this.context);
  }
}

/** A deployment of its own for each test of a file, handed to `take` before it; all are stopped at the end. */
export function freshDeployments(take: (deployment: Deployment) => void): void {
  const all: Deployment[] = [];
  beforeEach(async () => {
    const deployment = await Deployment.make();
    all.push(deployment);
    take(deployment);
  });
  afterAll(async () => {
    for (const each of all) await each.stop();
  });
}

const program = (version: string): string => `#!/usr/bin/env node
// version ${version}
const server = require('node:http').createServer((request, response) => { response.flushHeaders(); setTimeout(() => response.end('${version}'), request.url === '/slow' ? 500 : 0); });
server.keepAliveTimeout = 50;
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => { if (process.env.STUBBORN) return; server.close(() => process.exit(0)); server.closeIdleConnections(); });
`;

function writeVersion(directory: string, version: string): void {
  mkdirSync(join(directory, 'bin'), { recursive: true });
  writeFileSync(join(directory, 'bin', 'small'), program(version));
  chmodSync(join(directory, 'bin', 'small'), 0o755);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
