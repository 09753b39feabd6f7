// The guard: watches over the process that executes a run, and finishes the work when that process is provably dead or late.
import { RouterctlError } from '../core/errors.js';
import type { LeaseHolder } from '../core/ports/lease.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import { stateOf } from '../engine/fold-event.js';
import { lateMs } from '../engine/judgement.js';
import { executeRun } from './execute-run.js';
import { eventsOf } from './run-events.js';
import type { Shell } from './shell.js';
import { notifierEnded } from './start-notifier.js';

const WATCH_EVERY_MS = 200;
/** What the runner gets to order the rollback by itself once the deadline has passed. */
const GRACE_MS = 30_000;
/** Of the start times in /proc, the same on every Linux that we run on (USER_HZ). */
const MS_PER_TICK = 10;
/** What a rollback may take after the deadline before even it is ended and begun anew by the guard. */
const ROLLBACK_LIMIT_MS = 15 * 60_000;

/** Returns when the run has ended, by whomever. */
export async function guardRun(shell: Shell, folder: RunFolder): Promise<void> {
  const { root } = folder.plan().target;
  // Everything that a rollback needs is in memory from here on, whatever happens to the installation meanwhile.
  await shell.catalogue();
  for (;;) {
    const seen = shell.leases.look(root);
    const mine = seen?.holder.runId === folder.runId;
    if (isOver(shell, folder) && !(mine && seen?.alive === true)) return;
    if (seen !== null && !mine && seen.alive) return;
    if (seen !== null && mine && seen.alive) {
      await endIfLate(shell, folder, seen.holder);
      await shell.clock.sleep(WATCH_EVERY_MS);
      continue;
    }
    const reason = seen === null ? 'nobody holds the run any more' : `pid ${seen.holder.pid} is dead`;
    try {
      await executeRun(shell, folder, { by: 'guard', reason });
      await notifierEnded(shell, folder);
      return;
    } catch (error) {
      if (!(error instanceof RouterctlError) || (error.code !== 'LEASE_HELD' && error.code !== 'LEASE_LOST')) throw error;
    }
  }
}

/** The result must speak of the journal's last event: a run that was opened again has more to come. */
function isOver(shell: Shell, folder: RunFolder): boolean {
  const result = folder.result();
  if (result === null) return false;
  return eventsOf(shell, folder, result.lastSeq).length === 0;
}

async function endIfLate(shell: Shell, folder: RunFolder, holder: LeaseHolder): Promise<void> {
  const state = stateOf(folder.plan(), eventsOf(shell, folder));
  const { clock } = shell;
  const now = { nowMs: clock.nowMs(), bootMs: clock.bootMs(), bootId: clock.bootId() };
  const passed = state.deadline === null ? 0 : lateMs(state.deadline, now);
  // Whoever takes a run up after its deadline gets the same time for its work, counted from then: by the boot clock, which nobody can set.
  const late = Math.min(passed, now.bootMs - holder.startTicks * MS_PER_TICK);
  const allowedMs = state.rollback === null ? GRACE_MS : ROLLBACK_LIMIT_MS;
  const hold = state.hold;
  const waiting = hold !== null && lateMs({ atMs: hold.untilMs, bootId: hold.bootId, bootMs: hold.untilBootMs }, now) < GRACE_MS;
  if (state.finished !== null || waiting || late < allowedMs) return;
  shell.processes.signal(holder, 'SIGKILL');
  while (shell.processes.isAlive(holder)) await shell.clock.sleep(WATCH_EVERY_MS / 10);
}
