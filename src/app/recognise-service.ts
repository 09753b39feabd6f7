// Which service on this machine is the router: named by its unit, by its pid file, by the port of its URL, or found below a directory
// because it listens and answers like one. Looks only; what was tried is kept, so that finding nothing is an answer too.
import { RouterctlError } from '../core/errors.js';
import type { FoundProcess, FoundUnit } from '../core/ports/discovery.js';
import type { ReadPorts } from '../core/ports/ports.js';
import { composeFileIn, refuseCompose } from './recognise-compose.js';
import { type RecognisedProduct, recogniseProduct } from './recognise-product.js';
import type { Shell } from './shell.js';
import { isLoopback } from './url-target.js';

export interface ServiceQuestion {
  /** Checked; null where none was given. */
  readonly url: URL | null;
  readonly unit: string | null;
  readonly pidFile: string | null;
  /** Absolute directory of a compose project. */
  readonly compose: string | null;
  /** Absolute; where nothing else is named, what runs below it is looked at. */
  readonly below: string;
}

export interface ServiceCandidate {
  readonly process: FoundProcess | null;
  readonly unit: FoundUnit | null;
  /** Without a slash at its end; null where nothing tells it. */
  readonly url: string | null;
  readonly product: RecognisedProduct | null;
  readonly how: string;
}

export interface Candidates {
  readonly found: readonly ServiceCandidate[];
  /** One line each, for the case that nothing was found. */
  readonly tried: readonly string[];
}

/** Throws ROUTER_NOT_FOUND for a unit or process that was named and is not there, FILE_MISSING, FILE_UNREADABLE. */
export async function recogniseService(shell: Shell, question: ServiceQuestion): Promise<Candidates> {
  const { url, unit, pidFile, compose } = question;
  if (compose !== null) return await refuseCompose(compose, readsOf(shell).files);
  if (unit !== null) return { found: [await ofUnit(shell, unit, url)], tried: [] };
  if (pidFile !== null) return { found: [await ofPidFile(shell, pidFile, url)], tried: [] };
  return url === null ? await below(shell, question.below) : await behind(shell, url);
}

async function ofUnit(shell: Shell, given: string, url: URL | null): Promise<ServiceCandidate> {
  const name = /\.\w+$/.test(given) ? given : `${given}.service`;
  const unit = await shell.discovery.unit(name);
  if (unit === null)
    throw new RouterctlError('ROUTER_NOT_FOUND', `no manager of systemd that answers here knows the unit ${name}`, {
      hint: `see what runs: systemctl list-units --type=service; for one of the user: systemctl --user list-units`,
    });
  const process = unit.mainPid === 0 ? null : await shell.discovery.process(unit.mainPid);
  return await asked(shell, { process, unit, how: `the unit ${unit.unit} was named` }, url);
}

async function ofPidFile(shell: Shell, path: string, url: URL | null): Promise<ServiceCandidate> {
  const text = (await readsOf(shell).files.readText(path, { maxBytes: 4096 })).trim();
  const process = /^\d+$/.test(text) ? await shell.discovery.process(Number(text)) : null;
  if (process === null)
    throw new RouterctlError('ROUTER_NOT_FOUND', `${path} names no process that runs`, {
      hint: 'start the router, or point to it otherwise: --url http://127.0.0.1:4000',
    });
  return await asked(shell, { process, unit: await shell.discovery.unitOf(process.pid), how: `${path} holds its pid` }, url);
}

async function behind(shell: Shell, url: URL): Promise<Candidates> {
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
  const product = await recogniseProduct(url.href, ports(shell));
  const isHere = isLoopback(url.hostname);
  const listening = isHere ? await shell.discovery.listening(port) : [];
  const found = await Promise.all(
    listening.map(async (process) => ({
      process,
      unit: await shell.discovery.unitOf(process.pid),
      url: withoutSlash(url.href),
      product,
      how: `it listens on port ${port}`,
    })),
  );
  const tried = [
    product === null ? `${url.origin}: nothing there answers like a router` : `${url.origin}: ${product.product}`,
    isHere ? `processes of this machine that listen on port ${port}` : `no process: ${url.hostname} is not this machine`,
  ];
  if (found.length > 0 || product === null) return { found: product === null ? [] : found, tried };
  return { found: [{ process: null, unit: null, url: withoutSlash(url.href), product, how: 'its URL was given' }], tried };
}

async function below(shell: Shell, directory: string): Promise<Candidates> {
  const isBelow = (path: string | null): boolean => path === directory || path?.startsWith(`${directory}/`) === true;
  const all = await shell.discovery.listening(null);
  const near = all.filter(({ program, directory: at }) => isBelow(program) || isBelow(at));
  const how = `it runs below ${directory} and listens`;
  const found = await Promise.all(
    near.map(async (process) => await asked(shell, { process, unit: await shell.discovery.unitOf(process.pid), how }, null)),
  );
  const project = await composeFileIn(directory, readsOf(shell).files);
  const tried = [
    ...(project === null ? [] : [`${project}: a compose project, which init cannot describe yet`]),
    `processes that listen, with their program or working directory below ${directory}: ${near.length} of ${all.length}`,
    ...found.filter(({ product }) => product === null).map(({ process }) => `pid ${process?.pid ?? 0}: does not answer like a router`),
  ];
  return { found: found.filter(({ product }) => product !== null), tried };
}

/** The first of its addresses that answers like a router, else the first one. */
async function asked(
  shell: Shell,
  service: Pick<ServiceCandidate, 'process' | 'unit' | 'how'>,
  given: URL | null,
): Promise<ServiceCandidate> {
  const urls =
    given === null ? (service.process?.listens ?? []).map(({ host, port }) => `http://${host}:${port}`) : [withoutSlash(given.href)];
  for (const url of urls) {
    const product = await recogniseProduct(url, ports(shell));
    if (product !== null) return { ...service, url, product };
  }
  return { ...service, url: urls[0] ?? null, product: null };
}

const ports = (shell: Shell): ReadPorts => shell.ports(shell.stateDirectory);

const readsOf = (shell: Shell) => ports(shell).on('local');

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
