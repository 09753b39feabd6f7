// The first contact with a deployment: recognises what runs and describes it as a config. Nothing is written, started or stopped here.
import { dirname } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { FoundProcess } from '../core/ports/discovery.js';
import {
  type FoundFile,
  type FoundFiles,
  type Looking,
  recogniseEnvironment,
  recogniseFiles,
  recognisePidFile,
} from './recognise-files.js';
import { type Layout, recogniseLayout } from './recognise-layout.js';
import { profileFor } from './recognise-product.js';
import { recogniseService, type ServiceCandidate, type ServiceQuestion } from './recognise-service.js';
import type { Shell } from './shell.js';

export interface FirstContactRequest extends ServiceQuestion {
  /** The deployment's own directory, absolute; null lets it be told from the layout. */
  readonly root: string | null;
  /** Where the config will lie: the root of a router that is known by nothing but its URL. */
  readonly configDirectory: string;
  /** Words of the command that asks, so that the one that chooses can be said whole. */
  readonly again: readonly string[];
  /** Asks which one is meant; null where nobody can be asked. */
  choose(candidates: readonly ServiceCandidate[]): Promise<ServiceCandidate | null>;
}

export interface Recognised {
  readonly service: ServiceCandidate;
  readonly profile: string;
  readonly root: string;
  readonly layout: Layout | null;
  readonly files: FoundFiles;
  readonly environmentFile: FoundFile | null;
  readonly pidFile: FoundFile | null;
  readonly log: string | null;
  /** argv of a plain process, through the link to the version in use; null where it must not be written down, or is not known. */
  readonly command: readonly string[] | null;
  readonly directory: string;
  /** What a person has to know before a change is made with this, one line each. */
  readonly notes: readonly string[];
}

/** Throws ROUTER_NOT_FOUND, ROUTER_AMBIGUOUS, and what `recogniseService` throws. */
export async function firstContact(shell: Shell, request: FirstContactRequest): Promise<Recognised> {
  const service = await theOne(await recogniseService(shell, request), request);
  const { process, unit } = service;
  const { files } = shell.ports(shell.stateDirectory).on('local');
  const looking: Looking = { discovery: shell.discovery, files };
  const argv = unit?.argv ?? process?.argv ?? [];
  const program = process?.program ?? (unit?.program == null ? null : await files.realPath(unit.program));
  const layout = program === null ? null : await recogniseLayout(program, files);
  const directory = unit?.directory ?? process?.directory ?? '/';
  const found = await recogniseFiles(argv, process, directory, looking);
  const root = request.root ?? rootOf(layout, found, directory, process === null && unit === null ? request.configDirectory : null);
  const near = [directory, root, ...(found.config === null ? [] : [dirname(found.config.path)])].filter((path) => path !== '/');
  const plain = unit === null && process !== null ? await plainProcess(process, near, looking) : null;
  const environmentFile = unit === null ? (plain?.environment.file ?? null) : namedByUnit(unit.environmentFiles);
  const command = plain === null || process === null ? null : commandOf(shell, process, layout);
  return {
    service,
    profile: await profileFor(shell.shelf, service.product),
    root,
    layout,
    files: found,
    environmentFile,
    pidFile: plain?.pidFile ?? null,
    log: process?.output ?? null,
    command,
    directory,
    notes: [
      ...productNotes(service),
      ...(program === null ? [] : layoutNotes(layout, program)),
      ...(plain === null || process === null ? [] : processNotes(process, plain, command)),
      ...(unit !== null && unit.environmentFiles.length > 1
        ? [`the unit names ${unit.environmentFiles.length} environment files; the last one is taken`]
        : []),
    ],
  };
}

async function theOne(
  { found, tried }: Awaited<ReturnType<typeof recogniseService>>,
  request: FirstContactRequest,
): Promise<ServiceCandidate> {
  const [first, ...others] = found;
  if (first === undefined)
    throw new RouterctlError('ROUTER_NOT_FOUND', 'no router was recognised', {
      details: tried.map((line) => `tried ${line}`),
      hint: 'say where it is: routerctl init --url http://127.0.0.1:4000, --unit NAME, or --pid-file FILE',
    });
  if (others.length === 0) return first;
  const chosen = await request.choose(found);
  if (chosen !== null) return chosen;
  throw new RouterctlError('ROUTER_AMBIGUOUS', `${found.length} routers run here`, {
    details: found.map((candidate) => `${describe(candidate)}: ${[...request.again, flagOf(candidate)].join(' ')}`),
    hint: 'choose one with the command beside it',
  });
}

export function describe({ process, unit, url, product }: ServiceCandidate): string {
  const what = unit === null ? `process ${process?.pid ?? ''}` : `unit ${unit.unit}`;
  const version = product?.version ?? null;
  return [what, url, product === null ? null : `${product.product}${version === null ? '' : ` ${version}`}`]
    .filter((word) => word !== null)
    .join(', ');
}

const flagOf = ({ unit, url }: ServiceCandidate): string => (unit === null ? `--url ${url ?? ''}` : `--unit ${unit.unit}`);

function rootOf(layout: Layout | null, { config }: FoundFiles, directory: string, urlOnly: string | null): string {
  if (urlOnly !== null) return urlOnly;
  if (layout !== null) return dirname(layout.versions);
  if (directory !== '/') return directory;
  return config === null ? '/' : dirname(config.path);
}

const namedByUnit = (paths: readonly string[]): FoundFile | null => {
  const path = paths.at(-1);
  return path === undefined ? null : { path, how: 'EnvironmentFile= of the unit' };
};

interface PlainProcess {
  readonly environment: Awaited<ReturnType<typeof recogniseEnvironment>>;
  readonly pidFile: FoundFile | null;
}

async function plainProcess(process: FoundProcess, near: readonly string[], looking: Looking): Promise<PlainProcess> {
  const environment = await recogniseEnvironment(process, near, looking);
  const pidFile = await recognisePidFile(
    process.pid,
    near.flatMap((path) => [path, `${path}/run`]),
    looking.files,
  );
  return { environment, pidFile };
}

/** null where an argument is, or looks like, a secret: a config holds references only. */
function commandOf({ redactor }: Shell, { argv, program }: FoundProcess, layout: Layout | null): readonly string[] | null {
  const index = argv.findIndex((word) => program !== null && sameProgram(word, program));
  if (argv.length === 0 || redactor.ranges(argv.join(' ')).length > 0) return null;
  if (argv.some((word) => redactor.ranges(word).length > 0)) return null;
  if (index === -1 || layout === null || layout.current === null) return argv;
  return [...argv.slice(0, index), `${layout.current}/bin/${layout.program}`, ...argv.slice(index + 1)];
}

const sameProgram = (word: string, program: string): boolean => word === program || word.split('/').at(-1) === program.split('/').at(-1);

function productNotes({ url, product }: ServiceCandidate): readonly string[] {
  if (url === null) return ['nothing listens: no URL is known, and the profile is a guess; add `url` when the router runs'];
  return product === null ? [`${url} does not answer like a router: the profile is a guess`] : [];
}

function layoutNotes(layout: Layout | null, program: string): readonly string[] {
  if (layout === null) return [`${program} does not lie in versions/VERSION/bin: without that layout there is no upgrade by package`];
  if (layout.current === null) return [`no link to ${layout.versions}/${layout.version} was found: an upgrade moves such a link`];
  return [];
}

function processNotes(
  { pid, environmentNames }: FoundProcess,
  { environment, pidFile }: PlainProcess,
  command: readonly string[] | null,
): readonly string[] {
  const notes: string[] = [];
  if (command === null)
    notes.push('its arguments hold what looks like a secret: they were not written down; hand it over in a file instead');
  if (pidFile === null) notes.push(`no pid file holds ${pid}: routerctl finds the process only when deployment.pidFile does`);
  if (environmentNames === null) notes.push('this user may not see its environment: name deployment.environmentFile yourself');
  if (environment.unheld.length > 0)
    notes.push(`started with variables that no environment file holds, which a restart would lose: ${environment.unheld.join(', ')}`);
  return notes;
}
