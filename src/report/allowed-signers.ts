// Who is trusted: OpenSSH's allowed_signers format, so that one file serves routerctl and `ssh-keygen -Y verify` alike.
import type { KeyObject } from 'node:crypto';
import { publicKeyOfBlob, sshFingerprint } from './ssh-wire.js';

export interface AllowedSigner {
  readonly principals: readonly string[];
  readonly namespaces: readonly string[] | null;
  readonly validAfterMs: number | null;
  readonly validBeforeMs: number | null;
  readonly publicKey: KeyObject;
  readonly fingerprint: string;
  readonly line: number;
}

export interface AllowedSigners {
  readonly signers: readonly AllowedSigner[];
  /** Lines that were not understood and therefore trust nobody: `line 3: …`. */
  readonly problems: readonly string[];
}

export function parseAllowedSigners(text: string): AllowedSigners {
  const signers: AllowedSigner[] = [];
  const problems: string[] = [];
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const parsed = parseLine(line, index + 1);
    if (typeof parsed === 'string') problems.push(`line ${index + 1}: ${parsed}`);
    else signers.push(parsed);
  });
  return { signers, problems };
}

/** Does one of the patterns (`*`, `?`, `!no`) fit? A negated one that fits refuses. */
export function principalMatches(patterns: readonly string[], identity: string): boolean {
  let fits = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!wildcard(negated ? pattern.slice(1) : pattern).test(identity)) continue;
    if (negated) return false;
    fits = true;
  }
  return fits;
}

function parseLine(line: string, number: number): AllowedSigner | string {
  const words = splitWords(line);
  const typeAt = words.findIndex((word, index) => index > 0 && /^(ssh-|ecdsa-|sk-)[\w@.-]+$/.test(word));
  const [principals, blobText] = [words[0] ?? '', words[typeAt + 1] ?? ''];
  if (typeAt === -1 || blobText === '') return 'no key; expected: identity [options] keytype base64';
  const blob = Buffer.from(blobText, 'base64');
  const publicKey = publicKeyOfBlob(blob);
  if (publicKey === null) return `${words[typeAt] ?? 'key'} is damaged or not of a kind that routerctl accepts (P-256, Ed25519)`;
  const options = readOptions(words.slice(1, typeAt).join(' '));
  if (typeof options === 'string') return options;
  return { principals: unquote(principals).split(','), ...options, publicKey, fingerprint: sshFingerprint(blob), line: number };
}

type Limits = Pick<AllowedSigner, 'namespaces' | 'validAfterMs' | 'validBeforeMs'>;

function readOptions(text: string): Limits | string {
  let limits: Limits = { namespaces: null, validAfterMs: null, validBeforeMs: null };
  for (const option of text.match(/[^\s,="]+(?:="[^"]*"|=[^\s,"]+)?/g) ?? []) {
    const [name = '', value = ''] = [option.split('=')[0]?.toLowerCase(), unquote(option.slice(option.indexOf('=') + 1))];
    if (name === 'namespaces') limits = { ...limits, namespaces: value.split(',') };
    else if (name === 'valid-after' || name === 'valid-before') {
      const atMs = sshTime(value);
      if (atMs === null) return `${name}="${value}" is not a time (YYYYMMDD[HHMM[SS]][Z])`;
      limits = name === 'valid-after' ? { ...limits, validAfterMs: atMs } : { ...limits, validBeforeMs: atMs };
    } else return `option ${name} is not supported`;
  }
  return limits;
}

/** With Z it is UTC, without it the machine's own time zone, as OpenSSH reads it. */
function sshTime(text: string): number | null {
  const match = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z?)$/.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const atMs =
    match[7] === 'Z'
      ? Date.UTC(year, month - 1, day, hour, minute, second)
      : new Date(year, month - 1, day, hour, minute, second).getTime();
  return Number.isNaN(atMs) ? null : atMs;
}

const splitWords = (line: string): string[] => line.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
const unquote = (text: string): string => text.replace(/^"(.*)"$/, '$1');

function wildcard(pattern: string): RegExp {
  const body = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${body}$`);
}
