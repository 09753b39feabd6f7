// Saves what an upgrade could destroy, encrypted, and proves it by restoring it before anything else may happen.
// The directory gets its final name only after the proof; until then it is `.partial`, and worth nothing.
import { join } from 'node:path';
import {
  cipherName,
  documentText,
  type InnerItem,
  innerName,
  manifestName,
  type OpenEntry,
  type OpenManifest,
  verifiedName,
} from '../core/backup-manifest.js';
import { proofEvidence, proveBackup, readOpenManifest } from '../core/backup-proof.js';
import { type ChangeContext, type DiffLine, defineChange, type Outcome } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import type { HostPorts, Ports } from '../core/ports/ports.js';
import { pass } from '../core/verdict.js';
import { z } from '../core/zod.js';
import { identityPath } from './backup-identity.js';
import { type BackupSource, backupSources, followed } from './backup-sources.js';
import { componentSubject } from './component-subject.js';
import { refusedOutcome } from './refused-outcome.js';
import { undoPath } from './undo-path.js';

const spec = z.strictObject({});

const undoShape = z.object({ host: z.string(), id: z.string(), directory: z.string(), partial: z.string(), work: z.string() });
type Undo = z.infer<typeof undoShape>;

export const backup = defineChange<z.infer<typeof spec>>({
  kind: 'backup',
  title: 'Back up and prove by restoring',
  role: 'stage',
  impact: 'none',
  reversal: 'exact',
  subject: ['component'],
  spec,
  plan: async (_input, ports, context) => {
    const subject = componentSubject(context);
    const { directory, recipients } = place(context);
    const { sources, absent } = await backupSources(subject, context.target, ports.on(subject.host).files);
    const lines = sources.map(({ name, path }): DiffLine => ({ sign: '+', text: `${cipherName(name)} of ${path}` }));
    const missing = absent.map((name): DiffLine => ({ sign: ' ', text: `${name} is not there` }));
    const goal: DiffLine = {
      sign: '+',
      text: `${directory}/<time>-<run>-${subject.name}, age-encrypted to ${recipients.length} recipient${recipients.length === 1 ? '' : 's'}, restored in scratch`,
    };
    return { diff: [goal, ...lines, ...missing], effects: { backup: null, id: null, bytes: null, restoreMs: null } };
  },
  prepare: async (_input, ports, context) => {
    const subject = componentSubject(context);
    const { directory } = place(context);
    const { sources } = await backupSources(subject, context.target, ports.on(subject.host).files);
    const stamp = new Date(context.runStartedAtMs)
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
      .replace(/[-:]/g, '');
    const id = `${stamp}-${context.runId}-${subject.name}`;
    const undo = {
      host: subject.host,
      id,
      directory: join(directory, id),
      partial: join(directory, `${id}.partial`),
      work: undoPath(context, 'backup-work'),
    };
    return { undo, expects: { items: sources.map(({ name }) => name) } };
  },
  apply: (_input, prepared, ports, context, record) =>
    refusedOutcome(async () => {
      const undo = undoShape.parse(prepared.undo);
      const host = ports.on(undo.host);
      try {
        if ((await host.files.stat(undo.directory)) !== null) return await proveAndName(undo, undo.directory, ports, context);
        await make(undo, ports, context);
        await record('written', undo.partial);
        return await proveAndName(undo, undo.partial, ports, context);
      } catch (error) {
        // No plaintext stays behind a failure; after a lost lease the next holder's revert removes it.
        if (error instanceof RouterctlError && error.code !== 'LEASE_LOST') await sweep(undo, host);
        throw error;
      }
    }),
  inspect: async (_input, prepared, _facts, ports) => {
    const undo = undoShape.parse(prepared.undo);
    const { files } = ports.on(undo.host);
    if ((await files.stat(undo.directory)) !== null) return 'present';
    const begun = await Promise.all([undo.partial, undo.work].map(async (path) => (await files.stat(path)) !== null));
    return begun.includes(true) ? 'partial' : 'absent';
  },
  checkUndo: () => Promise.resolve(pass('a backup changes nothing; it is kept')),
  revert: (_input, value, _facts, ports) =>
    refusedOutcome(async () => {
      const undo = undoShape.parse(value);
      await sweep(undo, ports.on(undo.host));
      const kept = (await ports.on(undo.host).files.stat(undo.directory)) !== null;
      return {
        status: 'unchanged',
        summary: kept ? `the backup is kept: ${undo.directory}` : 'no finished backup was there; its parts are removed',
        evidence: kept ? { backup: undo.directory } : {},
      };
    }),
  byHand: () => [],
});

function place({ target }: ChangeContext): NonNullable<ChangeContext['target']['backup']> {
  if (target.backup !== undefined) return target.backup;
  throw new RouterctlError('CONFIG_INVALID', `the target ${target.name} has no \`backup\``, {
    hint: 'add `backup: { directory, recipients }` to the target in routerctl.yaml',
  });
}

async function sweep(undo: Undo, { acts }: HostPorts): Promise<void> {
  await acts.files.remove(undo.work);
  await acts.files.remove(undo.partial);
}

async function make(undo: Undo, ports: Ports, context: ChangeContext): Promise<void> {
  const host = ports.on(undo.host);
  const { acts } = host;
  const subject = componentSubject(context);
  const { directory, recipients, keep } = place(context);
  await sweep(undo, host);
  await acts.files.makeDirectory(context.undoDirectory, { mode: 0o700 });
  await acts.files.makeDirectory(directory, { mode: 0o700 });
  await acts.files.makeDirectory(undo.work, { mode: 0o700 });
  await acts.files.makeDirectory(undo.partial, { mode: 0o700 });
  const pair = await acts.vault.newKeyPair();
  await acts.files.replace(identityPath(context), `${pair.identity}\n`, { mode: 0o600 });
  const readers = [...recipients, pair.recipient];
  const { sources, absent } = await backupSources(subject, context.target, host.files);
  const saved: { entry: OpenEntry; item: InnerItem }[] = [];
  for (const source of sources) saved.push(await save(source, undo, readers, ports, context));
  const plainInner = join(undo.work, 'inner.json');
  await acts.files.replace(
    plainInner,
    documentText({ schema: 'routerctl.backup-inner/v1', id: undo.id, items: saved.map(({ item }) => item) }),
    { mode: 0o600 },
  );
  const inner = await acts.vault.encrypt(plainInner, join(undo.partial, innerName), readers);
  await acts.files.remove(plainInner);
  const nowMs = ports.clock.nowMs();
  const manifest: OpenManifest = {
    schema: 'routerctl.backup/v1',
    id: undo.id,
    runId: context.runId,
    target: context.target.name,
    component: subject.name,
    createdAt: new Date(nowMs).toISOString(),
    keepUntil: new Date(nowMs + keep).toISOString(),
    absent: [...absent],
    entries: saved.map(({ entry }) => entry),
    inner: { sha256: inner.sha256, bytes: inner.bytes },
  };
  await acts.files.replace(join(undo.partial, manifestName), documentText(manifest), { mode: 0o600 });
}

async function save(
  source: BackupSource,
  undo: Undo,
  readers: readonly string[],
  ports: Ports,
  context: ChangeContext,
): Promise<{ entry: OpenEntry; item: InnerItem }> {
  const host = ports.on(undo.host);
  const facts = await followed(host.files, source.path);
  if (facts === null) throw new RouterctlError('FILE_MISSING', `${source.path} is gone`);
  const consistentAt = new Date(ports.clock.nowMs()).toISOString();
  const cipher = join(undo.partial, cipherName(source.name));
  const { mode, uid, gid } = facts;
  const common = { name: source.name, source: source.path, mode, uid, gid };
  if (source.kind === 'file') {
    const done = await host.acts.vault.encrypt(source.path, cipher, readers);
    const entry = { name: source.name, sha256: done.sha256, bytes: done.bytes, method: 'copy', consistentAt } as const;
    return { entry, item: { ...common, sha256: done.plaintextSha256, bytes: done.plaintextBytes, database: null } };
  }
  const usage = context.profile.usage;
  const newest = usage === undefined ? undefined : { table: usage.table, column: usage.time };
  const options = newest === undefined ? {} : { newest };
  const live = await host.databases.contents(source.database, options);
  const plain = join(undo.work, source.name);
  const snapshot = await host.acts.databases.snapshot(source.database, plain, options);
  const done = await host.acts.vault.encrypt(plain, cipher, readers);
  await host.acts.files.remove(plain);
  const filledTables = live.tables.filter(({ rows }) => rows > 0).map(({ table }) => table);
  const database = {
    facts: { ...snapshot, tables: [...snapshot.tables] },
    before: { newest: live.newest, filledTables },
    newestOf: newest ?? null,
  };
  const entry = { name: source.name, sha256: done.sha256, bytes: done.bytes, method: 'sqlite-vacuum-into', consistentAt } as const;
  return { entry, item: { ...common, sha256: done.plaintextSha256, bytes: done.plaintextBytes, database } };
}

async function proveAndName(undo: Undo, directory: string, ports: Ports, context: ChangeContext): Promise<Outcome> {
  const host = ports.on(undo.host);
  const identity = await host.files.readText(identityPath(context));
  const proof = await proveBackup({ directory, identity, scratch: join(undo.work, 'scratch') }, host, ports.clock);
  const manifest = await readOpenManifest(directory, host);
  if (proof.problems.length > 0 || typeof manifest === 'string') {
    await sweep(undo, host);
    return {
      status: 'failed',
      summary: `the backup could not be restored: ${proof.problems[0] ?? 'no manifest'}`,
      hint: 'nothing was changed; look at the source and its disk, then run again',
      evidence: { problems: proof.problems },
    };
  }
  await host.acts.files.remove(undo.work);
  if (directory === undo.partial) {
    const verified = { verifiedAt: new Date(ports.clock.nowMs()).toISOString(), restoreMs: proof.restoreMs, by: `run ${context.runId}` };
    await host.acts.files.replace(join(undo.partial, verifiedName), documentText(verified), { mode: 0o600 });
    await host.acts.files.move(undo.partial, undo.directory);
  }
  const bytes = manifest.entries.reduce((sum, entry) => sum + entry.bytes, manifest.inner.bytes);
  const rows = proof.databases.reduce((sum, database) => sum + database.rows, 0);
  const sums = manifest.entries.map(({ name, sha256, bytes: size }) => ({ name, sha256, bytes: size }));
  const evidence = {
    backup: undo.directory,
    entries: sums,
    absent: manifest.absent,
    inner: manifest.inner,
    manifestSha256: await host.files.sha256(join(undo.directory, manifestName)),
    ...proofEvidence(proof),
  };
  const summary = `${manifest.entries.length} items, ${(bytes / 1024 / 1024).toFixed(1)} MiB, restored in scratch in ${proof.restoreMs} ms, ${rows} rows equal`;
  return { status: 'done', summary, effects: { backup: undo.directory, id: undo.id, bytes, restoreMs: proof.restoreMs }, evidence };
}
