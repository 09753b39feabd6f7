// Plans on disk beside other people's files.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesNode } from '../../src/adapters/files-node.js';
import { createReportFiles } from '../../src/adapters/report-files-node.js';
import { readPlan, writePlan } from '../../src/app/plan-file.js';
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
