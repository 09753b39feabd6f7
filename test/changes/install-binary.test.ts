import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { installBinary } from '../../src/changes/install-binary.js';
import { type Deployment, freshDeployments, KilledHere, killedAt, Step } from './real-deployment.js';

let deployment: Deployment;
freshDeployments((made) => {
  deployment = made;
});

const make = async (artifact = deployment.package('1.1.0'), version = '1.1.0') =>
  await new Step(installBinary, { artifact, version }, deployment.context('install')).prepare(deployment.ports);
const link = (): string => readlinkSync(deployment.at('current'));
const versions = (): string[] => readdirSync(deployment.at('versions')).sort();

test('the plan shows the directory and the link, before anything is written', async () => {
  const artifact = deployment.package('1.1.0');
  const { diff, effects } = await installBinary.plan({ artifact, version: '1.1.0' }, deployment.ports, deployment.context('install'));
  expect(diff.map(({ sign, text }) => `${sign} ${text.replaceAll(deployment.root, '')}`)).toEqual([
    expect.stringMatching(/^\+ \/versions\/1\.1\.0: 4 files, [\d.]+ MiB$/),
    '~ /current: versions/1.0.0 -> versions/1.1.0',
  ]);
  expect([effects['version'], versions()]).toEqual(['1.1.0', ['1.0.0']]);
});

test('a version is installed beside the old one, and the link goes there and back', async () => {
  const step = await make();
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'done', effects: { version: '1.1.0', migrations: 'none' } });
  expect([link(), versions(), statSync(deployment.at('current/bin/small')).mode & 0o111]).toEqual([
    'versions/1.1.0',
    ['1.0.0', '1.1.0'],
    0o111,
  ]);
  expect([await step.inspect(deployment.ports), (await step.apply(deployment.ports)).status]).toEqual(['present', 'unchanged']);
  expect(await step.revert(deployment.ports)).toMatchObject({ status: 'done', evidence: { left: deployment.at('versions/1.1.0') } });
  expect(await step.revert(deployment.ports)).toMatchObject({ status: 'unchanged' });
  expect([link(), versions()]).toEqual(['versions/1.0.0', ['1.0.0', '1.1.0']]);
});

test('a directory that is there is used when it equals the package, and refused when it does not', async () => {
  const first = await make();
  await first.apply(deployment.ports);
  await first.revert(deployment.ports);
  const again = await make();
  expect(await again.apply(deployment.ports)).toMatchObject({ status: 'done' });
  await again.revert(deployment.ports);
  writeFileSync(deployment.at('versions/1.1.0/lib/notes.txt'), 'other');
  await expect(make()).rejects.toMatchObject({ code: 'FILE_EXISTS', message: expect.stringContaining('lib/notes.txt differs') as string });
  rmSync(deployment.at('versions/1.1.0/lib/notes.txt'));
  await expect(make()).rejects.toThrow('lib/notes.txt is missing');
  expect(await again.apply(deployment.ports)).toMatchObject({ status: 'failed' });
  expect(link()).toBe('versions/1.0.0');
});

test('a link that someone repointed is left alone, and the line to point it back works', async () => {
  const step = await make();
  await step.apply(deployment.ports);
  mkdirSync(deployment.at('versions/9.9.9'));
  unlinkSync(deployment.at('current'));
  symlinkSync('versions/9.9.9', deployment.at('current'));
  expect(await step.definition.checkUndo(step.prepared.undo, deployment.ports, step.context)).toMatchObject({ status: 'fail' });
  expect(await step.revert(deployment.ports)).toMatchObject({
    status: 'conflict',
    evidence: { now: 'versions/9.9.9', ours: 'versions/1.1.0', before: 'versions/1.0.0' },
  });
  expect([link(), await step.inspect(deployment.ports)]).toEqual(['versions/9.9.9', 'unknown']);
  const byHand = () => spawnSync('sh', ['-ec', step.byHand().join('\n')], { encoding: 'utf8' });
  const { status, stderr } = byHand();
  expect([status, link()]).toEqual([1, 'versions/9.9.9']);
  execFileSync('sh', ['-ec', /To point it back: (.*), then run these lines again/.exec(stderr)?.[1] ?? 'false']);
  expect([link(), byHand().status, link()]).toEqual(['versions/1.0.0', 0, 'versions/1.0.0']);
});

test('by hand the link is put back without routerctl, and twice is harmless', async () => {
  const step = await make();
  await step.apply(deployment.ports);
  for (const line of [...step.byHand(), ...step.byHand()]) execFileSync('sh', ['-ec', line]);
  expect(link()).toBe('versions/1.0.0');
});

test('it cannot be taken back once the old version is gone, and that is told before', async () => {
  const step = await make();
  expect(await step.definition.checkUndo(step.prepared.undo, deployment.ports, step.context)).toMatchObject({ status: 'pass' });
  rmSync(deployment.at('versions/1.0.0'), { recursive: true });
  expect(await step.definition.checkUndo(step.prepared.undo, deployment.ports, step.context)).toMatchObject({ status: 'fail' });
});

/** The old version with a list of its files, as routerctl installs it. */
function listedOldVersion(): void {
  mkdirSync(deployment.at('versions/1.0.0/lib'));
  writeFileSync(deployment.at('versions/1.0.0/lib/notes.txt'), 'notes of 1.0.0\n');
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(deployment.at(`versions/1.0.0/${name}`)))
      .digest('hex');
  const sums = ['bin/small', 'lib/notes.txt'].map((name) => `${digest(name)}  ${name}\n`).join('');
  writeFileSync(deployment.at('versions/1.0.0/SHA256SUMS'), sums);
}

test.each<[string, string, () => void]>([
  ['is gone', 'the old version .*versions/1.0.0 is gone', () => rmSync(deployment.at('versions/1.0.0'), { recursive: true })],
  [
    'is a file',
    'is gone',
    () => {
      rmSync(deployment.at('versions/1.0.0'), { recursive: true });
      writeFileSync(deployment.at('versions/1.0.0'), '');
    },
  ],
  ['lost its program', 'is not whole: bin/small is missing', () => rmSync(deployment.at('versions/1.0.0/bin/small'))],
  [
    'has another program',
    'is not whole: bin/small is another',
    () => writeFileSync(deployment.at('versions/1.0.0/bin/small'), '#!/bin/sh\n'),
  ],
  ['lost a file', 'is not whole: lib/notes.txt is missing', () => rmSync(deployment.at('versions/1.0.0/lib/notes.txt'))],
  ['was cut short', 'is not whole: its files are not', () => truncateSync(deployment.at('versions/1.0.0/lib/notes.txt'), 3)],
])(
  'when the old version %s, the link is not pointed at it, and the hint brings it back once it is there again',
  async (_how, words, damage) => {
    listedOldVersion();
    cpSync(deployment.at('versions/1.0.0'), deployment.at('kept'), { recursive: true });
    const step = await make();
    await step.apply(deployment.ports);
    damage();
    const outcome = await step.revert(deployment.ports);
    expect(outcome).toMatchObject({ status: 'conflict', summary: expect.stringMatching(words) as string });
    expect(link()).toBe('versions/1.1.0');
    expect(await step.definition.checkUndo(step.prepared.undo, deployment.ports, step.context)).toMatchObject({ status: 'fail' });
    const [, command = ''] = /then: (.*)$/.exec(outcome.status === 'conflict' ? outcome.hint : '') ?? [];
    rmSync(deployment.at('versions/1.0.0'), { recursive: true, force: true });
    renameSync(deployment.at('kept'), deployment.at('versions/1.0.0'));
    execFileSync('sh', ['-ec', command]);
    expect(link()).toBe('versions/1.0.0');
    expect(await step.revert(deployment.ports)).toMatchObject({ status: 'unchanged' });
  },
);

test('what the old version wrote beside its files while it ran does not keep the link from going back', async () => {
  listedOldVersion();
  const step = await make();
  await step.apply(deployment.ports);
  writeFileSync(deployment.at('versions/1.0.0/lib/cache.bin'), 'x');
  expect(await step.revert(deployment.ports)).toMatchObject({ status: 'done' });
});

test.each<[string, () => string, string, RegExp]>([
  ['of another version', () => deployment.package('1.2.0'), '1.1.0', /holds version 1\.2\.0/],
  [
    'without the program',
    () =>
      deployment.package('1.1.0', ({ SHA256SUMS: sums = '', ...files }) => ({
        ...files,
        SHA256SUMS: sums
          .split('\n')
          .filter((line) => !line.includes('bin/'))
          .join('\n'),
      })),
    '1.1.0',
    /lacks the program/,
  ],
  [
    'whose list leads outside',
    () => deployment.package('1.1.0', ({ SHA256SUMS: sums = '', ...files }) => ({ ...files, SHA256SUMS: sums.replace('lib/', '../lib/') })),
    '1.1.0',
    /list of digests/,
  ],
])('a package %s is refused before anything is written', async (_name, artifact, version, message) => {
  await expect(make(artifact(), version)).rejects.toThrow(message);
  expect(versions()).toEqual(['1.0.0']);
});

test('a package with one altered file is not installed, and the next try starts clean', async () => {
  const bad = await make(deployment.package('1.1.0', (files) => ({ ...files, 'lib/notes.txt': 'altered' })));
  expect(await bad.apply(deployment.ports)).toMatchObject({ status: 'failed' });
  expect([link(), await bad.inspect(deployment.ports)]).toEqual(['versions/1.0.0', 'partial']);
  await bad.revert(deployment.ports);
  expect(versions()).toEqual(['1.0.0']);
  expect(await (await make()).apply(deployment.ports)).toMatchObject({ status: 'done' });
});

test('a package that was exchanged after the step was prepared is not installed', async () => {
  const step = await make();
  deployment.package('1.1.0', (files) => ({ ...files, 'extra.txt': 'x' }));
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'failed', summary: expect.stringContaining('replaced') as string });
});

test('killed before or after any act the link is old or new, never gone, and both ways out work', async () => {
  const counted = killedAt(deployment.ports, 0);
  const whole = await make();
  await whole.apply(counted.ports);
  await whole.revert(deployment.ports);
  const seen = new Set<string>();
  for (let point = 1; point <= counted.calls().length * 2; point += 1) {
    rmSync(deployment.at('versions/1.1.0'), { recursive: true, force: true });
    const step = await make();
    await expect(step.apply(killedAt(deployment.ports, point).ports)).rejects.toThrow(KilledHere);
    expect(existsSync(deployment.at('current/bin/small'))).toBe(true);
    seen.add(await step.inspect(deployment.ports));
    if (point % 2 === 0) {
      await step.apply(deployment.ports);
      expect([link(), readFileSync(deployment.at('current/bin/small'), 'utf8').includes('1.1.0')]).toEqual(['versions/1.1.0', true]);
    }
    await step.revert(killedAt(deployment.ports, 1).ports).catch(() => undefined);
    await step.revert(deployment.ports);
    expect([link(), versions().filter((name) => name.startsWith('.'))]).toEqual(['versions/1.0.0', []]);
  }
  expect([...seen].sort()).toEqual(['absent', 'partial', 'present']);
});
