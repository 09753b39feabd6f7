// Ends a recorded process group completely, also from another process after the one that started it has died.
import { procIds, procStat } from './proc.js';

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

/** Resolves when no member lives; called again by a successor it finds nothing and resolves at once. */
export async function endGroup(group: ProcessGroup): Promise<void> {
  while (membersOf(group).length > 0) {
    try {
      process.kill(-group.pgid, 'SIGKILL');
    } catch {
      // Gone in the meantime.
    }
    await new Promise((done) => setTimeout(done, 5));
  }
}
