// Looks for planted secrets wherever a command could have left them: what it said, every file it wrote, every process it started.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

/** Written without the masker's own code: one wrong idea must not hide in both. */
export const spellings: Readonly<Record<string, (secret: string) => string>> = {
  raw: (secret) => secret,
  base64: (secret) => utf8(secret).toString('base64').replace(/=+$/, ''),
  'base64 of a pair': (secret) => utf8(`user:${secret}`).toString('base64'),
  base64url: (secret) => utf8(secret).toString('base64url'),
  hex: (secret) => utf8(secret).toString('hex'),
  'upper-case hex': (secret) => utf8(secret).toString('hex').toUpperCase(),
  URL: (secret) => encodeURIComponent(secret),
  JSON: (secret) => JSON.stringify(secret).slice(1, -1),
};

/** `name/spelling` of every secret that the text gives away, whole or as a long piece of it. */
export function leaksIn(text: string, secrets: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    Object.entries(spellings)
      .filter(([, spell]) => pieces(spell(secret)).some((piece) => text.includes(piece)))
      .map(([spelling]) => `${name}/${spelling}`),
  );
}

/** Half a secret is a leak too: one that a program cut in two must not pass. */
function pieces(spelled: string): readonly string[] {
  const half = Math.max(12, Math.floor(spelled.length / 2));
  return spelled.length <= 24 ? [spelled] : [spelled.slice(0, half), spelled.slice(-half)];
}

/** Files below a directory that give a secret away; `kept` are those that must hold it, and then only their owner may read them. */
export function leaksBelow(
  directory: string,
  secrets: Readonly<Record<string, string>>,
  kept: (path: string) => boolean,
): { readonly leaks: readonly string[]; readonly loose: readonly string[]; readonly looked: number } {
  const leaks: string[] = [];
  const loose: string[] = [];
  let looked = 0;
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(directory, entry);
    const facts = lstatSync(path);
    if (!facts.isFile()) continue;
    looked += 1;
    const content = readFileSync(path);
    const found = leaksIn(content.toString('latin1'), secrets);
    if (found.length === 0) continue;
    if (!kept(path)) leaks.push(`${path}: ${found.join(', ')}`);
    else if ((facts.mode & 0o077) !== 0) loose.push(`${path}: mode ${(facts.mode & 0o777).toString(8)}`);
  }
  return { leaks, loose, looked };
}

/** Command lines and environments of every process whose command line names `word`, taken again and again until it is stopped. */
export function watchProcesses(word: string): { stop(): { readonly text: string; readonly seen: number } } {
  const texts = new Set<string>();
  const pids = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        if (!line.includes(word)) continue;
        pids.add(pid);
        texts.add(line).add(readFileSync(`/proc/${pid}/environ`, 'latin1'));
      } catch {
        // It ended while it was looked at.
      }
    }
  }, 25);
  return {
    stop() {
      clearInterval(timer);
      return { text: [...texts].join('\n'), seen: pids.size };
    },
  };
}
