// Builds and starts a complete practice deployment below one directory: packages, one installed version, config, secrets,
// keys, a scripted upstream and the router. Kept whole here, so that one reading shows all that a deployment consists of.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { freePort } from './free-port.js';
import { type LabUpOptions, labAgain } from './lab-again.js';
import { labDown } from './lab-down.js';
import { LabError } from './lab-error.js';
import { labAdministrator, labModels, writeLabFiles } from './lab-files.js';
import { type LabLayout, labDirectories, labLayout } from './lab-layout.js';
import type { LabRecord } from './lab-record.js';
import { startRouter, startUpstream } from './lab-start.js';
import { ownProgramDirectory } from './own-program.js';
import { unpackTarGz } from './package-archive.js';
import { packageRelease } from './package-release.js';

/** Makes a deployment, or starts one again that is there and does not run. @throws LabError */
export async function labUp(options: LabUpOptions): Promise<LabRecord> {
  const home = resolve(options.home);
  const layout = labLayout(home);
  const { version = '1.0.0', readyWithinMs = 15_000, programDirectory = ownProgramDirectory } = options;
  if (existsSync(layout.record)) return labAgain(layout, options);
  takeHome(layout);
  try {
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

function takeHome({ home }: LabLayout): void {
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
