// Answers "what is this?" offline: a check, a change, a command, an error code, an exit code or a word of the glossary,
// from the reference pages that are shipped and the two lists that the code itself goes by.
import { type ErrorCode, errorCatalogue, RouterctlError } from '../core/errors.js';
import { type ExitCode, exitCodes } from '../core/exit-code.js';
import { nearestWords } from './nearest-words.js';

export interface ReferencePage {
  /** The folder below docs/reference (`checks`, `changes`), empty for a page of its own. */
  readonly folder: string;
  /** File name without `.md`; the word that it explains. */
  readonly name: string;
  readonly text: string;
}

export interface ExplainSources {
  readonly pages: readonly ReferencePage[];
  /** Markdown of the glossary: one `## word` per entry. */
  readonly glossary: string;
}

export interface Explanation {
  /** What the word is: `check`, `change`, `command`, `page`, `error`, `exit code`, `word`. */
  readonly sort: string;
  readonly name: string;
  readonly markdown: string;
}

/** Everything that goes by that word, most specific first; throws EXPLAIN_UNKNOWN with the nearest words. */
export function explain(asked: string, sources: ExplainSources): readonly Explanation[] {
  const word = asked.trim().replaceAll(/\s+/g, ' ');
  const found = [
    ...exitCodeNamed(word),
    ...errorNamed(word),
    ...pagesNamed(word, sources),
    ...commandNamed(word, sources),
    ...wordNamed(word, sources),
  ];
  if (found.length > 0) return found;
  const near = nearestWords(word, knownWords(sources));
  throw new RouterctlError('EXPLAIN_UNKNOWN', `routerctl knows no check, change, command, error, exit code or word "${word}"`, {
    hint:
      near.length > 0
        ? `did you mean ${near.join(', ')}?`
        : `routerctl check list names the checks; exit codes are ${Object.keys(exitCodes).join(', ')}`,
  });
}

export function knownWords(sources: ExplainSources): readonly string[] {
  const commands = [...commandSections(sources).keys()];
  const words = [
    ...sources.pages.map(({ name }) => name),
    ...commands,
    ...sections(sources.glossary).keys(),
    ...Object.keys(errorCatalogue),
  ];
  return [...new Set(words)];
}

const normal = (word: string): string => word.toLowerCase().replaceAll(/[\s_]+/g, '-');

const sortOf: Readonly<Record<string, string>> = { checks: 'check', changes: 'change' };

function pagesNamed(word: string, { pages }: ExplainSources): Explanation[] {
  const wanted = normal(word);
  return pages
    .filter(({ name }) => name === wanted)
    .map(({ folder, name, text }) => ({ sort: sortOf[folder] ?? 'page', name, markdown: withoutTitle(text) }));
}

/** All commands share one page; a section is headed by the command as it is typed. */
function commandSections({ pages }: ExplainSources): Map<string, string> {
  const page = pages.find(({ folder, name }) => folder === '' && name === 'commands');
  return new Map([...sections(page?.text ?? '')].map(([heading, text]) => [heading.replace(/^routerctl /, ''), text]));
}

/** A command, or every command of a topic. */
function commandNamed(word: string, sources: ExplainSources): Explanation[] {
  const commands = commandSections(sources);
  const wanted = word.toLowerCase().replace(/^routerctl /, '');
  const text = commands.get(wanted);
  if (text !== undefined) return [{ sort: 'command', name: wanted, markdown: text }];
  const members = [...commands].filter(([name]) => name.startsWith(`${wanted} `));
  if (members.length === 0) return [];
  const lines = members.map(([name, about]) => `- routerctl ${name}: ${about.split('\n')[0] ?? ''}`);
  return [{ sort: 'commands', name: wanted, markdown: lines.join('\n') }];
}

function errorNamed(word: string): Explanation[] {
  const code = word.toUpperCase().replaceAll(/[\s-]+/g, '_');
  if (!isErrorCode(code)) return [];
  const { exit, when } = errorCatalogue[code];
  return [{ sort: 'error', name: code, markdown: `Raised when ${when}.\n\nExit code ${exit}: ${exitCodes[exit]}.` }];
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);

function exitCodeNamed(word: string): Explanation[] {
  const digits = /^(?:exit(?:[ -]?(?:code|status))?[ -]?)?(\d{1,3})$/i.exec(word)?.[1];
  if (digits === undefined) return [];
  const code = exitCodeOf(digits);
  if (code === null) return [];
  const raised = Object.entries(errorCatalogue).filter(([, { exit }]) => exit === code);
  const meaning = exitCodes[code];
  const lines = [`${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`];
  if (raised.length > 0) lines.push('', 'Errors that end with it:', '', ...raised.map(([name, { when }]) => `- ${name}: ${when}`));
  return [{ sort: 'exit code', name: digits, markdown: lines.join('\n') }];
}

const exitCodeOf = (digits: string): ExitCode | null => {
  const key = Object.keys(exitCodes).find((code) => code === digits);
  return key === undefined ? null : (Number(key) as ExitCode);
};

function wordNamed(word: string, { glossary }: ExplainSources): Explanation[] {
  for (const [name, text] of sections(glossary)) if (normal(name) === normal(word)) return [{ sort: 'word', name, markdown: text }];
  return [];
}

/** The text below each `##` heading (any depth from two), by the heading without code marks. */
function sections(markdown: string): Map<string, string> {
  const found = new Map<string, string>();
  let name: string | null = null;
  let lines: string[] = [];
  const keep = (): void => {
    if (name !== null) found.set(name, lines.join('\n').trim());
  };
  for (const text of markdown.split('\n')) {
    const heading = /^#{2,} +(.+)$/.exec(text);
    if (heading === null) lines.push(text);
    else {
      keep();
      name = (heading[1] ?? '').replaceAll('`', '').trim();
      lines = [];
    }
  }
  keep();
  return found;
}

const withoutTitle = (text: string): string =>
  text
    .replace(/^# .*\n+/, '')
    .replaceAll(/<!--[\s\S]*?-->\n*/g, '')
    .trim();
