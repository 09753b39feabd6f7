// What must be remembered beside a license: the latest time that was seen, and the requests of the month. The file carries a
// code made with a key from the license itself, so that an edit by hand is noticed; whoever holds the license could forge it.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { License } from './license-file.js';

export interface LicenseStateValues {
  /** Milliseconds since the epoch. */
  lastSeenMs: number;
  /** `YYYY-MM` in UTC. */
  month: string;
  requests: number;
}

type Owner = Pick<License, 'id' | 'signature'>;

export class LicenseStateError extends Error {
  override readonly name = 'LicenseStateError';
}

/** Null when there is none, or it belongs to another license or to another issue of this one. @throws LicenseStateError */
export function readLicenseState(path: string, owner: Owner): LicenseStateValues | null {
  const text = textOf(path);
  if (text === null) return null;
  const { license_id, issue, last_seen_at, month, requests, integrity } = membersOf(text);
  if (license_id !== owner.id || issue !== issueOf(owner)) return null;
  const lastSeenMs = Date.parse(String(last_seen_at));
  const values = { lastSeenMs, month: String(month), requests: Number(requests) };
  const expected = integrityOf(values, owner);
  const given = Buffer.from(String(integrity), 'hex');
  if (Number.isNaN(lastSeenMs) || given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new LicenseStateError('it was changed or damaged; put it back from a backup, or remove it to count anew');
  return values;
}

export function licenseStateText(values: LicenseStateValues, owner: Owner): string {
  const members = {
    schema_version: 1,
    license_id: owner.id,
    issue: issueOf(owner),
    last_seen_at: new Date(values.lastSeenMs).toISOString(),
    month: values.month,
    requests: values.requests,
    integrity: integrityOf(values, owner).toString('hex'),
  };
  return `${JSON.stringify(members, null, 2)}\n`;
}

/** Whole or not at all, also when the machine stops in between; readable by the router's user only. */
export async function writeLicenseState(path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}

/** For the first one, before there is a request; never over another. */
export function createLicenseState(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
}

/** Which signature the state belongs to, without saying it. */
function issueOf(owner: Owner): string {
  return Buffer.from(hkdfSync('sha256', owner.signature, owner.id, 'license issue', 8)).toString('hex');
}

function integrityOf({ lastSeenMs, month, requests }: LicenseStateValues, owner: Owner): Buffer {
  const key = Buffer.from(hkdfSync('sha256', owner.signature, owner.id, 'license state', 32));
  return createHmac('sha256', key)
    .update(JSON.stringify([owner.id, lastSeenMs, month, requests]))
    .digest();
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new LicenseStateError('it cannot be read; make it readable to the router');
  }
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, as for a JSON text that is no object.
  }
  throw new LicenseStateError('it is not JSON; put it back from a backup, or remove it to count anew');
}
