// What a person approves is whole: at any width, on a terminal and in a pipe.
import { expect, test } from 'vitest';
import { displayWidth } from '../../src/ui/display-width.js';
import { type PlanScreenInput, planLines } from '../../src/ui/plan-screen.js';
import { plainStyle } from '../../src/ui/style.js';
import { syntheticPlan } from './synthetic-plan.js';

function longPlan(): PlanScreenInput {
  const plan = syntheticPlan({
    leftOut: [{ id: 'readiness/usage_recorded', why: 'the target names no database in which usage rows could be counted' }],
  });
  const phases = plan.phases.map((phase) => ({
    ...phase,
    steps: phase.steps.map((step) =>
      step.id === 'up' && step.type === 'change'
        ? { ...step, diff: [{ sign: '~' as const, text: 'process restarts with a drain of up to 10 s and then up to 20 s to be ready' }] }
        : step,
    ),
  }));
  return {
    plan: { ...plan, phases },
    hash: '4f1c9d2e'.repeat(8),
    from: '1.0.0',
    to: '1.1.0',
    downtime: null,
    rollback: 'automatic until the last commit; validated against the baseline of the old version',
    byHand: null,
    file: null,
    verbose: true,
  };
}

const words = (lines: readonly string[]): readonly string[] =>
  lines
    .join(' ')
    .split(/ +/)
    .filter((word) => word !== '');

test('a pipe gets every line of the plan in one piece', () => {
  const lines = planLines(longPlan(), Number.POSITIVE_INFINITY, plainStyle);

  expect(lines.join('\n')).not.toContain('…');
  expect(lines.some((text) => text.endsWith('up to 20 s to be ready  users notice from here'))).toBe(true);
});

test.each([60, 80, 100, 160])(
  'at %i columns nothing of the plan is lost, and what does not fit hangs below its beginning',
  async (columns) => {
    const lines = planLines(longPlan(), columns, plainStyle);

    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
    expect(words(lines)).toEqual(words(planLines(longPlan(), Number.POSITIVE_INFINITY, plainStyle)));
    expect(lines.filter((text) => text.includes('users notice from here'))).toHaveLength(1);
    if (columns === 80) await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../../fixtures/screens/plan-whole.80.txt');
  },
);
