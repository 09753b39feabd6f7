// A plan says what the run will do, and its hash covers what was promised, not what happened to lie about when it was made.
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clockNode } from '../../src/adapters/clock-node.js';
import { filesNode } from '../../src/adapters/files-node.js';
import { makePlan } from '../../src/app/make-plan.js';
import { planHash } from '../../src/app/plan-hash.js';
import type { Shell } from '../../src/app/shell.js';
import { altersDeployment } from '../../src/app/start-run.js';
import { loadCatalogue } from '../../src/cli/catalogue.js';
import { planPreview } from '../../src/cli/changing-command.js';
import type { Plan, PlannedChange } from '../../src/core/plan.js';
import { readPlaybook } from '../../src/playbook/playbook.js';
import { type Deployment, freshDeployments, profile } from '../changes/real-deployment.js';

let deployment: Deployment;
freshDeployments((made) => {
  deployment = made;
});

const tidy = (options = '{ olderThan: 1h }'): string => `routerctl: 1
name: tidy
title: Remove temporary files
phases:
  - name: cleanup
    commit: true
    steps:
      - { id: tidy, change: cleanup-temp, on: router, with: ${options} }
`;

async function planOf(text: string, target = deployment.target, inputs: Readonly<Record<string, string>> = {}): Promise<Plan> {
  const catalogue = await loadCatalogue();
  const read = readPlaybook({ file: 'p.yaml', text }, new Map(), catalogue);
  if ('findings' in read) throw new Error(JSON.stringify(read.findings));
  const shell: Pick<Shell, 'tool' | 'clock' | 'ports' | 'catalogue' | 'shelf'> = {
    shelf: { files: filesNode(), shipped: deployment.root, workingDirectory: deployment.root },
    tool: { name: 'routerctl', version: '0.1.0' },
    clock: clockNode(),
    ports: () => deployment.ports,
    catalogue: () => Promise.resolve(catalogue),
  };
  return makePlan(shell as Shell, { playbook: { playbook: read.playbook, sha256: 'x' }, target, profile, inputs, window: null });
}

const texts = (plan: Plan): readonly string[] =>
  plan.phases
    .flatMap(({ steps }) => steps)
    .filter((step): step is PlannedChange => step.type === 'change')
    .flatMap(({ diff }) => diff.map(({ sign, text }) => `${sign} ${text.replaceAll(deployment.root, '')}`));

function old(name: string): void {
  writeFileSync(deployment.at(`tmp/${name}`), name);
  utimesSync(deployment.at(`tmp/${name}`), new Date(0), new Date(0));
}

test('the plan of a cleanup names the entries that are old enough at the moment of planning', async () => {
  old('old.tar');
  writeFileSync(deployment.at('tmp/young.tar'), 'young');
  expect(texts(await planOf(tidy()))).toEqual(['- entries of /tmp that are older than 3600 s', '- now: /tmp/old.tar (7 bytes)']);
});

test('what lies in a temporary root is told and not promised, while roots and rules are', async () => {
  old('old.tar');
  const plan = await planOf(tidy());
  old('more.tar');
  const grown = await planOf(tidy());
  rmSync(deployment.at('tmp'), { recursive: true });
  const emptied = await planOf(tidy());
  expect(new Set([plan, grown, emptied].map((each) => texts(each).join('\n'))).size).toBe(3);
  expect(new Set([plan, grown, emptied].map(planHash)).size).toBe(1);
  const elsewhere = { ...deployment.target, temporary: { roots: [deployment.at('backups')] } };
  const others = [await planOf(tidy('{ olderThan: 2h }')), await planOf(tidy(), elsewhere)];
  expect(new Set([plan, ...others].map(planHash)).size).toBe(3);
});

test('a playbook that only removes needs window and approval like any other that cannot be taken back', async () => {
  expect(altersDeployment(await planOf(tidy()))).toBe(true);
  const save = tidy().replace('change: cleanup-temp, on: router, with: { olderThan: 1h }', 'change: backup, on: router');
  expect(altersDeployment(await planOf(save))).toBe(false);
});

const upgrade = `routerctl: 1
name: up
title: Upgrade
inputs:
  to: { type: artifact, help: the package }
phases:
  - name: change
    steps:
      - { id: install, change: install-binary, on: router, with: { artifact: "\${{ inputs.to.path }}", version: "\${{ inputs.to.version }}" } }
`;

test('the plan carries the version that is in use, and its header shows from where it goes', async () => {
  const to = { to: deployment.package('1.1.0') };
  const plan = await planOf(upgrade, deployment.target, to);
  expect(planPreview(plan)[0]).toContain(' 1.0.0 -> 1.1.0 ');
  expect(planHash(await planOf(upgrade, deployment.target, to))).toBe(planHash(plan));
  writeFileSync(deployment.at('versions/1.0.0/RELEASE.json'), '{"version":"1.0.0-patched"}');
  expect(planPreview(await planOf(upgrade, deployment.target, to))[0]).toContain(' 1.0.0-patched -> 1.1.0 ');
});

test('a first installation comes from no version', async () => {
  rmSync(deployment.at('current'));
  const plan = await planOf(upgrade, deployment.target, { to: deployment.package('1.1.0') });
  expect(planPreview(plan)[0]).toMatch(/small {3}-> 1\.1\.0/);
});

test('how long it will be down is said only of a plan that users notice', async () => {
  const down = { ms: 412, on: '2026-11-20' };
  const live = await planOf(
    `${upgrade}      - { id: up, change: restart-service, on: router }\n      - { id: ready, check: ready, on: router }\n`,
    deployment.target,
    {
      to: deployment.package('1.1.0'),
    },
  );
  expect(planPreview(live, { down }).join('\n')).toContain('downtime  about 0.4 s, as on 2026-11-20');
  expect(planPreview(live).join('\n')).not.toContain('downtime');
  expect(planPreview(await planOf(tidy()), { down }).join('\n')).not.toContain('downtime');
});
