// The spellings in which a known secret may leave: raw, encoded, escaped. A masker that knows only the raw value is a sieve.

/** Values shorter than this would mask ordinary words; they must not get near a log at all. */
export const shortestSecret = 8;

/** Distinct texts (each at least `shortestSecret` long) that give the value away. */
export function secretVariants(value: string): readonly string[] {
  const variants = new Set<string>();
  for (const whole of wholes(value)) for (const variant of spellings(whole)) if (variant.length >= shortestSecret) variants.add(variant);
  return [...variants];
}

/** The value, the value without surrounding quotes and space, and each of its lines: logs and errors print lines. */
function wholes(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const pieces = [
    value,
    value.trim(),
    unquoted(value.trim()),
    ...(lines.length > 1 ? lines.filter((line) => !/^-----(BEGIN|END) /.test(line)) : []),
  ];
  return [...new Set(pieces)].filter((piece) => piece.length >= shortestSecret);
}

function unquoted(value: string): string {
  return /^(["'`]).*\1$/s.test(value) ? value.slice(1, -1) : value;
}

function* spellings(value: string): Generator<string> {
  const bytes = Buffer.from(value, 'utf8');
  const wide = Buffer.from(value, 'utf16le');
  yield value;
  yield bytes.toString('latin1');
  yield* escapes(value);
  yield* base64Spellings(bytes);
  yield* base64Spellings(wide);
  yield* hexSpellings(bytes);
  yield* hexSpellings(wide);
  yield [...value].join('\u0000');
  yield [...value].join('\\u0000');
  yield wide.toString('latin1').replace(/\u0000$/, '');
  for (const upper of [false, true]) yield unicodeEscaped(value, upper);
}

function* escapes(value: string): Generator<string> {
  yield* jsonSpellings(value);
  const xml = value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  yield xml;
  yield xml.replace(/"/g, '&quot;').replace(/'/g, '&apos;');
  yield xml.replace(/"/g, '&quot;').replace(/'/g, '&#39;');
  yield* percentSpellings(Buffer.from(value, 'utf8'));
  yield value.replace(/'/g, `'\\''`);
  yield value.replace(/[^\w@%+=:,./-]/g, '\\$&');
  yield value.replace(/["\\$`!]/g, '\\$&');
}

/** What the writers of JSON escape although they need not: Go, Gson, Python and PHP, .NET. */
const escapedInJson: readonly RegExp[] = [/[&<>\u2028\u2029]/g, /[&<>='\u2028\u2029]/g, /[^ -~]/g, /[&<>+'`]|[^ -~]/g];

function* jsonSpellings(value: string): Generator<string> {
  const json = JSON.stringify(value).slice(1, -1);
  const forms = new Set([json, json.replace(/\//g, '\\/')]);
  for (const escaped of escapedInJson) {
    for (const upper of [false, true]) {
      const form = json.replace(escaped, (character) => unicodeEscaped(character, upper));
      forms.add(form).add(form.replace(/\//g, '\\/'));
      forms.add(form.replace(/\\"/g, '\\u0022'));
    }
  }
  for (const form of forms) {
    yield form;
    yield JSON.stringify(form).slice(1, -1);
  }
}

/** What is left as it is besides letters and digits, by writer; the others escape it as `%XX`. */
const keptInUrl: readonly string[] = [
  '-_.~', // Go's queries, Python, C#
  '-_.~/', // Python's paths
  '-_.*', // forms of browsers and Java
  '-_.', // forms of PHP
  "-_.~!'()*", // encodeURIComponent
  "-_.~!'()*;/?:@&=+$,#", // encodeURI
  '-_.~$&+=:@', // Go's paths
  '-_.~$&+,;=', // user and password of a URL in Go
  "-_.~!$&'()*+,%", // user and password of a URL in browsers and Node
  '',
];

function* percentSpellings(bytes: Buffer): Generator<string> {
  for (const kept of keptInUrl) {
    for (const upper of [false, true]) {
      const escaped = [...bytes].map((byte) => percentEscaped(byte, kept, upper)).join('');
      yield escaped;
      yield escaped.replace(/%20/g, '+');
    }
  }
  yield [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
}

function percentEscaped(byte: number, kept: string, upper: boolean): string {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9]/.test(character) || (byte < 128 && kept.includes(character))) return character;
  const hex = byte.toString(16).padStart(2, '0');
  return `%${upper ? hex.toUpperCase() : hex}`;
}

/** Base64 of a text that holds the value, whichever of the three byte positions it begins at; neighbour-dependent ends cut off. */
function* base64Spellings(bytes: Buffer): Generator<string> {
  for (const shift of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const firstOwn = Math.ceil((shift * 8) / 6);
    const lastOwn = Math.floor(((shift + bytes.length) * 8) / 6);
    const own = encoded.slice(firstOwn, lastOwn);
    yield own;
    yield own.replace(/\+/g, '-').replace(/\//g, '_');
  }
}

function* hexSpellings(bytes: Buffer): Generator<string> {
  const hex = bytes.toString('hex');
  yield hex;
  yield hex.toUpperCase();
}

function unicodeEscaped(value: string, upper: boolean): string {
  const units: string[] = [];
  for (let index = 0; index < value.length; index += 1) {
    const hex = value.charCodeAt(index).toString(16).padStart(4, '0');
    units.push(`\\u${upper ? hex.toUpperCase() : hex}`);
  }
  return units.join('');
}
