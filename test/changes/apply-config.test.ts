import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { applyConfig } from '../../src/changes/apply-config.js';
import type { ChangeDefinition } from '../../src/core/change.js';
import { type Deployment, freshDeployments, Step } from './real-deployment.js';

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

test('a config whose digest was not reviewed is refused in plan, prepare and apply', async () => {
  const step = await configStep();
  writeFileSync(deployment.at('reviewed.yaml'), `${reviewed}# later\n`);
  await expect(applyConfig.plan(applyConfig.spec.parse(step.spec), deployment.ports, step.context)).rejects.toMatchObject({
    code: 'NOT_REVIEWED',
  });
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
