// A reader who trusts nobody's word: a copy of a report, trust files from elsewhere, and the recipes of the guide, letter by letter.
// Only the identity is put in place of the guide's example.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab/lab.js';
import { program, sh } from './operator.js';

const guide = readFileSync('docs/guides/verify-a-report.md', 'utf8');

function recipe(heading: string): string {
  const [, after = ''] = guide.split(`\n## ${heading}\n`);
  const block = /```sh\n([\s\S]*?)```/.exec(after)?.[1];
  if (block === undefined) throw new Error(`the guide has no block under ${heading}`);
  return block.replaceAll('release@acme.test', 'operator@lab');
}

const routerctl = `routerctl() { ${JSON.stringify(process.execPath)} ${JSON.stringify(program)} "$@"; }\n`;

export const recipes = {
  'ssh-keygen and sha256sum': recipe('With OpenSSH'),
  'openssl and jq': recipe('With openssl and jq'),
  cosign: recipe('With cosign 3'),
  routerctl: routerctl + recipe('With routerctl'),
};

export type Recipe = keyof typeof recipes;

/** What a recipe looks at: a byte changed elsewhere is for another one to find. */
export const seenBy: Readonly<Record<Recipe, (file: string) => boolean>> = {
  'ssh-keygen and sha256sum': (file) => file !== '',
  'openssl and jq': (file) => !['SHA256SUMS', 'SHA256SUMS.sig', 'readiness.sigstore.json'].includes(file),
  cosign: (file) => ['report.json', 'report.sigstore.json'].includes(file),
  routerctl: (file) => file !== '',
};

export async function missingTool(recipeName: Recipe): Promise<string | null> {
  const tools = { 'ssh-keygen and sha256sum': ['ssh-keygen'], 'openssl and jq': ['openssl', 'jq'], cosign: ['cosign'], routerctl: [] };
  for (const tool of tools[recipeName]) if (!(await sh(`command -v ${tool}`, '.')).ok) return tool;
  return null;
}

/** A directory with `report/` and what the reader already had; with one byte of `changed` another than it was. */
export async function deskWith(report: string, lab: Lab, parent: string, changed?: string): Promise<string> {
  mkdirSync(parent, { recursive: true });
  const desk = mkdtempSync(join(parent, 'reader-'));
  cpSync(report, join(desk, 'report'), { recursive: true });
  cpSync(lab.paths.allowedSigners, join(desk, 'allowed_signers'));
  writeFileSync(join(desk, 'revoked_keys'), '# nobody yet\n');
  await sh(`openssl pkey -in ${lab.paths.signingKey} -pubout -out ${desk}/pub.pem`, desk);
  if (changed !== undefined) {
    const file = join(desk, 'report', changed);
    const bytes = readFileSync(file);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = bytes[middle] === 0x41 ? 0x42 : 0x41;
    writeFileSync(file, bytes);
  }
  return desk;
}
