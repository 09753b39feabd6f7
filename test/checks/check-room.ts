// A place to ask checks in: real ports of this machine, a target in a temporary directory, and a router that does as it is told.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
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
import type { CheckContext, CheckDefinition } from '../../src/core/check.js';
import type { Json } from '../../src/core/json.js';
import type { ReadPorts } from '../../src/core/ports/ports.js';
import { type Profile, profileSpec } from '../../src/core/profile.js';
import { createRedactor } from '../../src/core/redaction.js';
import { type Target, targetSpec } from '../../src/core/target.js';
import type { Verdict } from '../../src/core/verdict.js';

export const token = 'rt-canary-token-0123456789';

export const profile: Profile = profileSpec.parse({
  routerctl: 1,
  profile: 'test-router',
  title: 'A router for tests',
  paths: { ready: '/readyz', version: '/version', models: '/v1/models', chat: '/v1/chat/completions' },
  version: { version: 'version', commit: 'commit', buildDate: 'build_date' },
  usage: {
    table: 'request_usage',
    requestId: 'request_id',
    time: 'ts',
    stream: 'stream',
    inputTokens: 'input_tokens',
    outputTokens: 'output_tokens',
    totalTokens: 'total_tokens',
    cost: 'total_cost_usd',
    status: 'status',
    settleMs: 400,
  },
  package: { name: 'test-router' },
});

export interface Room {
  readonly directory: string;
  readonly ports: ReadPorts;
  target(more?: Record<string, unknown>, component?: Record<string, unknown>): Target;
  context(target: Target, more?: Partial<CheckContext>): CheckContext;
}

export function openRoom(): Room {
  const directory = mkdtempSync(join(tmpdir(), 'check-room-'));
  const http = httpUndici();
  afterAll(async () => {
    await http.close();
    rmSync(directory, { recursive: true });
  });
  const host = {
    host: 'local',
    files: filesNode(),
    archives: archivesTar(),
    databases: databasesSqlite(),
    services: servicesByKind(),
    containers: containersDocker(createRedactor()),
    compose: composeCli(createRedactor(), commandsNode({ redactor: createRedactor(), onGroup: () => Promise.resolve() })),
    system: systemNode(),
  };
  const ports: ReadPorts = {
    clock: clockNode(),
    http,
    secrets: secretsNode({
      redactor: createRedactor(),
      baseDirectory: directory,
      environment: { ROUTER_TOKEN: token, WRONG_TOKEN: 'rt-wrong-token' },
    }),
    fingerprints: fingerprintsNode(directory),
    on: () => host,
  };
  mkdirSync(join(directory, 'root'));
  return {
    directory,
    ports,
    target: (more = {}, component = {}) => ({
      ...targetSpec.parse({
        profile: 'test-router',
        environment: 'lab',
        root: join(directory, 'root'),
        components: { router: component },
        ...more,
      }),
      name: 'test',
    }),
    context: (target, more = {}) => ({
      runId: 'run',
      stepId: 'step',
      target,
      profile,
      subject: { kind: 'component', name: 'router', component: target.components['router'] as Target['components'][string] },
      baseline: null,
      mode: 'expect',
      results: {},
      runStartedAtMs: Date.now(),
      signal: new AbortController().signal,
      ...more,
    }),
  };
}

export interface Answered {
  readonly verdict: Verdict;
  readonly observation: Json | null;
}

/** Asks like the engine does: parse the spec, observe, judge; what was not measured is inconclusive. */
export async function askCheck<Spec, Observation extends Json>(
  check: CheckDefinition<Spec, Observation>,
  spec: unknown,
  room: Room,
  context: CheckContext,
): Promise<Answered> {
  const parsed = check.spec.parse(spec);
  const observed = await check.observe(parsed, room.ports, context);
  if ('unmeasured' in observed) {
    return {
      verdict: { status: 'inconclusive', summary: observed.unmeasured, ...(observed.hint === undefined ? {} : { hint: observed.hint }) },
      observation: null,
    };
  }
  const text = JSON.stringify(observed.measured);
  if (text.includes(token)) throw new Error('the observation holds the token');
  // Through JSON and back, as the journal does it.
  const observation = JSON.parse(text) as Observation;
  const verdict = check.judge(observation, parsed, context);
  if (JSON.stringify(verdict).includes(token)) throw new Error('the verdict holds the token');
  return { verdict, observation };
}

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server that answers each path as the table says, and 404 elsewhere; closed after the file's tests. */
export async function startServer(routes: Readonly<Record<string, Handler>>): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => (routes[request.url ?? ''] ?? ((_, r) => r.writeHead(404).end()))(request, response, body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export const sendJson = (response: ServerResponse, json: unknown, status = 200, headers: Record<string, string> = {}): unknown =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));

/** A URL at which nobody listens. */
export async function freeUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}`;
}
