// A real signed report folder with its trust files in a temporary directory, made by the use cases themselves.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createReportFiles } from '../../src/adapters/report-files-node.js';
import { createSigningKeys } from '../../src/adapters/signing-keys-node.js';
import { type WrittenReport, writeReport } from '../../src/app/build-report.js';
import { generateKey, type NewKey } from '../../src/app/generate-key.js';
import type { Signing, SigningTools } from '../../src/app/sign-report.js';
import { createRedactor, type Redactor } from '../../src/core/redaction.js';
import type { KeyAlgorithm } from '../../src/core/signing-key.js';
import { type Ending, sampleRun } from './sample-run.js';

export const identity = 'release@acme.test';

export interface Workshop {
  readonly home: string;
  readonly tools: SigningTools;
  readonly signing: Signing;
  readonly key: NewKey;
  readonly allowedSigners: string;
}

const homes: string[] = [];
afterAll(async () => {
  for (const home of homes) await rm(home, { recursive: true, force: true });
});

export async function workshop(algorithm: KeyAlgorithm = 'p256', passphrase: string | null = null): Promise<Workshop> {
  const home = await mkdtemp(join(tmpdir(), 'routerctl-report-'));
  homes.push(home);
  const keys = createSigningKeys();
  const key = await generateKey(keys, { path: join(home, 'keys', 'release.pem'), algorithm, passphrase, identity });
  const allowedSigners = join(home, 'allowed_signers');
  await writeFile(allowedSigners, `# who may sign\n${key.allowedSignersLine}\n`);
  const tools: SigningTools = {
    files: createReportFiles(),
    keys,
    secrets: { read: async (reference) => (await readFile(reference.slice('file:'.length), 'utf8')).trim() },
  };
  return { home, tools, key, allowedSigners, signing: { key: key.path, identity, allowedSigners } };
}

export function write(
  shop: Workshop,
  options: {
    readonly ending?: Ending;
    readonly signing?: Signing | null;
    readonly redactor?: Redactor;
    readonly hostile?: string;
    readonly name?: string;
  } = {},
): Promise<WrittenReport> {
  const { plan, events, lines } = sampleRun(options.ending ?? 'upgraded', options.hostile);
  const signing = options.signing === null ? undefined : (options.signing ?? shop.signing);
  return writeReport(shop.tools, {
    directory: join(shop.home, options.name ?? 'report'),
    plan,
    events,
    journalLines: lines,
    evidence: {},
    signing,
    redactor: options.redactor ?? createRedactor(),
  });
}
