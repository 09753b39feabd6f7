import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { applyConfig } from '../../src/changes/apply-config.js';
import { setEnvValue } from '../../src/changes/set-env-value.js';
import type { ChangeDefinition } from '../../src/core/change.js';
import { Deployment, KilledHere, killedAt, Step } from './real-deployment.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const all: Deployment[] = [];
let deployment: Deployment;
beforeEach(async () => {
  deployment = await Deployment.make();
  all.push(deployment);
});
afterAll(async () => {
  for (const each of all) await each.stop();
});

const reviewed = 'log: info\nadmin_key: a-config-secret\nnew: true\n';
const configStep = async (): Promise<Step<unknown>> => {
  writeFileSync(deployment.at('reviewed.yaml'), reviewed);
  return await new Step(applyConfig as ChangeDefinition, { from: deployment.at('reviewed.yaml'), sha256: sha256(reviewed) }, deployment.context('config')).prepare(deployment.ports);
};
const envStep = async (input: object = { key: 'SMALL_VERSION', value: '1.1.0' }): Promise<Step<unknown>> =>
  await new Step(setEnvValue as ChangeDefinition, input, deployment.context('pin')).prepare(deployment.ports);

const kinds: readonly [string, () => Promise<Step<unknown>>, string][] = [
  ['apply-config', configStep, 'etc/router.yaml'],
  ['set-env-value', envStep, 'etc/env'],
];

test.each(kinds)('%s changes the file and takes exactly that back, mode included, twice if asked', async (_kind, make, name) => {
  const path = deployment.at(name);
  chmodSync(path, 0o664);
  const [bytes, mode] = [readFileSync(path), statSync(path).mode];
  const step = await make();
  expect(await step.inspect(deployment.ports)).toBe('absent');
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'done' });
  expect([readFileSync(path).equals(bytes), statSync(path).mode, await step.inspect(deployment.ports)]).toEqual([false, mode, 'present']);
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'unchanged' });
  expect(await step.definition.checkUndo(step.prepared.undo, deployment.ports, step.context)).toMatchObject({ status: 'pass' });
  expect(await step.revert(deployment.ports)).toMatchObject({ status: 'done' });
  expect(await step.revert(deployment.ports)).toMatchObject({ status: 'unchanged' });
  expect([readFileSync(path).equals(bytes), statSync(path).mode, readdirSync(step.context.undoDirectory)]).toEqual([true, mode, []]);
});

test.each(kinds)('%s never overwrites what someone else wrote after it', async (_kind, make, name) => {
  const step = await make();
  await step.apply(deployment.ports);
  writeFileSync(deployment.at(name), 'edited by a colleague\n');
  expect(await step.inspect(deployment.ports)).toBe('unknown');
  expect(await step.definition.checkUndo(step.prepared.undo, deployment.ports, step.context)).toMatchObject({ status: 'fail' });
  const outcome = await step.revert(deployment.ports);
  expect(outcome).toMatchObject({ status: 'conflict', evidence: { file: deployment.at(name) } });
  expect(readFileSync(deployment.at(name), 'utf8')).toBe('edited by a colleague\n');
  const command = /cat .*$/.exec('hint' in outcome ? (outcome.hint ?? '') : '')?.[0] ?? 'false';
  execFileSync('sh', ['-c', command]);
  expect(await step.revert(deployment.ports)).toMatchObject({ status: 'unchanged' });
});

test.each(kinds)('%s touches nothing when the file was edited after it was prepared', async (_kind, make, name) => {
  const step = await make();
  writeFileSync(deployment.at(name), 'PORT=1\nSMALL_VERSION=0\n');
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'failed' });
  expect(await step.revert(deployment.ports)).toMatchObject({ status: 'unchanged' });
  expect(readFileSync(deployment.at(name), 'utf8')).toBe('PORT=1\nSMALL_VERSION=0\n');
});

test.each(kinds)('%s by hand puts the old bytes back without routerctl, and is harmless twice', async (_kind, make, name) => {
  const before = readFileSync(deployment.at(name), 'utf8');
  const step = await make();
  for (const line of step.byHand()) execFileSync('sh', ['-ec', line]);
  expect(readFileSync(deployment.at(name), 'utf8')).toBe(before);
  await step.apply(deployment.ports);
  for (const line of [...step.byHand(), ...step.byHand()]) execFileSync('sh', ['-ec', line]);
  expect(readFileSync(deployment.at(name), 'utf8')).toBe(before);
});

test.each(kinds)('%s killed before or after any act goes on, or goes back to the same bytes', async (_kind, make, name) => {
  const before = readFileSync(deployment.at(name), 'utf8');
  const counted = killedAt(deployment.ports, 0);
  const whole = await make();
  await whole.apply(counted.ports);
  const after = readFileSync(deployment.at(name), 'utf8');
  await whole.revert(deployment.ports);
  const seen = new Set<string>();
  for (let point = 1; point <= counted.calls().length * 2; point += 1) {
    const step = await make();
    await expect(step.apply(killedAt(deployment.ports, point).ports)).rejects.toThrow(KilledHere);
    seen.add(await step.inspect(deployment.ports));
    if (point % 2 === 0) {
      await step.apply(deployment.ports);
      expect([readFileSync(deployment.at(name), 'utf8'), await step.inspect(deployment.ports)]).toEqual([after, 'present']);
    }
    for (let again = 1; again <= 3; again += 1) await step.revert(killedAt(deployment.ports, again).ports).catch((error: unknown) => expect(error).toBeInstanceOf(KilledHere));
    await step.revert(deployment.ports);
    expect([readFileSync(deployment.at(name), 'utf8'), await step.inspect(deployment.ports)]).toEqual([before, 'absent']);
  }
  expect([...seen].sort()).toEqual(['absent', 'partial', 'present']);
});

test('a config whose digest was not reviewed is refused in plan, prepare and apply', async () => {
  const step = await configStep();
  writeFileSync(deployment.at('reviewed.yaml'), `${reviewed}# later\n`);
  await expect(applyConfig.plan(applyConfig.spec.parse(step.spec), deployment.ports, step.context)).rejects.toMatchObject({ code: 'NOT_REVIEWED' });
  await expect(step.prepare(deployment.ports)).rejects.toMatchObject({ code: 'NOT_REVIEWED' });
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'failed', evidence: { code: 'NOT_REVIEWED' } });
  expect(existsSync(deployment.at('run/undo/config/config.before'))).toBe(false);
});

test('the plan of a config names the changed keys and shows no value', async () => {
  const step = await configStep();
  const { diff } = await applyConfig.plan(applyConfig.spec.parse(step.spec), deployment.ports, step.context);
  const text = diff.map((line) => `${line.sign} ${line.text}`).join('\n');
  expect(text).toContain('+ new: …');
  expect(text).not.toMatch(/a-config-secret|debug|true/);
});

test('the plan of a value shows this key only, and of a secret not even that', async () => {
  const plan = async (input: unknown) => (await setEnvValue.plan(setEnvValue.spec.parse(input), deployment.ports, deployment.context('pin'))).diff.map(({ text }) => text);
  expect(await plan({ key: 'SMALL_VERSION', value: '1.1.0' })).toEqual(['SMALL_VERSION 1.0.0 -> 1.1.0', '2 other keys unchanged']);
  expect(await plan({ key: 'PROVIDER_KEY', value: 'sk-canary-9876543210' })).toEqual(['PROVIDER_KEY *** -> ***', '2 other keys unchanged']);
});

test.each([
  ['a plain line', 'A=1\nV=1.0.0\nB=2\n', 'A=1\nV=1.1.0\nB=2\n'],
  ['CRLF', 'A=1\r\nV=1.0.0\r\nB=2\r\n', 'A=1\r\nV=1.1.0\r\nB=2\r\n'],
  ['double quotes', 'V="1.0.0" # pinned\n', 'V="1.1.0" # pinned\n'],
  ['single quotes', "V='1.0.0'\n", "V='1.1.0'\n"],
  ['a comment behind it', 'V=1.0.0   # pinned\n', 'V=1.1.0   # pinned\n'],
  ['no newline at the end', 'A=1\nV=1.0.0', 'A=1\nV=1.1.0'],
  ['export', '  export V=1.0.0\n', '  export V=1.1.0\n'],
  ['an empty value', 'V=\nA=1\n', 'V=1.1.0\nA=1\n'],
  ['a commented twin and a longer name', '#V=0\nVV=3\nV=1.0.0\nV_=4\n', '#V=0\nVV=3\nV=1.1.0\nV_=4\n'],
  ['a value over several lines that looks like the key', 'PEM="-----\nV=inside\n-----"\nV=1.0.0\n', 'PEM="-----\nV=inside\n-----"\nV=1.1.0\n'],
  ['a key that is not there', 'A=1\n', 'A=1\nV=1.1.0\n'],
  ['a key that is not there, CRLF without an end', 'A=1\r\nB=2', 'A=1\r\nB=2\r\nV=1.1.0\r\n'],
  ['odd lines that are none of its business', '\uFEFF\n= x\nnot a line\n\n\tV=1.0.0\n', '\uFEFF\n= x\nnot a line\n\n\tV=1.1.0\n'],
])('set-env-value keeps every other byte: %s', async (_name, before, after) => {
  writeFileSync(deployment.at('etc/env'), before);
  const step = await envStep({ key: 'V', value: '1.1.0' });
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'done' });
  expect(readFileSync(deployment.at('etc/env'), 'utf8')).toBe(after);
  await step.revert(deployment.ports);
  expect(readFileSync(deployment.at('etc/env'), 'utf8')).toBe(before);
});

test('a key that is set twice, and text that is not UTF-8, are refused', async () => {
  writeFileSync(deployment.at('etc/env'), 'V=1\nA=2\nV=3\n');
  await expect(envStep({ key: 'V', value: '2' })).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('lines 1 and 3') as string });
  writeFileSync(deployment.at('etc/env'), Buffer.from([0x56, 0x3d, 0xff, 0xfe, 0x0a]));
  await expect(envStep({ key: 'V', value: '2' })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});

test.each(['', 'latest', 'router:latest', 'two words', 'a"b', "a'b", 'a#b', 'a\nB=2', '$HOME'])('the value %j is refused', (value) => {
  expect(setEnvValue.spec.safeParse({ key: 'V', value }).success).toBe(false);
});

test('what is journalled holds keyed digests and no value of the file', async () => {
  const journalled = JSON.stringify((await envStep()).prepared);
  expect(journalled).not.toMatch(/sk-canary|1\.0\.0/);
  expect(Object.keys((JSON.parse(journalled) as { expects: { keys: object } }).expects.keys)).toEqual(['PORT', 'SMALL_VERSION', 'PROVIDER_KEY']);
});
