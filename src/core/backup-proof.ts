// The proof that a backup can be restored: decrypt what lies on disk, compare digests, open the databases from scratch files
// and compare them with the facts of the same snapshot. One code for the run that makes a backup and for `backup verify`.

import {
  cipherName,
  type InnerItem,
  type InnerManifest,
  innerManifest,
  innerName,
  manifestName,
  type OpenManifest,
  openManifest,
} from './backup-manifest.js';
import { RouterctlError } from './errors.js';
import type { Json } from './json.js';
import type { Clock } from './ports/clock.js';
import type { Contents, DatabaseReads } from './ports/databases.js';
import type { FileReads, FileWrites } from './ports/files.js';
import type { Vault } from './ports/vault.js';
import type { z } from './zod.js';

export interface ProofRequest {
  readonly directory: string;
  /** Text that holds AGE-SECRET-KEY-… */
  readonly identity: string;
  /** A directory of ours, mode 0700, on a disk with room for the largest database; it is gone afterwards. */
  readonly scratch: string;
}

/** What the proof needs of a host; `HostPorts` has it all. */
export interface ProofPorts {
  readonly files: FileReads;
  readonly databases: DatabaseReads;
  readonly acts: { readonly files: FileWrites; readonly vault: Vault };
}

export interface Proof {
  /** Empty: everything can be restored. Otherwise what is wrong, item by item. */
  readonly problems: readonly string[];
  readonly manifest: OpenManifest | null;
  readonly databases: readonly { readonly name: string; readonly rows: number; readonly newest: string | number | null }[];
  readonly restoreMs: number;
}

export async function proveBackup(request: ProofRequest, host: ProofPorts, clock: Clock): Promise<Proof> {
  const beganMs = clock.bootMs();
  await host.acts.files.remove(request.scratch);
  await host.acts.files.makeDirectory(request.scratch, { mode: 0o700 });
  try {
    return { ...(await prove(request, host)), restoreMs: Math.round(clock.bootMs() - beganMs) };
  } finally {
    await host.acts.files.remove(request.scratch);
  }
}

type Found = Omit<Proof, 'restoreMs'>;

async function prove(request: ProofRequest, host: ProofPorts): Promise<Found> {
  const open = await readOpenManifest(request.directory, host);
  if (typeof open === 'string') return { problems: [open], manifest: null, databases: [] };
  const problems: string[] = await cipherProblems(request.directory, open, host);
  const inner = await readInnerManifest(request, host);
  if (typeof inner === 'string') return { problems: [...problems, inner], manifest: open, databases: [] };
  problems.push(...listProblems(open, inner));
  const databases: { name: string; rows: number; newest: string | number | null }[] = [];
  for (const item of inner.items) {
    const restored = await restoreItem(item, request, host);
    problems.push(...restored.problems.map((problem) => `${item.name}: ${problem}`));
    if (restored.contents !== null) databases.push({ name: item.name, rows: rowsOf(restored.contents), newest: restored.contents.newest });
  }
  return { problems, manifest: open, databases };
}

const rowsOf = ({ tables }: Contents): number => tables.reduce((sum, { rows }) => sum + rows, 0);

export async function readOpenManifest(directory: string, { files }: Pick<ProofPorts, 'files'>): Promise<OpenManifest | string> {
  const path = `${directory}/${manifestName}`;
  if ((await files.stat(path)) === null) return `${manifestName} is missing`;
  return parsed(await files.readText(path), openManifest) ?? `${manifestName} is damaged`;
}

function parsed<T>(text: string, shape: z.ZodType<T>): T | null {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export async function cipherProblems(directory: string, open: OpenManifest, { files }: ProofPorts): Promise<string[]> {
  const listed = [
    ...open.entries.map(({ name, sha256, bytes }) => ({ file: cipherName(name), sha256, bytes })),
    { file: innerName, ...open.inner },
  ];
  const problems: string[] = [];
  for (const { file, sha256, bytes } of listed) {
    const facts = await files.stat(`${directory}/${file}`);
    if (facts === null) problems.push(`${file} is missing`);
    else if (facts.bytes !== bytes) problems.push(`${file} is ${facts.bytes} bytes instead of ${bytes}`);
    else if ((await files.sha256(`${directory}/${file}`)) !== sha256) problems.push(`${file} differs from its recorded sha256`);
  }
  return problems;
}

export async function readInnerManifest(
  { directory, identity, scratch }: ProofRequest,
  { acts, files }: ProofPorts,
): Promise<InnerManifest | string> {
  const plain = `${scratch}/inner.json`;
  const failure = await unopenable(acts.vault.decrypt(`${directory}/${innerName}`, plain, identity));
  if (failure !== null) return `${innerName}: ${failure}`;
  const inner = parsed(await files.readText(plain), innerManifest);
  await acts.files.remove(plain);
  return inner ?? `${innerName} is damaged`;
}

/** What is wrong with the backup is a finding; a full disk or a wrong identity file is not, and is passed on. */
async function unopenable(decryption: Promise<unknown>): Promise<string | null> {
  try {
    await decryption;
    return null;
  } catch (error) {
    if (error instanceof RouterctlError && (error.code === 'BACKUP_UNOPENABLE' || error.code === 'FILE_MISSING')) return error.message;
    throw error;
  }
}

export function listProblems(open: OpenManifest, inner: InnerManifest): string[] {
  const [outside, inside] = [open.entries.map(({ name }) => name).sort(), inner.items.map(({ name }) => name).sort()];
  const lists =
    outside.join() === inside.join() ? [] : [`the manifests name different things: ${outside.join(', ')} and ${inside.join(', ')}`];
  return open.id === inner.id ? lists : [...lists, `the manifests are of two backups: ${open.id} and ${inner.id}`];
}

async function restoreItem(
  item: InnerItem,
  { directory, identity, scratch }: ProofRequest,
  { acts, databases }: ProofPorts,
): Promise<{ problems: readonly string[]; contents: Contents | null }> {
  const plain = `${scratch}/${item.name}`;
  const problems: string[] = [];
  let contents: Contents | null = null;
  try {
    const { plaintextSha256, bytes } = await acts.vault.decrypt(`${directory}/${cipherName(item.name)}`, plain, identity);
    if (bytes !== item.bytes) problems.push(`${bytes} bytes came back instead of ${item.bytes}`);
    if (plaintextSha256 !== item.sha256) problems.push('the content is not what was saved (sha256 differs)');
    if (item.database !== null) {
      const newest = item.database.newestOf;
      contents = await databases.contents({ kind: 'sqlite', path: plain }, newest === null ? {} : { newest });
      problems.push(...databaseProblems(item.database, contents));
    }
  } catch (error) {
    if (!(error instanceof RouterctlError) || !['BACKUP_UNOPENABLE', 'FILE_MISSING', 'DATABASE_DAMAGED'].includes(error.code)) throw error;
    problems.push(error.message);
  }
  await acts.files.remove(plain);
  return { problems, contents };
}

function databaseProblems({ facts, before }: NonNullable<InnerItem['database']>, restored: Contents): string[] {
  const problems: string[] = [];
  if (restored.integrity !== 'ok') problems.push(`integrity_check says: ${restored.integrity}`);
  if (restored.schemaSha256 !== facts.schemaSha256) problems.push('the schema differs from the snapshot');
  const names = [...new Set([...facts.tables, ...restored.tables].map(({ table }) => table))];
  for (const table of names) {
    const [wanted, found] = [rows(facts.tables, table), rows(restored.tables, table)];
    if (wanted !== found) problems.push(`table ${table} has ${found ?? 'no'} rows instead of ${wanted ?? 'none'}`);
    if (found === 0 && before.filledTables.includes(table)) problems.push(`table ${table} is empty, but was not in the live database`);
  }
  if (restored.newest !== facts.newest)
    problems.push(`the newest row is ${restored.newest ?? 'missing'} instead of ${facts.newest ?? 'none'}`);
  if (isOlder(restored.newest, before.newest))
    problems.push(`the newest row ${restored.newest ?? '(none)'} is older than ${before.newest ?? ''} in the live database before`);
  return problems;
}

const rows = (tables: Contents['tables'], table: string): number | undefined => tables.find((each) => each.table === table)?.rows;

function isOlder(one: string | number | null, other: string | number | null): boolean {
  if (other === null) return false;
  return one === null || (typeof one === typeof other && one < other);
}

export const proofEvidence = ({ databases, restoreMs }: Proof): { readonly [name: string]: Json } => ({
  restoreMs,
  databases: databases.map(({ name, rows: count, newest }) => ({ name, rows: count, newest })),
});
