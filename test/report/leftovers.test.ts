import { expect, test } from 'vitest';
import type { Plan } from '../../src/core/plan.js';
import type { RunEvent } from '../../src/core/run-event.js';
import { leftoversOf } from '../../src/report/leftovers.js';
import { changeStep, phaseOfSteps, upgradePlan } from '../engine/practice-plan.js';

const base = upgradePlan();
const target = { ...base.target, backup: { directory: '/backup', recipients: ['age1x'], keep: 30 * 86_400_000 } };
const plan: Plan = { ...base, target, phases: [phaseOfSteps('backup', [changeStep('save', 'backup', 'stage', 'none', {})])] };

function finished(step: string, status: 'done' | 'failed'): RunEvent {
  const data = {
    step,
    phase: 'backup',
    status,
    summary: '',
    hint: null,
    effects: { id: '20260101T020000Z-r1-router' },
    evidence: null,
    tookMs: 1,
  };
  return { v: 1, seq: 0, ts: '2026-01-01T02:00:00.000Z', mono: 0, runId: 'r1', prev: '', type: 'change-finished', data };
}

test('a backup that was made stays, and says until when', () => {
  expect(leftoversOf([finished('save', 'done')], plan)).toEqual(['backup 20260101T020000Z-r1-router, kept until 2026-01-31']);
});

test('one that failed leaves nothing, and other changes are none of its business', () => {
  expect(leftoversOf([finished('save', 'failed'), finished('other', 'done')], plan)).toEqual([]);
});
