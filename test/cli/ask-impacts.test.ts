// At a terminal each impact is a question of its own, with the lines of the note before it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askImpacts } from '../../src/cli/ask-impacts.js';
import type { Plan } from '../../src/core/plan.js';
import { readReleaseNote } from '../../src/core/release-note.js';
import { syntheticPlan } from '../ui/synthetic-plan.js';

const note = readFileSync(join(import.meta.dirname, '../../fixtures/release-notes/six-sections.md'), 'utf8');
const plan: Plan = { ...syntheticPlan(), releaseNote: readReleaseNote(note, { file: 'NOTES.md', version: '1.1.0' }) };

/** A person who answers each question with the next word. */
function person(...answers: readonly string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let said = '';
  const open = [...answers];
  output.on('data', (data: Buffer) => {
    said += data.toString();
    if (data.toString().endsWith('[y/N] ')) input.write(`${open.shift() ?? ''}\n`);
  });
  return { asker: { input, output, isTty: true }, said: () => said };
}

test('every yes acknowledges the impact whose lines were just shown', async () => {
  const { asker, said } = person('y', 'yes', 'y');
  expect(await askImpacts(plan, [], 'routerctl upgrade', asker)).toEqual(['operator', 'database', 'caller']);
  expect(said()).toMatch(/NOTES\.md:7: Raise the memory limit.*\(operator impact\)\?.*NOTES\.md:12: .*\(database changes\)\?/s);
});

test('what was acknowledged on the command line is not asked', async () => {
  const { asker, said } = person('y');
  expect(await askImpacts(plan, ['operator', 'caller'], 'routerctl upgrade', asker)).toEqual(['operator', 'caller', 'database']);
  expect(said()).not.toContain('operator impact');
});

test('a no refuses, and the hint names what is still open', async () => {
  const { asker } = person('y', 'n');
  await expect(askImpacts(plan, [], 'routerctl upgrade --to x', asker)).rejects.toMatchObject({
    code: 'NOT_ACKNOWLEDGED',
    hint: 'read them, then: routerctl upgrade --to x --acknowledge database --acknowledge caller',
  });
});
