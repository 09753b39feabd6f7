// A release note as an operator reads it before an upgrade: what it demands, what may be undone, how the result is proven. Pure: Markdown
// in, facts with their lines out. What the note does not say is told as not said, never guessed.
import { type NoteBlock, noteBlocks } from './note-blocks.js';
import {
  type DatabaseChange,
  databaseChange,
  deniedSubjects,
  labelled,
  type NoteSubject,
  plainWords,
  type Smoke,
  saysNone,
  smokesNamed,
  stopsNamed,
} from './note-words.js';

export const noteSections = {
  operator: 'operator impact',
  database: 'database changes',
  license: 'license changes',
  caller: 'caller-visible behavior',
  validation: 'validation',
  rollback: 'rollback',
} as const;

export type SectionId = keyof typeof noteSections;

export type NoteItem = {
  readonly text: string;
  readonly line: number;
};

export type NoteSection = {
  readonly line: number;
  readonly items: readonly NoteItem[];
};

/** What a person must have read before the change; `note` stands for what the note is silent on. */
export type ImpactId = 'operator' | 'database' | 'license' | 'caller' | 'note';

export type Impact = {
  readonly id: ImpactId;
  readonly title: string;
  readonly items: readonly NoteItem[];
};

export type ReleaseNote = {
  /** As it is told to people, before the colon and the line. */
  readonly file: string;
  readonly sections: { readonly [Section in SectionId]?: NoteSection };
  /** Sections that the note has none of, and says nothing of elsewhere. */
  readonly silent: readonly SectionId[];
  /** Headings that are none of the six: a person reads them. */
  readonly others: readonly NoteItem[];
  readonly impacts: readonly Impact[];
  readonly kind: 'docs-only' | 'behaviour-changing';
  readonly why: string;
  readonly database: DatabaseChange;
  readonly smokes: readonly (NoteItem & { readonly names: readonly Smoke[] })[];
  readonly stops: readonly (NoteItem & { readonly version: string })[];
};

export type NoteReading = { readonly note: ReleaseNote } | { readonly trouble: string; readonly hint: string };

export interface NoteSource {
  readonly file: string;
  /** The release that is asked about: a page of several releases is read at its entry. */
  readonly version: string | null;
}

export const largestNoteBytes = 256 * 1024;

export function readReleaseNote(content: Uint8Array | string, { file, version }: NoteSource): NoteReading {
  const text = textOf(content);
  const attach = 'attach the right one: --notes FILE';
  if (text === null) return { trouble: `${file} is no UTF-8 text`, hint: attach };
  if (text.length > largestNoteBytes)
    return { trouble: `${file} is larger than ${largestNoteBytes / 1024} KiB`, hint: 'attach the part about this release: --notes FILE' };
  const blocks = noteBlocks(text);
  if (blocks.length === 0) return { trouble: `${file} is empty`, hint: attach };
  const entry = version === null ? blocks : entryOf(blocks, version);
  if ('others' in entry) return { trouble: `${file} tells of ${entry.others.slice(0, 5).join(', ')}, and not of ${version}`, hint: attach };
  return { note: noteOf(file, entry) };
}

/** null for what is no text: of a string, what its decoder had to replace. */
function textOf(content: Uint8Array | string): string | null {
  if (typeof content === 'string') return /[\ufffd\0]/.test(content) ? null : content;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

const number = '\\[?v?(\\d+(?:\\.\\d+)+(?:-[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*)?)(?![\\w])';
const entryForm = new RegExp(`^(?:release |version )?${number}`, 'i');
const titleForm = new RegExp(`^(?!.*\\b(?:from|since|to|before|after)\\b).*?(?<![\\w.])${number}`, 'i');

/** The release that a heading begins: its number comes first, or stands in a title. Any other number is of what the text speaks of. */
function releaseOf(block: NoteBlock): string | null {
  if (block.is !== 'heading') return null;
  const text = plainWords(block.text);
  return (entryForm.exec(text) ?? (block.level === 1 ? titleForm.exec(text) : null))?.[1] ?? null;
}

/** The blocks below the heading of this version, all of them where no heading names a version, or the versions that are told of. */
function entryOf(blocks: readonly NoteBlock[], version: string): readonly NoteBlock[] | { readonly others: readonly string[] } {
  const releases = blocks.map(releaseOf);
  if (releases.every((release) => release === null)) return blocks;
  const at = releases.indexOf(plainWords(version).replace(/^v/, ''));
  if (at === -1) return { others: [...new Set(releases.filter((release) => release !== null))] };
  const next = releases.findIndex((release, index) => index > at && release !== null);
  return blocks.slice(at + 1, next === -1 ? undefined : next);
}

const headings: Readonly<Record<string, SectionId>> = {
  'operator impact': 'operator',
  'impact on operators': 'operator',
  database: 'database',
  'database change': 'database',
  'database changes': 'database',
  'database impact': 'database',
  'database migrations': 'database',
  license: 'license',
  'license change': 'license',
  'license changes': 'license',
  'license impact': 'license',
  'caller impact': 'caller',
  'caller-visible behavior': 'caller',
  'caller visible behavior': 'caller',
  'caller-visible behavior changes': 'caller',
  'caller-visible changes': 'caller',
  validation: 'validation',
  'post-upgrade validation': 'validation',
  rollback: 'rollback',
  'roll back': 'rollback',
  'rollback instructions': 'rollback',
};

function sectionOf(heading: string): SectionId | null {
  const words = plainWords(heading)
    .replace(/^\d+[.)]\s+/, '')
    .replace(/[:.]+$/, '')
    .trim();
  return headings[words] ?? null;
}

interface Read {
  readonly sections: { [Section in SectionId]?: { line: number; items: NoteItem[] } };
  readonly others: NoteItem[];
  readonly all: NoteItem[];
}

function sectionsOf(blocks: readonly NoteBlock[]): Read {
  const read: Read = { sections: {}, others: [], all: [] };
  let current: SectionId | null = null;
  let level = 0;
  for (const block of blocks) {
    const { text, line } = block;
    if (block.is === 'item') {
      read.all.push({ text, line });
      if (current !== null) read.sections[current]?.items.push({ text, line });
      continue;
    }
    const section = sectionOf(text);
    if (section === null && current !== null && block.level > level) continue;
    current = section;
    level = block.level;
    if (section === null) read.others.push({ text, line });
    else read.sections[section] ??= { line, items: [] };
  }
  return read;
}

function noteOf(file: string, blocks: readonly NoteBlock[]): ReleaseNote {
  const { sections, others, all } = sectionsOf(blocks);
  const statements = statementsOf(sections, all);
  const isSilent = (id: SectionId): boolean => {
    if ((sections[id]?.items.length ?? 0) > 0) return false;
    return !((id === 'database' || id === 'license') && statements.some(({ subject }) => subject === id));
  };
  const silent = (Object.keys(noteSections) as SectionId[]).filter(isSilent);
  const about = statements.filter(({ subject }) => subject === 'database').map(({ says }) => says);
  return {
    file,
    sections,
    silent,
    others,
    impacts: impactsOf(sections, silent),
    ...kindOf(statements),
    database: databaseChange(about),
    smokes: (sections.validation?.items ?? []).map((item) => ({ ...item, names: smokesNamed(item.text) })),
    stops: all.flatMap((item) => stopsNamed(item.text).map((version) => ({ ...item, version }))),
  };
}

interface Statement {
  readonly subject: NoteSubject;
  readonly says: string;
  readonly line: number;
}

/** What is said of each subject: in its own section, behind its label, or in a list of what does not change. */
function statementsOf(sections: Read['sections'], all: readonly NoteItem[]): readonly Statement[] {
  const own = (id: SectionId, subject: NoteSubject): readonly Statement[] =>
    (sections[id]?.items ?? []).filter(({ text }) => labelled(text) === null).map(({ text, line }) => ({ subject, says: text, line }));
  const spoken = all.flatMap(({ text, line }): readonly Statement[] => {
    const label = labelled(text);
    if (label !== null) return [{ subject: label.subject, says: label.rest, line }];
    return deniedSubjects(text).map((subject) => ({ subject, says: 'none', line }));
  });
  return [...own('database', 'database'), ...own('license', 'license'), ...own('caller', 'caller-api'), ...spoken];
}

const subjects: Readonly<Record<NoteSubject, string>> = {
  config: 'the config',
  database: 'the database',
  license: 'the license',
  'model-group': 'model groups',
  'caller-api': 'the callers’ API',
};

/** Docs-only is what the note says of all five; everything else is treated as a release that changes behaviour. */
function kindOf(statements: readonly Statement[]): Pick<ReleaseNote, 'kind' | 'why'> {
  const changing = statements.find(({ says }) => !saysNone(says));
  if (changing !== undefined)
    return { kind: 'behaviour-changing', why: `it says something of ${subjects[changing.subject]} (line ${changing.line})` };
  const unsaid = (Object.keys(subjects) as NoteSubject[]).filter((id) => !statements.some(({ subject }) => subject === id));
  return unsaid.length === 0
    ? { kind: 'docs-only', why: 'it says that config, database, license, model groups and callers’ API do not change' }
    : { kind: 'behaviour-changing', why: `it does not say that ${unsaid.map((id) => subjects[id]).join(', ')} stay as they are` };
}

function impactsOf(sections: Read['sections'], silent: readonly SectionId[]): readonly Impact[] {
  const impacts = (['operator', 'database', 'license', 'caller'] as const).flatMap((id): readonly Impact[] => {
    const items = (sections[id]?.items ?? []).filter(({ text }) => !saysNone(labelled(text)?.rest ?? text));
    return items.length === 0 ? [] : [{ id, title: noteSections[id], items }];
  });
  return silent.length === 0
    ? impacts
    : [...impacts, { id: 'note', title: `silent on ${silent.map((id) => noteSections[id]).join(', ')}`, items: [] }];
}
