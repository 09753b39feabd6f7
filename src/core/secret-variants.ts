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
  const json = JSON.stringify(value).slice(1, -1);
  yield json;
  yield json.replace(/\//g, '\\/');
  yield JSON.stringify(json).slice(1, -1);
  const xml = value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  yield xml;
  yield xml.replace(/"/g, '&quot;').replace(/'/g, '&apos;');
  yield xml.replace(/"/g, '&quot;').replace(/'/g, '&#39;');
  const wellFormed = Buffer.from(value, 'utf8').toString('utf8');
  for (const uri of [encodeURIComponent(wellFormed), encodeURI(wellFormed)]) {
    yield uri;
    yield uri.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
    yield uri.replace(/%20/g, '+');
  }
  yield [...Buffer.from(value, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
  yield value.replace(/'/g, `'\\''`);
  yield value.replace(/[^\w@%+=:,./-]/g, '\\$&');
  yield value.replace(/["\\$`!]/g, '\\$&');
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
