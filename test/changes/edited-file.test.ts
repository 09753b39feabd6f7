import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { applyConfig } from '../../src/changes/apply-config.js';
import { setEnvValue } from '../../src/changes/set-env-value.js';
import type { ChangeDefinition } from '../../src/core/change.js';
import { type Deployment, freshDeployments, KilledHere, killedAt, Step } from './real-deployment.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
let deployment: Deployment;
freshDeployments((made) => {
  deployment = made;
});

const reviewed = 'log: info\nadmin_key: a-config-secret\nnew: true\n';
const configStep = async (): Promise<Step<unknown>> => {
  writeFileSync(deployment.at('reviewed.yaml'), reviewed);
  return await new Step(
    applyConfig as ChangeDefinition,
    { from: deployment.at('reviewed.yaml'), sha256: sha256(reviewed) },
    deployment.context('config'),
  ).prepare(deployment.ports);
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

test.each(kinds)(
  '%s by hand leaves what someone else wrote alone, and says how to keep it and how to give it up',
  async (_kind, make, name) => {
    const before = readFileSync(deployment.at(name), 'utf8');
    const edit = (): void => writeFileSync(deployment.at(name), 'edited by a colleague\n');
    const byHand = (step: Step<unknown>) => spawnSync('sh', ['-ec', step.byHand().join('\n')], { encoding: 'utf8' });
    const step = await make();
    await step.apply(deployment.ports);
    edit();
    const { status, stderr } = byHand(step);
    expect([status, readFileSync(deployment.at(name), 'utf8')]).toEqual([1, 'edited by a colleague\n']);
    const [, keep = '', giveUp = ''] =
      /To keep the edit: (rm .*)\. To give it up: (cat .*)\. Then run these lines again\./.exec(stderr) ?? [];
    execFileSync('sh', ['-ec', giveUp]);
    expect([byHand(step).status, readFileSync(deployment.at(name), 'utf8')]).toEqual([0, before]);
    edit();
    execFileSync('sh', ['-ec', keep]);
    expect([byHand(step).status, readFileSync(deployment.at(name), 'utf8')]).toEqual([0, 'edited by a colleague\n']);
  },
);

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
    for (let again = 1; again <= 3; again += 1)
      await step.revert(killedAt(deployment.ports, again).ports).catch((error: unknown) => expect(error).toBeInstanceOf(KilledHere));
    await step.revert(deployment.ports);
    expect([readFileSync(deployment.at(name), 'utf8'), await step.inspect(deployment.ports)]).toEqual([before, 'absent']);
  }
  expect([...seen].sort()).toEqual(['absent', 'partial', 'present']);
});
