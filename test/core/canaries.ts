// Fourteen made-up secrets in the shapes of real ones, and the spellings in which each could leave. Built by code, so that no
// scanner takes this file for a leak. The encoders are written without the masker's own code: one wrong idea must not hide in both.
import { createHash } from 'node:crypto';

const random = (seed: string, length: number, alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'): string => {
  let text = '';
  for (let round = 0; text.length < length; round += 1) {
    for (const byte of createHash('sha256').update(`${seed}/${round}`).digest()) text += alphabet[byte % alphabet.length];
  }
  return text.slice(0, length);
};

export const canaries: Readonly<Record<string, string>> = {
  openai: `sk-proj-${random('openai', 58)}T3Blbk${'FJ'}${random('openai2', 58)}`,
  anthropic: `sk-ant-${'api03'}-${random('anthropic', 93)}AA`,
  caller: `sk-${random('caller', 32)}`,
  google: `AIza${random('google', 35)}`,
  huggingface: `hf_${random('hf', 34, 'abcdefghijklmnopqrstuvwxyzABCDEFGH')}`,
  perplexity: `pplx-${random('pplx', 48)}`,
  bedrock: `ABSK${random('bedrock', 120)}=`,
  azure: `abc8Q~${random('azure', 33)}`,
  github: `ghp_${random('github', 36)}`,
  groq: `gsk_${random('groq', 40)}`,
  databasePassword: `p&s<s>"w'rd $1/${random('db', 10)}\\x`,
  passphrase: 'Pa!ss(word)*2026&more',
  license: `-----BEGIN LICENSE-----\n${random('l1', 40)}\n${random('l2', 40)}\n-----END LICENSE-----`,
  usageRow: `customer-${random('row', 20)}@example.test`,
  prompt: `Über den geheimen Plan: ${random('prompt', 24)}`,
  image: random('image', 300),
};

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
/** As Go's QueryEscape and Python's quote write it: everything but letters, digits, `-`, `_`, `.` and `~`. */
const percent = (text: string, kept = /[\w.~-]/): string =>
  [...utf8(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return byte < 128 && kept.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
const goJson = (text: string): string =>
  JSON.stringify(text).replaceAll('&', '\\u0026').replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
/** Base64 with something before and behind, so that a line ends inside the secret. */
const inLines = (secret: string, width: number, lineBreak: string): string =>
  (
    utf8(`${'.'.repeat(45)}${secret}${','.repeat(45)}`)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  ).join(lineBreak);
const xml: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

export const encodings: Readonly<Record<string, (secret: string) => string>> = {
  raw: (secret) => `before ${secret} after`,
  'last line of several': (secret) => `| ${secret.split('\n').at(-2) ?? secret} |`,
  'base64 at 0': (secret) => utf8(`${secret}, tail`).toString('base64'),
  'base64 at 1': (secret) => utf8(`u${secret}, tail`).toString('base64'),
  'base64 at 2': (secret) => utf8(`us${secret}, tail`).toString('base64'),
  'basic authentication': (secret) => `Basic ${utf8(`user:${secret}`).toString('base64')}`,
  base64url: (secret) => utf8(`{"k":"${secret}"}`).toString('base64url'),
  hex: (secret) => utf8(secret).toString('hex'),
  'upper-case hex': (secret) => utf8(secret).toString('hex').toUpperCase(),
  JSON: (secret) => JSON.stringify({ note: secret }),
  'JSON in JSON': (secret) => JSON.stringify({ body: JSON.stringify({ note: secret }) }),
  XML: (secret) => `<a b="${secret.replace(/[&<>"']/g, (character) => xml[character] ?? '')}"/>`,
  URI: (secret) => `https://host.test/x?q=${encodeURIComponent(secret)}`,
  'URI as Go and Python write it': (secret) => `https://host.test/x?q=${percent(secret)}`,
  'URI as Python writes a path': (secret) => `https://host.test/${percent(secret, /[\w.~/-]/)}`,
  'form as Go and Python write it': (secret) => `q=${percent(secret).replaceAll('%20', '+')}&r=1`,
  'form as browsers and Java write it': (secret) => `q=${percent(secret, /[\w.*-]/).replaceAll('%20', '+')}&r=1`,
  'password of a URL as Go writes it': (secret) => `x://h.test/${percent(secret, /[\w.~$&+,;=-]/)}`,
  'JSON as Go writes it': (secret) => goJson(secret),
  'JSON as Go writes it, in JSON': (secret) => JSON.stringify({ body: goJson(secret) }),
  'JSON in ASCII': (secret) =>
    JSON.stringify(secret).replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'base64 in lines of a mail': (secret) => inLines(secret, 76, '\r\n'),
  'base64 in lines of openssl': (secret) => inLines(secret, 64, '\n'),
  'base64 in lines, in JSON': (secret) => JSON.stringify({ log: inLines(secret, 76, '\r\n') }),
  'base64 in lines, in JSON in JSON': (secret) => JSON.stringify({ body: JSON.stringify({ log: inLines(secret, 76, '\n') }) }),
  'shell single quotes': (secret) => `curl -H '${secret.replaceAll("'", `'\\''`)}'`,
  'UTF-16LE': (secret) => Buffer.from(secret, 'utf16le').toString('latin1'),
  'UTF-16LE in base64': (secret) => Buffer.from(secret, 'utf16le').toString('base64'),
  'JSON with every character escaped': (secret) =>
    Array.from({ length: secret.length }, (_, at) => `\\u${secret.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  'trimmed of quotes': (secret) => `value=${secret};`,
};

/** Does the text still give the secret away? Looks for the middle of what the encoder made, so that cut ends do not hide it. */
export function givesAway(text: string, encoded: string): boolean {
  const middle = Math.floor(encoded.length / 2);
  return text.includes(encoded.slice(middle - 4, middle + 4));
}
