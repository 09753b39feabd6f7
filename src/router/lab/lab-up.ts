// Builds and starts a complete practice deployment below one directory: packages, one installed version, config, secrets,
// keys, a scripted upstream and the router. Kept whole here, so that one reading shows all that a deployment consists of.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';
import { labDown } from './lab-down.js';
import { LabError } from './lab-error.js';
import { labAdministrator, labModels, writeLabFiles } from './lab-files.js';
import { type LabLayout, labDirectories, labLayout } from './lab-layout.js';
import { isRunning, startDetached } from './lab-process.js';
import type { LabRecord } from './lab-record.js';
import { unpackTarGz } from './package-archive.js';
import { packageRelease } from './package-release.js';

export interface LabUpOptions {
  readonly home: string;
  readonly version?: string;
  /** Package to install instead of one that is made now. */
  readonly packageFile?: string;
  /** Directory of the compiled router; the one that this code runs from when left out. */
  readonly programDirectory?: string;
  readonly readyWithinMs?: number;
}

export async function labUp(options: LabUpOptions): Promise<LabRecord> {
  const home = resolve(options.home);
  const layout = labLayout(home);
  const { version = '1.0.0', readyWithinMs = 15_000 } = options;
  takeHome(layout);
  try {
    const programDirectory = options.programDirectory ?? fileURLToPath(new URL('..', import.meta.url));
    const archive =
      options.packageFile === undefined
        ? packageRelease({ version, outDirectory: layout.packages, programDirectory }).file
        : copyInto(layout.packages, options.packageFile);
    unpackTarGz(archive, join(layout.versions, version));
    symlinkSync(join('versions', version), layout.current);
    const upstreamUrl = await startUpstream(layout, programDirectory, readyWithinMs);
    const routerPort = await freePort();
    await writeLabFiles({ layout, version, routerPort, upstreamUrl });
    const url = `http://127.0.0.1:${routerPort}`;
    const reports = { reportsUrl: `${url}/admin/reports/`, administrator: labAdministrator };
    const record: LabRecord = { version, url, upstreamUrl, models: [...labModels], ...reports, paths: layout };
    writeFileSync(layout.record, `${JSON.stringify(record, null, 2)}\n`);
    await startRouter(record, readyWithinMs);
    return record;
  } catch (error) {
    await labDown({ home, patienceMs: 1000 });
    rmSync(layout.record, { force: true });
    throw error;
  }
}

export async function startRouter({ paths, url }: LabRecord, readyWithinMs: number): Promise<void> {
  const pid = startDetached({
    command: [paths.program, 'serve', '--config', paths.config],
    directory: paths.home,
    environmentFile: paths.environment,
    pidFile: paths.routerPid,
    log: paths.routerLog,
  });
  const ready = async (): Promise<boolean> => {
    if (!isRunning(pid)) throw new LabError('UNREACHABLE', 'the router ended instead of becoming ready', `read ${paths.routerLog}`);
    return fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  await waitUntil(ready, readyWithinMs, `the router at ${url} did not become ready`, paths.routerLog);
}

function takeHome(layout: LabLayout): void {
  const { home, record } = layout;
  if (existsSync(record))
    throw new LabError(
      'FILE_EXISTS',
      `${home} already holds a practice deployment`,
      `stop it with: routerctl lab down --home ${home}, then choose an empty directory`,
    );
  if (existsSync(home) && !statSync(home).isDirectory())
    throw new LabError('FILE_EXISTS', `${home} is not a directory`, 'choose a new or empty directory');
  if (existsSync(home) && readdirSync(home).length > 0)
    throw new LabError('FILE_EXISTS', `${home} is not empty`, 'choose a new or empty directory');
  for (const directory of labDirectories(home)) mkdirSync(directory, { recursive: true, mode: 0o700 });
}

function copyInto(directory: string, file: string): string {
  const copy = join(directory, basename(file));
  copyFileSync(file, copy);
  return copy;
}

async function startUpstream(layout: LabLayout, programDirectory: string, withinMs: number): Promise<string> {
  const pid = startDetached({
    command: [process.execPath, join(programDirectory, 'lab', 'upstream-program.js'), '0', layout.upstreamPort],
    directory: layout.home,
    environmentFile: null,
    pidFile: layout.upstreamPid,
    log: layout.upstreamLog,
  });
  const listening = (): Promise<boolean> => {
    if (!isRunning(pid)) throw new LabError('UNREACHABLE', 'the scripted upstream ended at once', `read ${layout.upstreamLog}`);
    return Promise.resolve(existsSync(layout.upstreamPort));
  };
  await waitUntil(listening, withinMs, 'the scripted upstream did not start', layout.upstreamLog);
  return `http://127.0.0.1:${readFileSync(layout.upstreamPort, 'utf8').trim()}`;
}

async function waitUntil(holds: () => Promise<boolean>, withinMs: number, otherwise: string, log: string): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new LabError('UNREACHABLE', otherwise, `read ${log}`);
    await sleep(10);
  }
}
