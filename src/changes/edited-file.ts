// What every edit of one file has in common: a copy of the old bytes, keyed digests of before and after, and a way back
// that stops at a third party's edit instead of overwriting it.
import type { ChangeContext, Facts, Inspection, Outcome, Prepared, RecordFact } from '../core/change.js';
import type { Ports, ReadPorts } from '../core/ports/ports.js';
import { fail, pass, type Verdict } from '../core/verdict.js';
import { z } from '../core/zod.js';
import { shellWord } from './shell-word.js';
import { undoPath } from './undo-path.js';

/** Journalled: references and keyed digests only. `before` is null when there was no file. */
const fileUndo = z.object({
  host: z.string(),
  file: z.string(),
  copy: z.string(),
  before: z.string().nullable(),
  after: z.string(),
  mode: z.number(),
  uid: z.number().nullable(),
  gid: z.number().nullable(),
});
export type FileUndo = z.infer<typeof fileUndo>;

export const readFileUndo = (undo: Prepared['undo']): FileUndo => fileUndo.parse(undo);

export async function prepareEdit(
  ports: ReadPorts,
  context: ChangeContext,
  host: string,
  path: string,
  content: Uint8Array | string,
): Promise<FileUndo> {
  const { files } = ports.on(host);
  // The bytes behind a link are edited, and the link stays.
  const file = (await files.realPath(path)) ?? path;
  const facts = await files.stat(file);
  return {
    host,
    file,
    copy: undoPath(context, 'before'),
    before: await fingerprint(ports, host, file),
    after: await ports.fingerprints.of(content),
    mode: facts?.mode ?? 0o600,
    uid: facts?.uid ?? null,
    gid: facts?.gid ?? null,
  };
}

async function fingerprint(ports: ReadPorts, host: string, path: string): Promise<string | null> {
  const { files } = ports.on(host);
  return (await files.stat(path)) === null ? null : await ports.fingerprints.of(await files.read(path));
}

export async function applyEdit(
  undo: FileUndo,
  content: Uint8Array | string,
  ports: Ports,
  record: RecordFact,
): Promise<'done' | 'unchanged' | Outcome> {
  const { acts } = ports.on(undo.host);
  const now = await fingerprint(ports, undo.host, undo.file);
  if (now === undo.after && (await ports.fingerprints.of(content)) === undo.after) return 'unchanged';
  if (now !== undo.before)
    return {
      status: 'failed',
      summary: `${undo.file} was edited by someone else after this step was prepared; it was not touched`,
      hint: 'make a new plan',
      evidence: digests(undo, now),
    };
  if (undo.before !== null && (await fingerprint(ports, undo.host, undo.copy)) !== undo.before) {
    await acts.files.remove(undo.copy);
    await acts.files.copyNew(undo.file, undo.copy, { mode: 0o600 });
  }
  await acts.files.replace(writtenCopy(undo), content, { mode: 0o600 });
  await record('writing', undo.after);
  await acts.files.replace(undo.file, content, access(undo));
  return 'done';
}

const access = ({ mode, uid, gid }: FileUndo): { mode: number; uid?: number; gid?: number } =>
  uid === null || gid === null ? { mode } : { mode, uid, gid };

export async function inspectEdit(undo: FileUndo, ports: ReadPorts): Promise<Inspection> {
  const now = await fingerprint(ports, undo.host, undo.file);
  if (now === undo.after) return 'present';
  if (now !== undo.before) return 'unknown';
  return (await ports.on(undo.host).files.stat(undo.copy)) === null ? 'absent' : 'partial';
}

export async function checkEditUndo(undo: FileUndo, ports: ReadPorts): Promise<Verdict> {
  const now = await fingerprint(ports, undo.host, undo.file);
  if (now === undo.before) return pass(`${undo.file} is as it was before`);
  if (now !== undo.after)
    return fail(`${undo.file} was edited by someone else; it will not be overwritten`, {
      hint: byHandLine(undo),
      evidence: digests(undo, now),
    });
  if (undo.before === null) return pass(`${undo.file} was not there before and can be removed`);
  if ((await fingerprint(ports, undo.host, undo.copy)) === undo.before) return pass(`${undo.copy} holds the old bytes`);
  return fail(`the copy of the old ${undo.file} is missing or altered`, { hint: `expected at ${undo.copy}` });
}

export async function revertEdit(undo: FileUndo, facts: Facts, ports: Ports): Promise<Outcome> {
  const { acts, files } = ports.on(undo.host);
  const now = await fingerprint(ports, undo.host, undo.file);
  if (now === undo.before || facts['writing'] === undefined) {
    // A write that was begun and never happened may have left its temporary file: writing the same bytes sweeps it away.
    if (facts['writing'] !== undefined && undo.before !== null)
      await acts.files.replace(undo.file, await files.read(undo.file), access(undo));
    await removeCopies(undo, ports);
    return { status: 'unchanged', summary: `${undo.file} is as it was` };
  }
  if (now !== undo.after) {
    const summary = `${undo.file} was edited by someone else after the change; it was not overwritten`;
    return {
      status: 'conflict',
      summary,
      hint: `keep the edit, or put the old bytes back with: ${byHandLine(undo)}`,
      evidence: digests(undo, now),
    };
  }
  if (undo.before === null) await acts.files.remove(undo.file);
  else {
    if ((await fingerprint(ports, undo.host, undo.copy)) !== undo.before) {
      return {
        status: 'failed',
        summary: `the copy of the old ${undo.file} is missing or altered: ${undo.copy}`,
        hint: 'restore the file from the backup: routerctl backup restore',
      };
    }
    await acts.files.replace(undo.file, await files.read(undo.copy), access(undo));
  }
  await removeCopies(undo, ports);
  return { status: 'done', summary: `${undo.file} has its old bytes, mode and owner again`, evidence: digests(undo, undo.before) };
}

/** The old bytes go last: as long as they are there, the step is not undone. */
async function removeCopies(undo: FileUndo, ports: Ports): Promise<void> {
  const { files } = ports.on(undo.host).acts;
  await files.remove(writtenCopy(undo));
  await files.remove(undo.copy);
}

const short = (digest: string | null): string | null => (digest === null ? null : digest.slice(0, 16));

const digests = (undo: FileUndo, now: string | null): Record<string, string | null> => ({
  file: undo.file,
  keyedDigestBefore: short(undo.before),
  keyedDigestAfter: short(undo.after),
  keyedDigestNow: short(now),
});

/** Writes into the file that is there, so that mode and owner stay. */
export const byHandLine = (undo: FileUndo): string =>
  undo.before === null ? `rm -f ${shellWord(undo.file)}` : `cat ${shellWord(undo.copy)} > ${shellWord(undo.file)}`;

/** Plain sh, harmless when the change was never made or was taken back already; an edit by someone else ends it with what to do. */
export function byHandEdit(undo: FileUndo): readonly string[] {
  const [file, old, ours] = [undo.file, undo.copy, writtenCopy(undo)].map(shellWord);
  const asBefore = undo.before === null ? `[ ! -e ${file} ]` : `cmp -s ${file} ${old}`;
  return [
    [
      `if [ ! -f ${ours} ] || ${asBefore}; then :`,
      `elif cmp -s ${file} ${ours}; then ${byHandLine(undo)}`,
      'else',
      `  echo "someone else edited "${file}"; it was not touched. See: diff "${ours}" "${file} >&2`,
      `  echo "To keep the edit: rm "${ours}". To give it up: "${shellWord(byHandLine(undo))}". Then run these lines again." >&2`,
      '  exit 1',
      'fi',
    ].join('\n'),
  ];
}

/** What routerctl wrote, kept beside the old bytes: sh can compare with it, and cannot with a keyed digest. */
const writtenCopy = ({ copy }: FileUndo): string => `${copy}.written`;
