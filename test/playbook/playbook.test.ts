import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../../src/cli/catalogue.js';
import { renderFinding } from '../../src/playbook/finding.js';
import { readPlaybook, readSuite, type SourceText } from '../../src/playbook/playbook.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const catalogue = await loadCatalogue();
const yamlIn = (folder: string): readonly string[] => readdirSync(join(root, folder)).filter((name) => name.endsWith('.yaml'));
const source = (folder: string, name: string): SourceText => ({ file: name, text: readFileSync(join(root, folder, name), 'utf8') });

function suitesOf(...folders: readonly string[]): ReadonlyMap<string, SourceText> {
  return new Map(folders.flatMap((folder) => yamlIn(folder).map((name) => [basename(name, '.yaml'), source(folder, name)])));
}

const invalid = 'fixtures/playbooks/invalid';
const valid = 'fixtures/playbooks/valid';

test.each(yamlIn(invalid))('%s is refused with exactly the words of its golden file', (name) => {
  const read = readPlaybook(source(invalid, name), suitesOf('playbooks/suites', `${invalid}/suites`), catalogue);
  const said = 'findings' in read ? `${read.findings.flatMap(renderFinding).join('\n')}\n` : 'nothing was found\n';

  expect(said).toBe(readFileSync(join(root, invalid, name.replace('.yaml', '.err')), 'utf8'));
});

test('there are enough wrong playbooks, and no golden file without one', () => {
  const names = yamlIn(invalid).map((name) => basename(name, '.yaml'));
  const goldens = readdirSync(join(root, invalid))
    .filter((name) => name.endsWith('.err'))
    .map((name) => basename(name, '.err'));

  expect(names.length).toBeGreaterThanOrEqual(25);
  expect(goldens.sort()).toEqual([...names].sort());
});

test.each(yamlIn(valid))('%s is a valid playbook', (name) => {
  const read = readPlaybook(source(valid, name), suitesOf('playbooks/suites', `${valid}/suites`), catalogue);

  expect('findings' in read ? read.findings.flatMap(renderFinding) : []).toEqual([]);
});

test.each(yamlIn('playbooks'))('the shipped playbook %s is valid, named like its file, and tells editors its schema', (name) => {
  const text = source('playbooks', name);
  const read = readPlaybook(text, suitesOf('playbooks/suites'), catalogue);

  expect('findings' in read ? read.findings.flatMap(renderFinding) : []).toEqual([]);
  expect('playbook' in read && read.playbook.name).toBe(basename(name, '.yaml'));
  expect(text.text.split('\n')[0]).toBe('# yaml-language-server: $schema=./schema/playbook.schema.json');
});

test.each(yamlIn('playbooks/suites'))('the shipped suite %s is valid and named like its file', (name) => {
  const read = readSuite(source('playbooks/suites', name), catalogue);

  expect('suite' in read ? read.suite.name : read.findings.flatMap(renderFinding)).toBe(basename(name, '.yaml'));
});

test('an escape sequence that a file spells out does not reach the terminal in a message', () => {
  const text = 'routerctl: 1\nname: p\ntitle: P\nphases:\n  - name: only\n    steps:\n      - { id: a, check: "\\e[31mred" }\n';
  const read = readPlaybook({ file: 'p.yaml', text }, new Map(), catalogue);

  expect('findings' in read ? read.findings.map(({ message }) => message) : []).toEqual(['there is no check ·[31mred']);
});
