// Where a run that has no result stands: what its journal says last, and whether anybody drives it.
import { existsSync } from 'node:fs';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { EventOf, RunEvent } from '../core/run-event.js';
import { eventsOf } from './run-events.js';
import type { Shell } from './shell.js';

/** `awaits-guard`: its driver is dead, and a guard that may take over is there. `interrupted`: nobody comes by himself. */
export type OpenStanding = 'never-began' | 'running' | 'held' | 'awaits-guard' | 'interrupted';

export function openStanding(shell: Shell, folder: RunFolder): OpenStanding {
  if (!existsSync(folder.journalPath)) return 'never-began';
  const events = eventsOf(shell, folder);
  if (isDriven(shell, folder, folder.plan().target.root)) return isHeld(events) ? 'held' : 'running';
  return guardMayCome(shell, events) ? 'awaits-guard' : 'interrupted';
}

/** Somebody holds the lease for this very run, and lives. */
export function isDriven(shell: Shell, folder: RunFolder, root: string): boolean {
  const held = shell.leases.look(root);
  return held?.alive === true && held.holder.runId === folder.runId;
}

/** A dead unit of systemd is started again; a dead process stays dead. */
export function guardMayCome(shell: Shell, events: readonly RunEvent[]): boolean {
  const guard = events.findLast((event): event is EventOf<'guard-armed'> => event.type === 'guard-armed');
  return guard !== undefined && (guard.data.by === 'systemd' || shell.processes.isAlive(guard.data));
}

const endsHold: ReadonlySet<RunEvent['type']> = new Set(['hold-ended', 'rollback-ordered', 'run-finished']);

const isHeld = (events: readonly RunEvent[]): boolean =>
  events.findLast(({ type }) => type === 'hold-started' || endsHold.has(type))?.type === 'hold-started';
