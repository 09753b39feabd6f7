// How much a terminal can show: colours, and characters beyond ASCII. Decided once from the environment, so that printers
// stay pure functions of their input.
export interface Style {
  readonly color: boolean;
  readonly unicode: boolean;
}

export const plainStyle: Style = { color: false, unicode: true };

type Environment = Readonly<Record<string, string | undefined>>;

/** NO_COLOR (any value but empty) and a dumb terminal win over FORCE_COLOR; a pipe has no colour unless forced. */
export function styleFor(environment: Environment, isTty: boolean): Style {
  return { color: wantsColor(environment, isTty), unicode: hasUtf8Locale(environment) };
}

function wantsColor(environment: Environment, isTty: boolean): boolean {
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return isTty && environment['TERM'] !== 'dumb';
}

/** POSIX: the first of LC_ALL, LC_CTYPE and LANG that is set and not empty decides. */
function hasUtf8Locale(environment: Environment): boolean {
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find((value) => (value ?? '') !== '');
  return /utf-?8/i.test(locale ?? '');
}

export type Tone = 'plain' | 'good' | 'bad' | 'attention' | 'quiet' | 'strong' | 'alarm';

const codes: Readonly<Record<Exclude<Tone, 'plain'>, string>> = {
  good: '32',
  bad: '1;31',
  attention: '33',
  quiet: '2',
  strong: '1',
  alarm: '1;97;41',
};

export function paint(text: string, tone: Tone, style: Style): string {
  if (!style.color || tone === 'plain' || text === '') return text;
  return `\u001b[${codes[tone]}m${text}\u001b[0m`;
}

const asciiFor: Readonly<Record<string, string>> = {
  '✓': '+',
  '✗': 'x',
  '▶': '>',
  '·': '|',
  '…': '~',
  '→': '>',
  '─': '-',
  '±': '~',
  '×': 'x',
};

/** The text in the characters that the terminal has; one column stays one column. */
export function inLocale(text: string, style: Style): string {
  if (style.unicode) return text;
  return [...text].map((character) => ((character.codePointAt(0) ?? 0) < 0x80 ? character : (asciiFor[character] ?? '?'))).join('');
}
