// The processes that a service consists of, told from those of a later start. The topmost one may be gone while what it left behind
// goes on: that is found by its group, by its parents, and by its mark as long as no later start accounts for it.
import type { ProcessIdentity, ServiceMember } from '../core/ports/service-processes.js';
import { isGated } from './gated-child.js';
import { type ProcStat, procIds, procStat } from './proc.js';

type Table = ReadonlyMap<number, ProcStat>;

/** Every live process that the known ones, living or dead, stand for. */
export function familyOf(known: readonly ProcessIdentity[], isMarked: (pid: number) => boolean): readonly ServiceMember[] {
  // A process that is forked while its parent ends can be missed by one look at all of them; it is there at the second.
  const found = look(known, isMarked);
  return found.length > 0 ? found : look(known, isMarked);
}

function look(known: readonly ProcessIdentity[], isMarked: (pid: number) => boolean): readonly ServiceMember[] {
  const table: Table = new Map(procIds().flatMap((pid) => (isGated(pid) ? [] : [procStat(pid)].flatMap(entryOf))));
  const family = withDescendants(
    table,
    [...table.values()].filter((process) => isOf(process, known, table)).map(({ pid }) => pid),
  );
  const others = new Set([...table.keys()].filter((pid) => !family.has(pid) && isMarked(pid)));
  for (const pid of others) if (!isStartedAnew(pid, others, table)) family.add(pid);
  return [...family].flatMap((pid) => {
    const facts = table.get(pid);
    return facts === undefined ? [] : [{ pid, startTicks: facts.startTicks, topmost: !family.has(facts.parent) }];
  });
}

const entryOf = (facts: ProcStat | null): [number, ProcStat][] => (facts === null ? [] : [[facts.pid, facts]]);

/** One of the known themselves, or a member of a group that one of them led. */
function isOf(process: ProcStat, known: readonly ProcessIdentity[], table: Table): boolean {
  return known.some(({ pid, startTicks }) => {
    if (process.pid === pid) return process.startTicks === startTicks;
    // The number of a group is not given to a new process while a member lives; a later leader means that the known one's is gone.
    const leader = table.get(pid);
    if (leader !== undefined && leader.startTicks !== startTicks) return false;
    return process.group === pid && process.startTicks >= startTicks;
  });
}

function withDescendants(table: Table, pids: readonly number[]): Set<number> {
  const family = new Set(pids);
  for (let before = -1; before !== family.size; ) {
    before = family.size;
    for (const { pid, parent } of table.values()) if (family.has(parent)) family.add(pid);
  }
  return family;
}

/** A start makes its process the leader of a group of its own; what an old service left behind has lost its leader. */
function isStartedAnew(pid: number, marked: ReadonlySet<number>, table: Table): boolean {
  let top = table.get(pid);
  for (let above = top; above !== undefined && marked.has(above.pid); above = table.get(above.parent)) top = above;
  if (top === undefined) return false;
  return top.group === top.pid || (marked.has(top.group) && table.get(top.group)?.group === top.group);
}
