// Removes temporary files and unpack directories, only inside the configured roots, never through a link, and never what the
// run names as backup or still needs to go back. It cannot be taken back, so that it comes after the commit.
import { dirname, join, resolve, sep } from 'node:path';
import { type ChangeContext, type DiffLine, defineChange } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import type { FileReads } from '../core/ports/files.js';
import type { ReadPorts } from '../core/ports/ports.js';
import { duration } from '../core/target.js';
import { pass } from '../core/verdict.js';
import { z } from '../core/zod.js';
import { identityFiles } from './backup-identity.js';
import { refusedOutcome } from './refused-outcome.js';

const spec = z.strictObject({
  paths: z.array(z.string().min(1)).min(1).optional().describe('default: every entry of the configured roots'),
  olderThan: duration.optional().describe('leaves younger entries alone'),
});
type Spec = z.infer<typeof spec>;

interface Candidate {
  readonly path: string;
  readonly bytes: number;
}

const preparedShape = z.object({ candidates: z.array(z.object({ path: z.string(), bytes: z.number() })) });

export const cleanupTemp = defineChange<Spec>({
  kind: 'cleanup-temp',
  title: 'Remove temporary files',
  role: 'stage',
  impact: 'none',
  reversal: 'none',
  subject: ['component', 'database', 'upstream', 'none'],
  spec,
  plan: async (input, ports, context) => {
    const candidates = await look(input, ports, context);
    const seen = candidates.map(({ path, bytes }): DiffLine => ({ sign: '-', text: `now: ${path} (${bytes} bytes)`, informs: true }));
    const none: DiffLine = { sign: ' ', text: 'now: nothing', informs: true };
    // Which entries there are then is known only by the run: temporary files come and go, and an approval must outlive that.
    return { diff: [rule(input, context), ...(seen.length > 0 ? seen : [none])], effects: { paths: null, bytes: null } };
  },
  prepare: async (input, ports, context) => {
    const candidates = await look(input, ports, context);
    return { undo: null, expects: { candidates: candidates.map(({ path, bytes }) => ({ path, bytes })) } };
  },
  apply: (input, prepared, ports, context, record) =>
    refusedOutcome(async () => {
      const { acts, files } = ports.on(context.target.host);
      // Looked at again: something may have been put in place of an entry since.
      const allowed = new Set((await look(input, ports, context)).map(({ path }) => path));
      const removed: Candidate[] = [];
      for (const candidate of preparedShape.parse(prepared.expects).candidates) {
        if (!allowed.has(candidate.path)) continue;
        await record('removing', candidate.path);
        await acts.files.remove(candidate.path);
        removed.push(candidate);
      }
      // After this phase nothing of the run opens a backup without the operator's own key.
      for (const path of await identityFiles(files, context)) await acts.files.remove(path);
      const evidence = {
        removed: removed.map(({ path, bytes }) => ({ path, bytes })),
        bytesFreed: total(removed),
        atMs: ports.clock.nowMs(),
      };
      const summary = removed.length === 0 ? 'nothing to remove' : `${removed.length} removed, ${total(removed)} bytes freed`;
      return {
        status: removed.length === 0 ? 'unchanged' : 'done',
        summary,
        effects: { paths: removed.map(({ path }) => path), bytes: total(removed) },
        evidence,
      };
    }),
  inspect: async (_input, prepared, facts, ports, context) => {
    const { files } = ports.on(context.target.host);
    const { candidates } = preparedShape.parse(prepared.expects);
    const there = await Promise.all(candidates.map(async ({ path }) => (await files.stat(path)) !== null));
    if (there.every((is) => !is)) return 'present';
    return facts['removing'] === undefined ? 'absent' : 'partial';
  },
  checkUndo: () => Promise.resolve(pass('not needed: it runs after the commit and removes nothing that a rollback needs')),
  revert: () => Promise.resolve({ status: 'unchanged', summary: 'removed temporary files do not come back; nothing needs them' }),
  byHand: () => [],
});

function rule({ paths, olderThan }: Spec, { target }: ChangeContext): DiffLine {
  const what = paths === undefined ? `entries of ${target.temporary.roots.join(', ')}` : paths.join(', ');
  return { sign: '-', text: olderThan === undefined ? what : `${what} that are older than ${olderThan / 1000} s` };
}

const total = (candidates: readonly Candidate[]): number => candidates.reduce((sum, { bytes }) => sum + bytes, 0);

async function look(input: Spec, ports: ReadPorts, context: ChangeContext): Promise<readonly Candidate[]> {
  const { files } = ports.on(context.target.host);
  const roots = await resolvedRoots(files, context);
  const kept = await keptPaths(files, context);
  const asked =
    input.paths ?? (await Promise.all(roots.map(async (root) => (await files.list(root)).map((name) => join(root, name))))).flat();
  const found: Candidate[] = [];
  for (const path of [...new Set(asked.map((each) => resolve(each)))].sort()) {
    const refusal = await whyNot(path, roots, files);
    if (refusal !== null)
      throw new RouterctlError('POLICY_FORBIDS', `${path} is not cleaned up: ${refusal}`, {
        hint: 'name only entries inside `temporary.roots` of the target',
      });
    const facts = await files.stat(path);
    if (facts === null || isKept(path, kept)) continue;
    // Against the start of the run, so that plan and run see the same entries.
    if (input.olderThan !== undefined && facts.modifiedAtMs > context.runStartedAtMs - input.olderThan) continue;
    found.push({ path, bytes: await size(files, path) });
  }
  return found;
}

async function resolvedRoots(files: FileReads, { target }: ChangeContext): Promise<readonly string[]> {
  const roots = await Promise.all(target.temporary.roots.map(async (root) => await files.realPath(root)));
  return roots.filter((root): root is string => root !== null && root !== '/');
}

/** Strictly inside a root, and no link on the way: the parent's real name must be the name itself. */
async function whyNot(path: string, roots: readonly string[], files: FileReads): Promise<string | null> {
  if (!roots.some((root) => inside(root, path) && path !== root)) return 'it is outside the configured temporary roots';
  const parent = await files.realPath(dirname(path));
  return parent === null || parent === dirname(path) ? null : 'a symbolic link lies on its way';
}

interface Kept {
  readonly path: string;
  /** False for a directory that itself stays, while temporary roots may lie inside. */
  readonly withContent: boolean;
}

async function keptPaths(files: FileReads, context: ChangeContext): Promise<readonly Kept[]> {
  const { target, results } = context;
  const components = Object.values(target.components);
  const whole = [
    join(target.root, '.routerctl'),
    context.undoDirectory,
    target.backup?.directory,
    ...Object.values(target.databases).map(({ path }) => path),
    ...components.flatMap(({ artifact, deployment, files: named }) => [
      ...(artifact?.kind === 'binary' ? [artifact.versions, artifact.current] : []),
      ...(deployment?.kind === 'process' ? [deployment.pidFile, deployment.log] : []),
      ...(deployment?.kind === 'compose' ? deployment.files : []),
      deployment?.environmentFile,
      ...Object.values(named),
    ]),
    ...Object.values(results).flatMap(({ effects }) => (typeof effects['backup'] === 'string' ? [effects['backup']] : [])),
  ];
  const outer = [target.root, ...components.map(({ deployment }) => (deployment?.kind === 'systemd' ? undefined : deployment?.directory))];
  const all = [...whole.map((path) => ({ path, withContent: true })), ...outer.map((path) => ({ path, withContent: false }))];
  const kept = await Promise.all(
    all.map(async ({ path, withContent }): Promise<Kept[]> => {
      if (path === undefined) return [];
      const real = await files.realPath(path);
      return [path, ...(real === null ? [] : [real])].map((each) => ({ path: resolve(each), withContent }));
    }),
  );
  return kept.flat();
}

const isKept = (path: string, kept: readonly Kept[]): boolean =>
  kept.some((each) => inside(path, each.path) || (each.withContent && inside(each.path, path)));

const inside = (root: string, path: string): boolean => path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);

async function size(files: FileReads, path: string): Promise<number> {
  const facts = await files.stat(path);
  if (facts?.kind !== 'directory') return facts?.bytes ?? 0;
  const sizes = await Promise.all((await files.list(path)).map(async (name) => await size(files, join(path, name))));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
