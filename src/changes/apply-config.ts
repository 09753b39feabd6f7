// Puts a reviewed config in place of the running one, only when its bytes are exactly the ones that were reviewed.
import { createHash } from 'node:crypto';
import { type ChangeContext, type DiffLine, defineChange } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import type { ReadPorts } from '../core/ports/ports.js';
import { z } from '../core/zod.js';
import { componentSubject, configured } from './component-subject.js';
import { applyEdit, byHandEdit, checkEditUndo, inspectEdit, prepareEdit, readFileUndo, revertEdit } from './edited-file.js';
import { refusedOutcome } from './refused-outcome.js';

const spec = z.strictObject({
  from: z.string().min(1).describe('the reviewed file'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'sha256 is 64 hexadecimal digits, as sha256sum prints them')
    .describe('the digest that the reviewer saw'),
});
type Spec = z.infer<typeof spec>;

export const applyConfig = defineChange<Spec>({
  kind: 'apply-config',
  title: 'Apply a reviewed config',
  role: 'edit',
  impact: 'staged',
  reversal: 'exact',
  subject: ['component'],
  spec,
  plan: async (input, ports, context) => {
    const { path, host } = place(context);
    const reviewed = await readReviewed(input, ports, host);
    const { files } = ports.on(host);
    const old = (await files.realPath(path)) === null ? null : await files.readText(path);
    const changed = old !== Buffer.from(reviewed).toString('utf8');
    return { diff: diff(path, old, Buffer.from(reviewed).toString('utf8')), effects: { file: path, changed } };
  },
  prepare: async (input, ports, context) => {
    const { path, host } = place(context);
    const undo = await prepareEdit(ports, context, host, path, await readReviewed(input, ports, host));
    return { undo, expects: { sha256: input.sha256 } };
  },
  apply: (input, prepared, ports, context, record) =>
    refusedOutcome(async () => {
      const undo = readFileUndo(prepared.undo);
      const content = await readReviewed(input, ports, undo.host);
      const done = await applyEdit(undo, content, ports, record);
      if (typeof done !== 'string') return done;
      const now = await ports.on(undo.host).files.sha256(undo.file);
      if (now !== input.sha256)
        return { status: 'failed', summary: `${undo.file} does not hold the reviewed bytes after writing`, evidence: { sha256: now } };
      const effects = { file: place(context).path, changed: done === 'done' };
      const summary = done === 'done' ? `${undo.file} holds the reviewed config` : `${undo.file} held the reviewed config already`;
      return { status: done, summary, effects, evidence: { sha256: now, mode: undo.mode.toString(8) } };
    }),
  inspect: async (_input, prepared, _facts, ports) => await inspectEdit(readFileUndo(prepared.undo), ports),
  checkUndo: async (undo, ports) => await checkEditUndo(readFileUndo(undo), ports),
  revert: (_input, undo, facts, ports) => refusedOutcome(async () => await revertEdit(readFileUndo(undo), facts, ports)),
  byHand: (_input, undo) => byHandEdit(readFileUndo(undo)),
});

function place(context: ChangeContext): { readonly path: string; readonly host: string } {
  const subject = componentSubject(context);
  return { path: configured(subject.component.files.config, subject, 'files.config'), host: subject.host };
}

async function readReviewed(input: Spec, ports: ReadPorts, host: string): Promise<Uint8Array> {
  const content = await ports.on(host).files.read(input.from);
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (sha256 === input.sha256) return content;
  throw new RouterctlError('NOT_REVIEWED', `${input.from} is not the file that was reviewed: its sha256 is ${sha256}`, {
    hint: `reviewed was ${input.sha256}; have the new text reviewed, or fetch the reviewed one`,
  });
}

const shownLines = 40;

/** A config may hold secrets anywhere, so that only the names of changed lines are shown. */
function diff(path: string, old: string | null, reviewed: string): readonly DiffLine[] {
  if (old === reviewed) return [{ sign: ' ', text: `${path} holds these bytes already` }];
  const [before, after] = [(old ?? '').split('\n'), reviewed.split('\n')];
  const removed = before.filter((line) => !after.includes(line)).map((line): DiffLine => ({ sign: '-', text: named(line) }));
  const added = after.filter((line) => !before.includes(line)).map((line): DiffLine => ({ sign: '+', text: named(line) }));
  const lines = [...removed, ...added];
  const more: DiffLine[] = lines.length > shownLines ? [{ sign: ' ', text: `… and ${lines.length - shownLines} more lines` }] : [];
  const what = old === null ? 'new file' : `${removed.length} lines go, ${added.length} come`;
  return [{ sign: old === null ? '+' : '~', text: `${path}: ${what} (values are not shown)` }, ...lines.slice(0, shownLines), ...more];
}

const named = (line: string): string => {
  const key = /^(\s*(?:- )?[\w."'/-]+\s*[:=])/.exec(line)?.[1];
  return key === undefined ? '(a line without a name)' : `${key} …`;
};
