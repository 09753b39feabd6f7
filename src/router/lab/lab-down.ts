// Stops a practice deployment: router first, then its upstream, each only if the pid file still names that very program.
// Files stay; a second call finds nothing to do.
import { resolve } from 'node:path';
import { labLayout } from './lab-layout.js';
import { stopByPidFile } from './lab-process.js';

export interface LabDownResult {
  readonly router: boolean;
  readonly upstream: boolean;
}

export async function labDown({
  home,
  patienceMs = 15_000,
}: {
  readonly home: string;
  readonly patienceMs?: number;
}): Promise<LabDownResult> {
  const layout = labLayout(resolve(home));
  const router = await stopByPidFile(layout.routerPid, layout.config, patienceMs);
  const upstream = await stopByPidFile(layout.upstreamPid, layout.upstreamPort, patienceMs);
  return { router, upstream };
}
