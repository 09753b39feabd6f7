// What to say when the system refuses this user a file of a deployment: whose it is, and as whom to run the same command. Runs,
// leases and keys are closed to others: sharing them would share what an undo keeps, and nobody but their owner and root could end
// the processes of a run.
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import { ownUser } from '../core/own-user.js';
import { errno } from './durable-file.js';

/** The refusal with the owner in it when this user was not let through; every other error as it came. */
export function refusedAccess(error: unknown, path: string): unknown {
  if (!['EACCES', 'EPERM'].includes(errno(error))) return error;
  const blocked = blockedAt(path);
  const owner = ownerOf(blocked);
  const asOwner = owner === null ? 'as a user who may use it' : `as that user: sudo -u ${owner.name} routerctl …; or as root`;
  const whose = owner === null ? 'is not for this user' : `belongs to ${owner.name} (uid ${owner.uid})`;
  return new RouterctlError('STATE_UNWRITABLE', `${blocked} ${whose}, and ${ownUser().name} may not use it`, {
    cause: error,
    hint: `run the same command ${asOwner}`,
  });
}

/** Throws the refusal unless this user may write in that directory. */
export function assertWritable(directory: string): void {
  onOwnFiles(directory, () => accessSync(directory, constants.W_OK));
}

/** Runs `work` on `path` with what the system refuses told as above. */
export function onOwnFiles<Value>(path: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw refusedAccess(error, path);
  }
}

/** Unlike `existsSync` it never takes what it may not see for absent. */
export function isPresent(path: string): boolean {
  return onOwnFiles(path, () => {
    try {
      statSync(path);
      return true;
    } catch (error) {
      if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return false;
      throw error;
    }
  });
}

/** The outermost directory on the way to `path` that this user may not enter, else the innermost thing on it that exists. */
function blockedAt(path: string): string {
  const parent = dirname(path);
  if (parent === path) return path;
  const outer = blockedAt(parent);
  return outer === parent && mayEnter(parent) && existsSync(path) ? path : outer;
}

function mayEnter(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function ownerOf(path: string): { readonly uid: number; readonly name: string } | null {
  try {
    const { uid } = statSync(path);
    return { uid, name: userName(uid) };
  } catch {
    return null;
  }
}

/** `#1001` where the system has no name for it, as sudo takes it. */
export function userName(uid: number): string {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const found = lines.map((line) => line.split(':')).find(([, , number]) => number === String(uid));
  return found?.[0] ?? `#${uid}`;
}
