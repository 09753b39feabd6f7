import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRelease } from '../../../src/router/lab/package-release.js';
import { bundledRouter } from '../../lab/compiled-router.js';
import { practicePackage } from '../../lab/lab.js';

let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'routerctl-package-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

function unpack(file: string): string {
  const directory = mkdtempSync(join(scratch, 'unpacked-'));
  execFileSync('tar', ['-xzf', file, '-C', directory]);
  const [root = '', ...others] = readdirSync(directory);
  expect(others).toEqual([]);
  return join(directory, root);
}

const filesOf = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
const machineOf = (root: string): number =>
  readFileSync(join(root, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node')).readUInt16LE(18);

test('a package has one root of its own name, a stamp, notes, and digests of every other file', async () => {
  const file = await practicePackage({ version: '1.1.0', architecture: 'amd64' });
  const root = unpack(file);
  const sums = readFileSync(join(root, 'SHA256SUMS'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.slice(66));

  expect(root.endsWith('/reference-router-1.1.0-linux-amd64')).toBe(true);
  expect(execFileSync('sha256sum', ['--check', '--quiet', '--strict', 'SHA256SUMS'], { cwd: root, encoding: 'utf8' })).toBe('');
  expect([...sums, 'SHA256SUMS'].sort()).toEqual(filesOf(root).sort());
  expect(JSON.parse(readFileSync(join(root, 'RELEASE.json'), 'utf8'))).toEqual({
    product: 'reference-router',
    version: '1.1.0',
    commit: expect.stringMatching(/^[0-9a-f]{40}$/) as unknown,
    build_date: '2026-01-02T00:00:00Z',
    os: 'linux',
    arch: 'amd64',
    programs: ['reference-router'],
    migrations: 'none',
  });
  expect(readFileSync(join(root, 'RELEASE_NOTES.md'), 'utf8')).toContain('1.1.0');
});

test('a package holds nothing that does not run', async () => {
  const root = unpack(await practicePackage({ version: '1.1.0' }));
  const idle = filesOf(root).filter((path) => /\.(ts|map|c|cc|h|o|gyp)$|(^|\/)(test|docs)\/|^lib\/lab\//.test(path));

  expect(idle).toEqual([]);
});

test('the same inputs give the same bytes, another version gives others', async () => {
  const programDirectory = await bundledRouter();
  const build = (version: string) => packageRelease({ version, outDirectory: mkdtempSync(join(scratch, 'out-')), programDirectory });
  const [one, two, other] = [build('1.0.0'), build('1.0.0'), build('1.0.1')];

  expect(readFileSync(one.file).equals(readFileSync(two.file))).toBe(true);
  expect(one.sha256).toBe(two.sha256);
  expect([other.sha256 === one.sha256, other.commit === one.commit, other.buildDate === one.buildDate]).toEqual([false, false, false]);
});

test.each([
  ['amd64', 0x3e],
  ['arm64', 0xb7],
] as const)('a package for %s says so in its stamp and in its native module', async (architecture, machine) => {
  const root = unpack(await practicePackage({ version: '1.1.0', architecture }));

  expect(JSON.parse(readFileSync(join(root, 'RELEASE.json'), 'utf8'))).toMatchObject({ arch: architecture });
  expect(machineOf(root)).toBe(machine);
});

test('defects, commit, date and notes stand where they were asked for', async () => {
  const { file } = packageRelease({
    version: '1.2.0',
    outDirectory: scratch,
    programDirectory: await bundledRouter(),
    defects: ['cut-streams'],
    commit: 'c0ffee',
    buildDate: '2026-05-01T10:00:00Z',
    releaseNote: '# Worse than before\n',
  });
  const root = unpack(file);

  expect(JSON.parse(readFileSync(join(root, 'RELEASE.json'), 'utf8'))).toMatchObject({
    defects: ['cut-streams'],
    commit: 'c0ffee',
    build_date: '2026-05-01T10:00:00Z',
  });
  expect(readFileSync(join(root, 'RELEASE_NOTES.md'), 'utf8')).toBe('# Worse than before\n');
});

test.each([
  ['a version that is none', { version: 'newest' }, '"newest" is not a version'],
  ['a date that is none', { buildDate: 'today' }, '"today" is not a date'],
  ['a place without a compiled router', { programDirectory: '/nowhere' }, 'there is no compiled router in /nowhere'],
])('%s is refused', async (_, options, message) => {
  const programDirectory = await bundledRouter();

  expect(() => packageRelease({ version: '1.0.0', outDirectory: scratch, programDirectory, ...options })).toThrow(message);
});
