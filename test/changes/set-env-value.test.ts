import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { setEnvValue } from '../../src/changes/set-env-value.js';
import type { ChangeDefinition } from '../../src/core/change.js';
import { type Deployment, freshDeployments, Step } from './real-deployment.js';

let deployment: Deployment;
freshDeployments((made) => {
  deployment = made;
});

const envStep = async (input: object = { key: 'SMALL_VERSION', value: '1.1.0' }): Promise<Step<unknown>> =>
  await new Step(setEnvValue as ChangeDefinition, input, deployment.context('pin')).prepare(deployment.ports);

test('the plan of a value shows this key only, and of a secret not even that', async () => {
  const plan = async (input: unknown) =>
    (await setEnvValue.plan(setEnvValue.spec.parse(input), deployment.ports, deployment.context('pin'))).diff.map(({ text }) => text);
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
  [
    'a value over several lines that looks like the key',
    'PEM="-----\nV=inside\n-----"\nV=1.0.0\n',
    'PEM="-----\nV=inside\n-----"\nV=1.1.0\n',
  ],
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
  await expect(envStep({ key: 'V', value: '2' })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('lines 1 and 3') as string,
  });
  writeFileSync(deployment.at('etc/env'), Buffer.from([0x56, 0x3d, 0xff, 0xfe, 0x0a]));
  await expect(envStep({ key: 'V', value: '2' })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});

test.each(['', 'latest', 'router:latest', 'two words', 'a"b', "a'b", 'a#b', 'a\nB=2', '$HOME'])('the value %j is refused', (value) => {
  expect(setEnvValue.spec.safeParse({ key: 'V', value }).success).toBe(false);
});

test('what is journalled holds keyed digests and no value of the file', async () => {
  const journalled = JSON.stringify((await envStep()).prepared);
  expect(journalled).not.toMatch(/sk-canary|1\.0\.0/);
  expect(Object.keys((JSON.parse(journalled) as { expects: { keys: object } }).expects.keys)).toEqual([
    'PORT',
    'SMALL_VERSION',
    'PROVIDER_KEY',
  ]);
});
