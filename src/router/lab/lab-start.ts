// Starts the two programs of a practice deployment, and waits until each of them is there.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './lab-error.js';
import type { LabLayout } from './lab-layout.js';
import { isRunning, startDetached } from './lab-process.js';
import type { LabRecord } from './lab-record.js';

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

/** @param port 0 for any that is free */
export async function startUpstream(layout: LabLayout, programDirectory: string, withinMs: number, port = 0): Promise<string> {
  // It is written anew once the upstream listens.
  rmSync(layout.upstreamPort, { force: true });
  const pid = startDetached({
    command: [process.execPath, join(programDirectory, 'lab', 'upstream-program.js'), String(port), layout.upstreamPort],
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
