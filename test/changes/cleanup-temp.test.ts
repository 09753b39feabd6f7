import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { cleanupTemp } from '../../src/changes/cleanup-temp.js';
import { Deployment, KilledHere, killedAt, Step } from './real-deployment.js';

const all: Deployment[] = [];
let deployment: Deployment;
beforeEach(async () => {
  deployment = await Deployment.make();
  all.push(deployment);
  mkdirSync(deployment.at('tmp/unpacked/deep'), { recursive: true });
  writeFileSync(deployment.at('tmp/unpacked/deep/file'), '12345');
  writeFileSync(deployment.at('tmp/package.tar'), '1234567890');
});
afterAll(async () => {
  for (const each of all) await each.stop();
});

const make = async (input: object = {}, rest = {}) =>
  await new Step(cleanupTemp, input, deployment.context('cleanup', { runStartedAtMs: Date.now(), ...rest })).prepare(deployment.ports);
const plan = async (input: object = {}) =>
  (
    await cleanupTemp.plan(cleanupTemp.spec.parse(input), deployment.ports, deployment.context('cleanup', { runStartedAtMs: Date.now() }))
  ).diff.flatMap(({ text, informs }) => (informs === true ? [text.replaceAll(deployment.root, '')] : []));
const left = (): string[] => readdirSync(deployment.at('tmp')).sort();

test('the plan lists what would go, with bytes, and removes nothing', async () => {
  expect(await plan()).toEqual(['now: /tmp/package.tar (10 bytes)', 'now: /tmp/unpacked (5 bytes)']);
  expect(left()).toEqual(['package.tar', 'unpacked']);
});

test('what was planned goes, freed bytes are told, and a second time there is nothing to do', async () => {
  const step = await make();
  expect(await step.inspect(deployment.ports)).toBe('absent');
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'done', evidence: { bytesFreed: 15 } });
  expect([left(), await step.inspect(deployment.ports)]).toEqual([[], 'present']);
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'unchanged' });
});

test('younger entries stay', async () => {
  utimesSync(deployment.at('tmp/package.tar'), new Date(0), new Date(0));
  expect(await plan({ olderThan: '1h' })).toEqual(['now: /tmp/package.tar (10 bytes)']);
});

test.each([
  ['outside the roots', () => deployment.at('etc/env')],
  ['the root itself', () => deployment.at('tmp')],
  ['out by dots', () => deployment.at('tmp/../etc/env')],
  [
    'through a link',
    () => {
      symlinkSync(deployment.at('etc'), deployment.at('tmp/way'));
      return deployment.at('tmp/way/env');
    },
  ],
])('%s is refused', async (_name, path) => {
  await expect(make({ paths: [path()] })).rejects.toMatchObject({ code: 'POLICY_FORBIDS' });
  expect(existsSync(deployment.at('etc/env'))).toBe(true);
});

test('a link in a root goes itself, not what it points to', async () => {
  symlinkSync(deployment.at('etc'), deployment.at('tmp/link'));
  await (await make()).apply(deployment.ports);
  expect([left(), readdirSync(deployment.at('etc')).length]).toEqual([[], 3]);
});

test('a root that is a link into the deployment does not open it', async () => {
  symlinkSync(deployment.at('etc'), deployment.at('tmp2'));
  const target = { ...deployment.target, temporary: { roots: [deployment.at('tmp2')] } };
  const step = await make({}, { target });
  await step.apply(deployment.ports);
  expect(existsSync(deployment.at('etc/env'))).toBe(true);
});

test('backups, versions, files, databases and the undo of the run stay even inside a root', async () => {
  const roots = [deployment.root, deployment.at('run')];
  const target = { ...deployment.target, temporary: { roots } };
  const results = { save: { verdict: null, observation: null, effects: { backup: deployment.at('tmp/unpacked') } } };
  const step = await make({}, { target, results });
  await step.apply(deployment.ports);
  for (const name of ['tmp/unpacked/deep/file', 'versions/1.0.0/bin/small', 'current', 'etc/env', 'usage.sqlite', 'run/undo', 'backups'])
    expect([name, existsSync(deployment.at(name))]).toEqual([name, true]);
});

test('the key of the run that opens its backup goes with the cleanup', async () => {
  mkdirSync(deployment.at('run/undo/backup'), { recursive: true });
  writeFileSync(deployment.at('run/undo/backup/backup.backup-identity'), 'AGE-SECRET-KEY');
  writeFileSync(deployment.at('run/undo/backup/config.before'), 'kept');
  await (await make()).apply(deployment.ports);
  expect(readdirSync(deployment.at('run/undo/backup'))).toEqual(['config.before']);
});

test('killed before or after any removal it goes on to the end', async () => {
  const seen = new Set<string>();
  for (let point = 1; point <= 4; point += 1) {
    mkdirSync(deployment.at('tmp/unpacked/deep'), { recursive: true });
    writeFileSync(deployment.at('tmp/package.tar'), 'x');
    const step = await make();
    await expect(step.apply(killedAt(deployment.ports, point).ports)).rejects.toThrow(KilledHere);
    seen.add(await step.inspect(deployment.ports));
    await step.apply(deployment.ports);
    expect(left()).toEqual([]);
  }
  expect(seen.has('partial')).toBe(true);
});
