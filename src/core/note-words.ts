// What the sentences of a release note say, as far as it can be known from words alone: nothing changes, a migration cannot be taken
// back, another version comes first, which smokes are named. Whatever is not said in one of these ways counts as not said.

/** What the upgrade guide wants a docs-only release to leave alone, each stated for itself. */
export type NoteSubject = 'config' | 'database' | 'license' | 'model-group' | 'caller-api';

export type DatabaseChange = 'none' | 'reversible' | 'non-reversible' | 'unstated';

export type Smoke = 'ready' | 'version' | 'docs' | 'models' | 'completion' | 'model-group' | 'api-skin' | 'metrics' | 'report' | 'license';

/** Text as a sentence is compared: no emphasis, one spelling, small letters. */
export const plainWords = (text: string): string =>
  text
    .replace(/[*_`]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase()
    .replaceAll('behaviour', 'behavior')
    .replaceAll('licence', 'license');

const sentencesOf = (text: string): readonly string[] =>
  plainWords(text)
    .split(/(?<=[.!;])\s/)
    .map((sentence) => sentence.replace(/[.!;\s]+$/, '').trim())
    .filter((sentence) => sentence !== '');

const nothing = new Set(['none', 'nothing', 'no', 'n/a', 'not applicable', 'no change', 'no changes', 'unchanged', '-']);
const endings = /^(.*?)\s?(?:changes?|impacts?|migrations?|actions?)(?: (?:(?:is|are) )?(?:required|needed)| in this release)?$/;
const joints = new Set(['or', 'and', 'nor', '']);
const subjectWords: Readonly<Record<string, NoteSubject>> = {
  config: 'config',
  configuration: 'config',
  database: 'database',
  schema: 'database',
  data: 'database',
  license: 'license',
  'model-group': 'model-group',
  'caller-api': 'caller-api',
  api: 'caller-api',
  'caller-visible': 'caller-api',
  caller: 'caller-api',
};
/** They name no subject of their own and take nothing from "no". */
const fillers = new Set(['operator', 'user', 'behavior', 'usage', 'further']);

/** The subjects of which a sentence says that nothing changes; null when it says anything else. */
function denied(sentence: string): readonly NoteSubject[] | null {
  if (nothing.has(sentence)) return [];
  const [, list] = endings.exec(sentence.startsWith('no ') ? sentence.slice(3) : '') ?? [];
  if (list === undefined) return null;
  const words = list
    .replace(/model[ -]groups?/g, 'model-group')
    .replace(/caller[ -]api/g, 'caller-api')
    .replace(/caller visible/g, 'caller-visible')
    .split(/[\s,/]+/);
  const subjects: NoteSubject[] = [];
  for (const word of words) {
    const subject = subjectWords[word];
    if (subject !== undefined) subjects.push(subject);
    else if (!joints.has(word) && !fillers.has(word)) return null;
  }
  return subjects;
}

/** Nothing but "none" in some form: one further sentence, and a person has to read it. */
export function saysNone(text: string): boolean {
  const sentences = sentencesOf(text);
  return sentences.length > 0 && sentences.every((sentence) => denied(sentence) !== null);
}

/** "No config, database or license changes": what such sentences of a text name. */
export const deniedSubjects = (text: string): readonly NoteSubject[] => sentencesOf(text).flatMap((sentence) => denied(sentence) ?? []);

const labels: Readonly<Record<string, NoteSubject>> = {
  config: 'config',
  configuration: 'config',
  database: 'database',
  'database changes': 'database',
  schema: 'database',
  license: 'license',
  'model group': 'model-group',
  'model groups': 'model-group',
  'model-groups': 'model-group',
  api: 'caller-api',
  'caller api': 'caller-api',
  'api behavior': 'caller-api',
};

/** `Database: None.` taken apart; null when the item begins with no label that is known. */
export function labelled(text: string): { readonly subject: NoteSubject; readonly rest: string } | null {
  const at = text.indexOf(':');
  const subject = at === -1 ? undefined : labels[plainWords(text.slice(0, at))];
  return subject === undefined
    ? null
    : {
        subject,
        rest: text
          .slice(at + 1)
          .replace(/^[*_`]+/, '')
          .trim(),
      };
}

const lasting =
  /(?<!\b(?:not|no|never|neither|nor|without)\s(?:a\s)?)\b(?:non-?reversible|irreversible|not reversible|restore-required|cannot be (?:reversed|undone))\b/;
const passing = /(?<!non-)(?<!\b(?:not|no|never)\s)\b(?:reversible|compatible)\b/;

/** Of the statements about the database. One that cannot be taken back outweighs every other; a negated word decides nothing. */
export function databaseChange(texts: readonly string[]): DatabaseChange {
  const told = texts.flatMap(sentencesOf).filter((sentence) => denied(sentence) === null);
  if (told.some((sentence) => lasting.test(sentence))) return 'non-reversible';
  if (texts.length > 0 && told.length === 0) return 'none';
  return told.some((sentence) => passing.test(sentence)) ? 'reversible' : 'unstated';
}

const smokeForms: readonly (readonly [Smoke, RegExp])[] = [
  ['ready', /\/readyz\b|\breadiness\b/],
  ['version', /\/version\b/],
  ['docs', /\bdocs\b|\bbanner\b|\/docs\b/],
  ['models', /\/v1\/models\b/],
  ['completion', /\bcompletions?\b|\bchat\b/],
  ['model-group', /\bmodel[ -]groups?\b/],
  ['api-skin', /\bapi skins?\b|\bresponses\b|\bmessages\b/],
  ['metrics', /\/metrics\b|\bmetrics\b/],
  ['report', /\/admin\/reports\b|\breports?\b|\busage-report\b/],
  ['license', /\blicense\b/],
];

export function smokesNamed(text: string): readonly Smoke[] {
  const words = plainWords(text);
  return smokeForms.filter(([, form]) => form.test(words)).map(([smoke]) => smoke);
}

const version = 'v?(\\d+(?:\\.\\d+)+(?:-[0-9a-z]+(?:[.-][0-9a-z]+)*)?)';
const stopForms = [
  `\\bupgrade (?:first )?to (?:version |release )?${version} first\\b`,
  `\\bupgrades? only from (?:version |release )?${version} or (?:later|newer|above)\\b`,
  `\\brequired (?:version )?stop(?: at)?:? ${version}`,
].map((form) => new RegExp(form, 'g'));

/** Versions that must be installed before this one. */
export function stopsNamed(text: string): readonly string[] {
  const words = plainWords(text);
  return stopForms.flatMap((form) => [...words.matchAll(form)].map(([, named = '']) => named));
}
