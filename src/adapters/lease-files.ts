// The lease of a deployment as a ladder of files `lease.<epoch>.json`: the highest rung holds. A rung is made by linking a
// finished file to its name, which exactly one contender can do; a rung with a `.released` twin is free.
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import { ownUser } from '../core/own-user.js';
import type { Clock } from '../core/ports/clock.js';
import type { Lease, LeaseHolder, Leases } from '../core/ports/lease.js';
import { isProcessAlive, ownIdentity } from './process-identity.js';
import { refusedAccess } from './refused-access.js';
import { isUnfinished } from './runs-beside.js';

const KEPT_RUNGS = 5;

export function leasesFiles(clock: Clock): Leases {
  return {
    acquire: (root, runId, purpose) => acquire(clock, root, runId, purpose),
    look(root) {
      const top = topRung(directoryOf(root));
      if (top === null || top.released) return null;
      return { holder: top.holder, alive: isAlive(clock, top.holder), unfinished: isUnfinished(root, top.holder.runId) };
    },
  };
}

function directoryOf(root: string): string {
  return join(root, '.routerctl');
}

interface Rung {
  readonly holder: LeaseHolder;
  readonly released: boolean;
}

function acquire(clock: Clock, root: string, runId: string, purpose: LeaseHolder['purpose']): Lease {
  const directory = directoryOf(root);
  makeDirectory(directory);
  const top = topRung(directory);
  if (top !== null && !top.released) {
    if (isAlive(clock, top.holder)) throw held(root, top.holder);
    if (top.holder.runId !== runId && isUnfinished(root, top.holder.runId)) throw interrupted(root, top.holder);
  }
  const epoch = (top?.holder.epoch ?? 0) + 1;
  const holder: LeaseHolder = {
    epoch,
    runId,
    host: hostname(),
    bootId: clock.bootId(),
    ...ownIdentity(),
    user: ownUser().name,
    purpose,
    takenAt: new Date(clock.nowMs()).toISOString(),
  };
  if (!climb(directory, holder)) throw held(root, topRung(directory)?.holder ?? holder);
  sweep(directory, epoch);
  return leaseOf(directory, holder);
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const cause = refusedAccess(error, directory);
    if (cause instanceof RouterctlError) throw cause;
    throw new RouterctlError('STATE_UNWRITABLE', `the deployment directory ${directory} cannot be written`, {
      cause,
      hint: 'run as a user who may change this deployment',
    });
  }
}

function leaseOf(directory: string, holder: LeaseHolder): Lease {
  const own = join(directory, `lease.${holder.epoch}.json`);
  const next = join(directory, `lease.${holder.epoch + 1}.json`);
  return {
    holder,
    assertHeld() {
      // A successor climbs to the next rung, and ours is swept before that one is: two looks tell what the whole list would.
      if (existsSync(own) && !existsSync(next)) return;
      const epochs = epochsIn(directory);
      const newest = Math.max(...epochs.map(({ epoch }) => epoch));
      if (newest === holder.epoch) return;
      throw new RouterctlError(
        'LEASE_LOST',
        `epoch ${newest} took this deployment over from epoch ${holder.epoch}; nothing more is done here`,
        { hint: `watch it: routerctl run attach ${holder.runId}` },
      );
    },
    release() {
      try {
        writeFileSync(join(directory, `lease.${holder.epoch}.released`), '', { flag: 'wx', mode: 0o660 });
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
      }
    },
  };
}

/** True when this process made the rung; false when another one was quicker. */
function climb(directory: string, holder: LeaseHolder): boolean {
  const aside = join(directory, `.lease.${holder.epoch}.${holder.pid}.${holder.startTicks}`);
  try {
    writeFileSync(aside, `${JSON.stringify(holder, null, 2)}\n`, { mode: 0o664, flush: true });
    linkSync(aside, join(directory, `lease.${holder.epoch}.json`));
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    const cause = refusedAccess(error, directory);
    if (cause instanceof RouterctlError) throw cause;
    throw new RouterctlError('STATE_UNWRITABLE', `no lease can be taken in ${directory}`, {
      cause,
      hint: 'run as a user who may change this deployment, and check for room',
    });
  } finally {
    rmSync(aside, { force: true });
  }
}

function epochsIn(directory: string): readonly { readonly epoch: number; readonly released: boolean }[] {
  let names: readonly string[] = [];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw refusedAccess(error, directory);
  }
  return names.flatMap((name) => {
    const [, epoch, kind] = /^lease\.(\d+)\.(json|released)$/.exec(name) ?? [];
    return epoch === undefined || kind !== 'json' ? [] : [{ epoch: Number(epoch), released: names.includes(`lease.${epoch}.released`) }];
  });
}

function topRung(directory: string): Rung | null {
  const newest = epochsIn(directory).toSorted((a, b) => b.epoch - a.epoch)[0];
  if (newest === undefined) return null;
  const path = join(directory, `lease.${newest.epoch}.json`);
  try {
    return { holder: JSON.parse(readFileSync(path, 'utf8')) as LeaseHolder, released: newest.released };
  } catch (error) {
    const cause = refusedAccess(error, path);
    if (cause instanceof RouterctlError) throw cause;
    throw new RouterctlError('JOURNAL_DAMAGED', `the lease ${path} cannot be read, so nobody can tell who holds this deployment`, {
      cause,
      hint: `make sure that no routerctl runs on this host, then remove ${path}`,
    });
  }
}

/** A dead owner must be proven: same host, and another boot or no such process. From another host nothing can be proven. */
function isAlive(clock: Clock, holder: LeaseHolder): boolean {
  if (holder.host !== hostname()) return true;
  return holder.bootId === clock.bootId() && isProcessAlive(holder);
}

function held(root: string, holder: LeaseHolder): RouterctlError {
  return new RouterctlError(
    'LEASE_HELD',
    `run ${holder.runId} holds ${root} since ${holder.takenAt} (${holder.user}@${holder.host}, pid ${holder.pid})`,
    {
      hint: `watch it: routerctl run attach ${holder.runId}`,
    },
  );
}

/** What it left half-done would be taken for the old state, and its own undo would be lost. */
function interrupted(root: string, { runId }: LeaseHolder): RouterctlError {
  return new RouterctlError('LEASE_HELD', `run ${runId} of ${root} was interrupted and is not finished`, {
    hint: `finish it: routerctl resume ${runId}; or take it back: routerctl resume ${runId} --roll-back`,
  });
}

function sweep(directory: string, epoch: number): void {
  for (const rung of epochsIn(directory)) {
    if (rung.epoch > epoch - KEPT_RUNGS) continue;
    rmSync(join(directory, `lease.${rung.epoch}.json`), { force: true });
    rmSync(join(directory, `lease.${rung.epoch}.released`), { force: true });
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
