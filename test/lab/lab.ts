// A complete practice deployment for a test: real packages, a real router process, a scripted upstream, all below a directory of its own.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Defect } from '../../src/router/defects.js';
import { labDown } from '../../src/router/lab/lab-down.js';
import type { LabLayout } from '../../src/router/lab/lab-layout.js';
import { startRouter } from '../../src/router/lab/lab-start.js';
import { labUp } from '../../src/router/lab/lab-up.js';
import { type Architecture, packageRelease } from '../../src/router/lab/package-release.js';
import type { ControlledFault, UpstreamFault } from '../../src/router/lab/upstream-faults.js';
import { bundledRouter, newCacheEntry, publish } from './compiled-router.js';

export interface LabOptions {
  /** Installed and started; 1.0.0 when left out. */
  readonly version?: string;
  readonly defects?: readonly Defect[];
  /** A directory that the caller owns; a temporary one, removed by `stop`, when left out. */
  readonly home?: string;
}

export interface PracticePackage {
  readonly version: string;
  readonly architecture?: Architecture;
  readonly defects?: readonly Defect[];
}

export interface Lab {
  readonly home: string;
  readonly url: string;
  readonly upstreamUrl: string;
  readonly models: readonly string[];
  /** Of the one caller; it may use every model. */
  readonly token: string;
  readonly paths: LabLayout;
  /** Pid of the router as its pid file names it now. */
  routerPid(): number;
  /** Starts the router again, as its operator would, after something stopped it; resolves when it is ready. */
  startRouter(): Promise<void>;
  /** What the scripted upstream does wrong from now on; none by default. */
  setFaults(faults: readonly (ControlledFault & UpstreamFault)[]): Promise<void>;
  upstreamCounters(): Promise<{ readonly requests: number; readonly inFlight: number; readonly canceled: number }>;
  /** Stops router and upstream; the directory goes too when the lab made it. */
  stop(): Promise<void>;
}

/** Path of a package, built once for each version, defects and state of the sources; treat the file as read-only. */
export async function practicePackage({ version, architecture, defects = [] }: PracticePackage): Promise<string> {
  const programDirectory = await bundledRouter();
  const key = [version, architecture ?? 'host', ...[...defects].sort()].join('+');
  const ready = join(programDirectory, '..', `package-${key}`);
  const name = `reference-router-${version}-linux-${architecture ?? (process.arch === 'arm64' ? 'arm64' : 'amd64')}.tar.gz`;
  if (!existsSync(ready)) {
    const directory = newCacheEntry();
    packageRelease({
      version,
      outDirectory: directory,
      defects,
      programDirectory,
      ...(architecture === undefined ? {} : { architecture }),
    });
    publish(directory, ready);
  }
  return join(ready, name);
}

export async function startLab({ version = '1.0.0', defects = [], home }: LabOptions = {}): Promise<Lab> {
  const directory = home ?? mkdtempSync(join(tmpdir(), 'routerctl-lab-'));
  const [programDirectory, packageFile] = await Promise.all([bundledRouter(), practicePackage({ version, defects })]);
  const record = await labUp({ home: directory, version, packageFile, programDirectory });
  const { url, upstreamUrl, models, paths } = record;
  const token = readFileSync(paths.callerToken, 'utf8').trim();
  return {
    home: paths.home,
    url,
    upstreamUrl,
    models,
    token,
    paths,
    routerPid: () => Number(readFileSync(paths.routerPid, 'utf8')),
    startRouter: async () => startRouter(record, 15_000),
    setFaults: async (faults) => {
      await fetch(`${upstreamUrl}/control`, { method: 'POST', body: JSON.stringify({ faults }) });
    },
    upstreamCounters: async () => (await (await fetch(`${upstreamUrl}/control`)).json()) as Awaited<ReturnType<Lab['upstreamCounters']>>,
    stop: async () => {
      await labDown({ home: directory, patienceMs: 5000 });
      if (home === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}
