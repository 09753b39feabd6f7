// The router of a practice deployment as `lab up` starts it, stopped so that something else may run it.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { procStat } from '../../src/adapters/proc.js';
import type { Lab } from './lab.js';

export async function stopPlainRouter(lab: Lab): Promise<void> {
  const pid = lab.routerPid();
  process.kill(pid, 'SIGTERM');
  while (procStat(pid) !== null) await sleep(10);
  // Its number may be given to anybody.
  writeFileSync(lab.paths.routerPid, '');
}

export async function untilReady({ url }: Lab): Promise<void> {
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) await sleep(20);
}
