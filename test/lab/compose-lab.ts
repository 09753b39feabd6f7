// A practice deployment handed over to compose: the same router, in a container of its image, on the host's network so that it reaches
// the scripted upstream on loopback, and a routerctl.yaml that says so.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { packageImage } from '../../src/router/lab/package-image.js';
import { hostArchitecture } from '../../src/router/lab/package-release.js';
import type { DockerEngine } from '../parts/docker-engine.js';
import { bundledRouter, newCacheEntry, publish } from './compiled-router.js';
import type { Lab, PracticePackage } from './lab.js';
import { stopPlainRouter, untilReady } from './plain-router.js';

export interface ComposeLab {
  readonly directory: string;
  /** The file with the variables of the compose file. */
  readonly variables: string;
  readonly composeFile: string;
  /** What `docker compose` says in the project. */
  compose(...args: readonly string[]): string;
  /** Of the service's containers, running or not, in the given format. */
  containers(format: string): readonly string[];
  down(): void;
}

/** Path of an image file, built once for each version, defects and state of the sources; treat the file as read-only. */
export async function practiceImage({ version, architecture, defects = [] }: PracticePackage): Promise<string> {
  const programDirectory = await bundledRouter();
  const ready = join(programDirectory, '..', `image-${[version, architecture ?? 'host', ...[...defects].sort()].join('+')}`);
  if (!existsSync(ready)) {
    const directory = newCacheEntry();
    packageImage({ version, outDirectory: directory, defects, programDirectory, ...(architecture === undefined ? {} : { architecture }) });
    publish(directory, ready);
  }
  const images = join(ready, readdirSync(ready)[0] ?? '', 'images');
  return join(images, readdirSync(images)[0] ?? '');
}

export const tagOf = (version: string): string => `${version}-linux-${hostArchitecture()}`;

export async function runByCompose(lab: Lab, engine: DockerEngine, version = '1.0.0'): Promise<ComposeLab> {
  await stopPlainRouter(lab);
  engine.docker(['load', '--quiet', '--input', await practiceImage({ version })]);
  const directory = join(lab.home, 'compose');
  const [variables, composeFile] = [join(directory, '.env'), join(directory, 'compose.yaml')];
  mkdirSync(directory);
  writeFileSync(variables, `# The image that runs.\nREFERENCE_ROUTER_VERSION=${tagOf(version)}\nOTHER=kept\n`, { mode: 0o600 });
  // The pin of a plain deployment: here the image is the version.
  const environment = readFileSync(lab.paths.environment, 'utf8').replace(/^REFERENCE_ROUTER_VERSION=.*\n/m, '');
  writeFileSync(join(directory, 'router.env'), environment, { mode: 0o600 });
  writeFileSync(composeFile, composeText(lab));
  writeFileSync(lab.paths.targetConfig, asProject(readFileSync(lab.paths.targetConfig, 'utf8'), lab, engine.address));
  const compose = (...args: readonly string[]): string =>
    engine.docker(['compose', '--progress', 'quiet', '--project-directory', directory, ...args], directory);
  compose('up', '--detach');
  await untilReady(lab);
  return {
    directory,
    variables,
    composeFile,
    compose,
    containers: (format) =>
      engine
        .docker(['ps', '--all', '--filter', 'label=com.docker.compose.service=router', '--format', format])
        .split('\n')
        .filter((line) => line !== ''),
    down: () => void compose('down', '--timeout', '5'),
  };
}

const composeText = ({ paths, url }: Lab): string => `services:
  router:
    image: reference-router:\${REFERENCE_ROUTER_VERSION:?set REFERENCE_ROUTER_VERSION in .env}
    restart: unless-stopped
    network_mode: host
    command: ["serve", "--config", "${paths.config}"]
    env_file: [router.env]
    volumes: ["${paths.home}:${paths.home}"]
    stop_grace_period: 15s
    healthcheck:
      test: ["CMD", "/usr/local/bin/node", "-e", "fetch('${url}/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
      interval: 1s
      timeout: 3s
      retries: 3
      start_period: 20s
`;

interface Practice {
  readonly targets: { readonly lab: { readonly components: { readonly router: Record<string, unknown> }; [key: string]: unknown } };
}

function asProject(text: string, { paths }: Lab, engine: string): string {
  const config = parse(text) as Practice;
  const { router } = config.targets.lab.components;
  router['artifact'] = { kind: 'image', repository: 'reference-router' };
  router['deployment'] = {
    kind: 'compose',
    directory: join(paths.home, 'compose'),
    service: 'router',
    environmentFile: join(paths.home, 'compose', '.env'),
    engine,
    start: '20s',
  };
  return stringify(config);
}
