// Every YAML block of the docs is read by the reader of what it is: playbook, suite, profile, config, or the reference router's own config, told by its keys.
// A part of a playbook is marked by the line above it, `<!-- steps -->` or `<!-- phases -->`, and read inside of a whole one.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadCatalogue } from '../../src/cli/catalogue.js';
import { RouterctlError } from '../../src/core/errors.js';
import { profileSpec } from '../../src/core/profile.js';
import { readConfig } from '../../src/playbook/config.js';
import { renderFinding } from '../../src/playbook/finding.js';
import { readPlaybook, readSuite } from '../../src/playbook/playbook.js';
import { checkConfigFile } from '../../src/router/config/check-config-file.js';
import { text } from '../architecture/tree.js';
import type { Block } from './blocks.js';
import { blocksIn } from './pages.js';

const catalogue = await loadCatalogue();
const suites = new Map(
  readdirSync('playbooks/suites').map((file) => [
    basename(file, '.yaml'),
    { file: `playbooks/suites/${file}`, text: text(`playbooks/suites/${file}`) },
  ]),
);
const indented = (block: string, spaces: number) => block.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));

/** What is wrong with the block, one line each. */
function problems(block: Block): readonly string[] {
  const file = `${block.page}:${block.line}`;
  const head = 'routerctl: 1\nname: example\ntitle: An example\n';
  if (block.mark === 'phases') return playbookProblems(file, `${head}phases:\n${indented(block.text, 2)}`);
  if (block.mark === 'steps')
    return playbookProblems(file, `${head}phases:\n  - name: example\n    onFailure: rollback\n    steps:\n${indented(block.text, 6)}`);
  const value = parse(block.text) as Readonly<Record<string, unknown>> | null;
  if (value === null || typeof value !== 'object') return [`${file}: neither a playbook, a suite, a profile nor a config`];
  if ('phases' in value) return playbookProblems(file, block.text);
  if ('suite' in value) return findingsOf(readSuite({ file, text: block.text }, catalogue));
  if ('targets' in value) return configProblems(file, block.text);
  if ('profile' in value) return profileProblems(file, value);
  if ('listen' in value) return routerProblems(file, block.text);
  return [`${file}: neither a playbook, a suite, a profile nor a config; mark a part of a playbook with <!-- steps --> or <!-- phases -->`];
}

const playbookProblems = (file: string, yaml: string) => findingsOf(readPlaybook({ file, text: yaml }, suites, catalogue));

function findingsOf(read: ReturnType<typeof readPlaybook> | ReturnType<typeof readSuite>): readonly string[] {
  return 'findings' in read ? read.findings.flatMap(renderFinding) : [];
}

function configProblems(file: string, yaml: string): readonly string[] {
  try {
    readConfig(file, yaml, '/srv/example');
    return [];
  } catch (error) {
    return error instanceof RouterctlError ? [error.message, ...error.details] : [String(error)];
  }
}

function profileProblems(file: string, value: unknown): readonly string[] {
  const read = profileSpec.safeParse(value);
  return read.success ? [] : read.error.issues.map((issue) => `${file}: ${issue.path.join('.')}: ${issue.message}`);
}

/** An environment in which each variable that should hold the hash of a password holds one. */
function passwordHashesIn(yaml: string): Readonly<Record<string, string>> {
  const [hash = ''] = /scrypt:[\w:-]+/.exec(yaml) ?? [];
  return Object.fromEntries([...yaml.matchAll(/password_hash_env: (\w+)/g)].map(([, name = '']) => [name, hash]));
}

/** As `lab check-config` finds them. */
function routerProblems(file: string, yaml: string): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-docs-config-'));
  writeFileSync(join(directory, 'config.yaml'), yaml, { mode: 0o600 });
  const { findings, warnings } = checkConfigFile(join(directory, 'config.yaml'), passwordHashesIn(yaml));
  rmSync(directory, { recursive: true });
  return [...findings, ...warnings].map((finding) => `${file}: ${finding}`);
}

test('every YAML block of the docs can be read', () => {
  expect(blocksIn(['yaml', 'yml']).flatMap(problems)).toEqual([]);
});

test('a wrong word in a block is found', () => {
  const block = { page: 'page.md', line: 1, language: 'yaml', mark: 'steps', text: '- { id: a, chekc: ready, on: router }\n' };

  expect(problems(block)).not.toEqual([]);
  expect(problems({ ...block, mark: '', text: 'targets: { one: {} }\n' })).not.toEqual([]);
  expect(problems({ ...block, mark: '', text: 'something: else\n' })).not.toEqual([]);
  expect(problems({ ...block, mark: '', text: 'listen: { prot: 1 }\n' })).not.toEqual([]);
});
