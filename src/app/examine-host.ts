// What the host itself has to offer a run: places to write, a clock, a home for the guard, and nothing left half-done.
import { userInfo } from 'node:os';
import type { Plan } from '../core/plan.js';
import type { HostReadPorts } from '../core/ports/ports.js';
import { fail, pass, skip, type Verdict, warn } from '../core/verdict.js';
import { type Diagnosis, diagnose } from './diagnosis.js';
import type { Shell } from './shell.js';
import { refuseStart } from './start-run.js';

export async function examineHost(shell: Shell, plan: Plan): Promise<readonly Diagnosis[]> {
  const { target } = plan;
  const host = shell.ports(target.root).on(target.host);
  const rest = await Promise.all([
    diagnose('root', () => writable(host, target.root, 'lease and runs', 'run routerctl as the user who owns it, or as root')),
    diagnose('lease', () => {
      refuseStart(shell, { plan, overrides: [] });
      return pass('nobody holds the deployment, and nothing was left half-done');
    }),
    diagnose('runs', () => unfinished(shell, target.root)),
    diagnose('guard', () => guardsHome(shell, plan)),
  ]);
  return [...rest, ...(await examineState(shell))];
}

/** Of a router that is only asked: where the record of that would lie, and the clock that dates it. */
export async function examineState(shell: Shell): Promise<readonly Diagnosis[]> {
  const host = shell.ports(shell.stateDirectory).on('local');
  const hint = 'set ROUTERCTL_STATE to a directory that this user owns';
  return await Promise.all([
    diagnose('state', () => writable(host, shell.stateDirectory, 'the index of runs', hint)),
    diagnose('clock', () => clockOf(host)),
  ]);
}

async function writable({ files }: HostReadPorts, path: string, what: string, hint: string): Promise<Verdict> {
  return (await files.mayWrite(path))
    ? pass(`${path} takes ${what}`)
    : fail(`this user cannot write in ${path}, where ${what} would lie`, { hint });
}

/** The one whose lease is held or was left is told by the lease. */
function unfinished(shell: Shell, root: string): Verdict {
  const held = shell.leases.look(root)?.holder.runId;
  const open = shell.folders.beside(root).filter((folder) => folder.result() === null && folder.runId !== held);
  const [first] = open;
  if (first === undefined) return pass('every earlier run has ended');
  const name = shell.folders.nameOf(root, first.runId);
  return warn(`${open.length === 1 ? 'run' : `${open.length} runs, the newest`} ${first.runId} began and has no result`, {
    hint: `see how it stands: routerctl run show ${name}; then routerctl resume ${name}`,
  });
}

async function guardsHome(shell: Shell, { target }: Plan): Promise<Verdict> {
  const home = await shell.processes.guardHome(target.policy.guard);
  if (home === 'system') return pass("a guard would be a unit of the system's manager");
  if (home === 'user') return pass("a guard would be a unit of this user's manager, which lingers");
  const detached = 'a guard would be a detached process, which nobody starts again';
  if (home === 'session')
    return warn(`${detached}: the manager of this user ends with the last session`, {
      hint: `loginctl enable-linger ${userInfo().username}`,
    });
  return pass(
    target.policy.guard === 'process'
      ? 'a guard would be a detached process, as policy.guard says'
      : `${detached}: no systemd answers here`,
  );
}

async function clockOf({ system }: HostReadPorts): Promise<Verdict> {
  const kept = await system.clockIsKept();
  if (kept === null) return skip('nothing here can tell whether a time service keeps the clock');
  if (kept) return pass('a time service keeps the clock');
  return warn('no time service keeps the clock: windows, deadlines and report times may be wrong', {
    hint: 'timedatectl set-ntp true, or see why: timedatectl timesync-status',
  });
}
