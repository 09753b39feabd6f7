// Ends a recorded process group completely, also from another process after the one that started it has died.
import { RouterctlError } from '../core/errors.js';
import { ownUser } from '../core/own-user.js';
import { errno } from './durable-file.js';
import { procIds, procOwner, procStat } from './proc.js';
import { userName } from './refused-access.js';

/** What a process that does not end at once gets, in case that it is about to end by itself. */
const PATIENCE_MS = 5000;

export interface ProcessGroup {
  readonly pgid: number;
  /** Of the leader, which tells the group from a later one of the same number. */
  readonly startTicks: number;
}

/** Live members, zombies left out. */
export function membersOf(group: ProcessGroup): readonly number[] {
  const leader = procStat(group.pgid);
  // The number of a group is not given to a new process while a member lives; a later leader means that ours is gone.
  if (leader !== null && leader.startTicks !== group.startTicks) return [];
  return procIds().filter((pid) => {
    const facts = procStat(pid);
    return facts !== null && facts.group === group.pgid && facts.startTicks >= group.startTicks;
  });
}

/**
 * Resolves when no member lives; called again by a successor it finds nothing and resolves at once. Throws HOOK_ALIVE when for a
 * while nobody was left but processes that this user may not end, such as what a hook started with sudo.
 */
export async function endGroup(group: ProcessGroup): Promise<void> {
  let refusedSinceMs: number | null = null;
  for (let members = membersOf(group); members.length > 0; members = membersOf(group)) {
    try {
      process.kill(-group.pgid, 'SIGKILL');
    } catch {
      // Gone in the meantime, or not ours to end.
    }
    refusedSinceMs = members.some(isOurs) ? null : (refusedSinceMs ?? performance.now());
    if (refusedSinceMs !== null && performance.now() - refusedSinceMs > PATIENCE_MS) throw foreign(members);
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** False only for a process that lives and that this user may not signal. */
function isOurs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errno(error) !== 'EPERM';
  }
}

function foreign(members: readonly number[]): RouterctlError {
  const many = members.length > 1;
  const owners = [...new Set(members.map((pid) => userName(procOwner(pid) ?? 0)))].join(', ');
  const which = `${many ? 'processes' : 'process'} ${members.join(', ')} of ${owners}`;
  return new RouterctlError(
    'HOOK_ALIVE',
    `${which}, which a hook left running, ${many ? 'go' : 'goes'} on acting and ${ownUser().name} may not end ${many ? 'them' : 'it'}`,
    { hint: `end ${many ? 'them' : 'it'}: sudo kill -KILL ${members.join(' ')}; then run the same command again` },
  );
}
