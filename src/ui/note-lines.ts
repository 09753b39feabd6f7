// The release note in a plan: what must be acknowledged, which of its smokes the plan runs and which are left to people, and how the
// note wants the release taken back.
import { notedSmokes } from '../core/note-smokes.js';
import type { Plan } from '../core/plan.js';
import type { ReleaseNote } from '../core/release-note.js';

/** Label and text; a label is empty where the one above goes on. */
export type NoteRow = readonly [label: string, text: string];

export function noteRows(plan: Plan): readonly NoteRow[] {
  const { releaseNote } = plan;
  if (releaseNote === undefined) return [];
  if ('trouble' in releaseNote) return [['note', `${releaseNote.trouble}; ${releaseNote.hint}`]];
  const { note } = releaseNote;
  return [
    ['note', `${note.file}: ${note.kind}, because ${note.why}; database changes: ${note.database}`],
    ...stopRows(note),
    ...labelledRows('impacts', impactTexts(note)),
    ...labelledRows('smokes', smokeTexts(note, plan)),
    ...labelledRows('way back', placed(note, note.sections.rollback?.items ?? [])),
    ...labelledRows('also read', placed(note, note.others)),
  ];
}

const labelledRows = (label: string, texts: readonly string[]): readonly NoteRow[] =>
  texts.map((text, index) => [index === 0 ? label : '', text]);

const placed = ({ file }: ReleaseNote, items: readonly { readonly line: number; readonly text: string }[]): readonly string[] =>
  items.map(({ line, text }) => `${file}:${line}: ${text}`);

const stopRows = (note: ReleaseNote): readonly NoteRow[] =>
  labelledRows(
    'first',
    note.stops.map(({ version, line }) => `${version} must be installed before (${note.file}:${line})`),
  );

function impactTexts(note: ReleaseNote): readonly string[] {
  return note.impacts.flatMap(({ id, title, items }) => [
    `${title}; to acknowledge: --acknowledge ${id}`,
    ...placed(note, items).map((text) => `  ${text}`),
  ]);
}

function smokeTexts(note: ReleaseNote, plan: Plan): readonly string[] {
  return notedSmokes(note, plan).map(({ line, text, open, byHand }) => {
    const who = byHand ? 'by hand' : open.length === 0 ? 'by this plan' : `by hand: ${open.join(', ')}`;
    return `${who} (${note.file}:${line}): ${text}`;
  });
}
