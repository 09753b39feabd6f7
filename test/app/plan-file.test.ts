// Plans on disk beside other people's files.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesNode } from '../../src/adapters/files-node.js';
import { createReportFiles } from '../../src/adapters/report-files-node.js';
import { approvePlan, readApproval, readPlan, writePlan } from '../../src/app/plan-file.js';
import { openShell } from '../../src/cli/wiring.js';
import type { Plan } from '../../src/core/plan.js';
import { sshPublicLine } from '../../src/report/ssh-wire.js';
import { upgradePlan } from '../engine/practice-plan.js';

test('writing a plan leaves every other file of its directory alone', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-plan-'));
  try {
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    const path = join(directory, 'tonight.plan');
    await writePlan(filesNode(), path, upgradePlan());
    expect(readdirSync(directory).sort()).toEqual(['notes.txt', 'tonight.plan']);
    expect(readFileSync(join(directory, 'notes.txt'), 'utf8')).toBe('mine');
    expect(await readPlan(createReportFiles(), path)).toEqual(upgradePlan());
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.each([
  ['text', 'x'],
  ['another document', '{"schema":"something else"}'],
])('%s is refused as a plan', async (_name, text) => {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-plan-'));
  try {
    writeFileSync(join(directory, 'a.plan'), text);
    await expect(readPlan(createReportFiles(), join(directory, 'a.plan'))).rejects.toMatchObject({ code: 'PLAN_INVALID' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('an approval from the future and one that is no approval are refused', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-plan-'));
  try {
    const [path, key, allowedSigners] = ['a.plan', 'bob.pem', 'approvers'].map((name) => join(directory, name)) as [string, string, string];
    const shell = await openShell();
    const { publicKey } = await shell.signing.keys.generate(key, 'p256', null);
    writeFileSync(allowedSigners, `bob@lab ${sshPublicLine(publicKey, 'bob')}\n`);
    const target = { name: 'lab', host: 'local', root: directory, policy: { approval: 'required', approvers: allowedSigners } };
    const plan = upgradePlan({ target: target as unknown as Plan['target'] });
    await writePlan(filesNode(), path, plan);
    const approve = (aheadMs: number) => {
      const clock = { ...shell.clock, nowMs: () => shell.clock.nowMs() + aheadMs };
      return approvePlan({ ...shell, clock }, path, { key, identity: 'bob@lab', allowedSigners }, null);
    };
    await approve(60_000);
    expect(await readApproval(shell, path, plan)).toMatchObject({ approver: 'bob@lab', window: null });
    await approve(3_600_000);
    await expect(readApproval(shell, path, plan)).rejects.toMatchObject({
      code: 'NOT_APPROVED',
      message: expect.stringContaining('from the future') as string,
    });
    for (const text of ['hello', '{}', 'null']) {
      writeFileSync(`${path}.approval`, text);
      await expect(readApproval(shell, path, plan)).rejects.toMatchObject({ code: 'NOT_APPROVED' });
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
