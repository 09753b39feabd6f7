// A small compose project on a real engine for the tests of changes and checks: a router-like program in an image of its own, in as many
// versions and with as many faults as a test needs.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChangeContext } from '../../src/core/change.js';
import type { Ports } from '../../src/core/ports/ports.js';
import { type Target, targetSpec } from '../../src/core/target.js';
import { freePort } from '../../src/router/lab/free-port.js';
import { writeImage } from '../../src/router/lab/image-archive.js';
import { hostArchitecture } from '../../src/router/lab/package-release.js';
import { nodeInImage, runtimeFiles } from '../../src/router/lab/runtime-files.js';
import { bundledRouter, newCacheEntry, publish } from '../lab/compiled-router.js';
import type { DockerEngine } from '../parts/docker-engine.js';
import { profile, realPorts } from './real-deployment.js';

/** What the program does beside answering `version`; of `nothing` there is no program, and the image is small and cannot run. */
export type Behaviour = 'serves' | 'ends' | 'ready-once' | 'unhealthy' | 'silent' | 'stubborn' | 'nothing';

export interface SmallImage {
  readonly file: string;
  readonly imageId: string;
  readonly name: string;
}

/** Written once for each version and behaviour; treat the file as read-only. */
export async function smallImage(version: string, behaviour: Behaviour = 'serves', architecture = hostArchitecture()): Promise<SmallImage> {
  const ready = join(await bundledRouter(), '..', `small-image-${version}-${behaviour}-${architecture}`);
  if (!existsSync(ready)) {
    const directory = newCacheEntry();
    const time = new Date('2026-01-01T00:00:00Z');
    const image = writeImage(join(directory, 'small.tar'), {
      reference: `small:${version}`,
      architecture,
      created: time,
      layers: [
        ...(behaviour === 'nothing' ? [] : [{ files: runtimeFiles([]), directories: { 'tmp/': 0o1777 }, time }]),
        { files: [{ path: 'small.cjs', content: Buffer.from(program(version, behaviour)), executable: false }], directories: {}, time },
      ],
      config: {
        Entrypoint: [nodeInImage, '/small.cjs'],
        Labels: { 'org.opencontainers.image.version': version },
        StopSignal: 'SIGTERM',
      },
    });
    writeFileSync(join(directory, 'id'), image.imageId);
    publish(directory, ready);
  }
  return { file: join(ready, 'small.tar'), imageId: readFileSync(join(ready, 'id'), 'utf8'), name: `small:${version}` };
}

const program = (version: string, behaviour: Behaviour): string => `
console.error('version ${version} begins');
const behaviour = '${behaviour}';
if (behaviour === 'ends') { console.error('cannot read the license'); process.exit(3); }
const server = require('node:http').createServer((request, response) => {
  if (behaviour === 'unhealthy' && request.url === '/healthz') { response.statusCode = 500; response.end(); return; }
  if (behaviour === 'silent') { response.statusCode = 503; response.end(); return; }
  response.end('${version}', () => { if (behaviour === 'ready-once') { console.error('cannot read the license'); setTimeout(() => process.exit(3), 30); } });
});
server.keepAliveTimeout = 50;
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => behaviour === 'stubborn' || process.exit(0));
`;

export class ComposeDeployment {
  readonly root: string;
  readonly ports: Ports;
  readonly target: Target;
  readonly port: number;
  readonly engine: DockerEngine;

  private constructor(engine: DockerEngine, root: string, target: Target, port: number) {
    this.engine = engine;
    this.root = root;
    this.ports = realPorts(root);
    this.target = target;
    this.port = port;
  }

  /** Not started, its containers are made and no more, of an image that cannot run. */
  static async make(engine: DockerEngine, { isStarted = true }: { readonly isStarted?: boolean } = {}): Promise<ComposeDeployment> {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'c-')));
    mkdirSync(join(root, 'run/undo'), { recursive: true });
    const port = await freePort();
    writeFileSync(join(root, '.env'), `# which one runs\nSMALL_VERSION=1.0.0\nKEPT=yes\n`);
    writeFileSync(join(root, 'compose.yaml'), composeText(port));
    const spec = targetSpec.parse({
      profile: 'small',
      environment: 'lab',
      root,
      components: {
        router: {
          url: `http://127.0.0.1:${port}`,
          artifact: { kind: 'image', repository: 'small' },
          deployment: {
            kind: 'compose',
            directory: root,
            files: [join(root, 'compose.yaml')],
            service: 'router',
            environmentFile: join(root, '.env'),
            engine: engine.address,
            start: '20s',
          },
        },
      },
    });
    const made = new ComposeDeployment(engine, root, { ...spec, name: 'small' }, port);
    engine.docker(['load', '--quiet', '--input', (await smallImage('1.0.0', isStarted ? 'serves' : 'nothing')).file]);
    if (isStarted) await made.begin();
    else made.compose('up', '--no-start');
    return made;
  }

  compose(...args: readonly string[]): string {
    return this.engine.docker(['compose', '--progress', 'quiet', '--project-directory', this.root, ...args], this.root);
  }

  containers(format = '{{.Names}} {{.Image}} {{.State}}'): readonly string[] {
    const label = `label=com.docker.compose.project.working_dir=${this.root}`;
    return this.engine.docker(['ps', '--all', '--no-trunc', '--filter', label, '--format', format]).split('\n').filter(Boolean);
  }

  /** Version 1.0.0 serves, in a container that nothing has touched since. */
  async begin(): Promise<void> {
    this.setVersion('1.0.0');
    this.compose('up', '--detach', '--remove-orphans');
    await this.served('1.0.0');
  }

  setVersion(version: string): void {
    const file = join(this.root, '.env');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/SMALL_VERSION=.*/, `SMALL_VERSION=${version}`));
  }

  async answer(): Promise<string> {
    return await fetch(`http://127.0.0.1:${this.port}/`).then(
      (answer) => answer.text(),
      () => '',
    );
  }

  async served(version: string): Promise<void> {
    for (let tries = 0; (await this.answer()) !== version; tries += 1) {
      if (tries === 200) throw new Error(`${version} does not serve: ${this.containers().join(', ')}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  context(stepId = 'step', rest: Partial<ChangeContext> = {}): ChangeContext {
    const component = this.target.components['router'];
    if (component === undefined) throw new Error('no router');
    const undoDirectory = join(this.root, 'run/undo', stepId);
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

  stop(): void {
    this.compose('down', '--timeout', '1');
    rmSync(this.root, { recursive: true });
  }
}

const composeText = (port: number): string => `services:
  router:
    image: small:\${SMALL_VERSION:?set SMALL_VERSION in .env}
    network_mode: host
    restart: unless-stopped
    environment: { PORT: "${port}" }
    stop_grace_period: 2s
    healthcheck:
      test: ["CMD", "${nodeInImage}", "-e", "fetch('http://127.0.0.1:${port}/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
      interval: 500ms
      timeout: 3s
      retries: 2
`;
