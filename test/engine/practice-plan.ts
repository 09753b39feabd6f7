// The plans that the engine is driven through in memory: small phases of cells to edit, one service to activate, one question to ask.
import type { ChangeImpact, ChangeRole } from '../../src/core/change.js';
import type { Json } from '../../src/core/json.js';
import type { Plan, PlannedChange, PlannedCheck, PlannedPhase } from '../../src/core/plan.js';

export const base = { title: 't', on: null, severity: 'required', timeoutMs: 5000, needs: [], after: [], tags: [], always: false } as const;

export function checkStep(id: string, extra: Partial<PlannedCheck> = {}): PlannedCheck {
  return { ...base, id, type: 'check', kind: 'serves', with: {}, effects: 'none', baseline: false, ...extra };
}

export function changeStep(
  id: string,
  kind: string,
  role: ChangeRole,
  impact: ChangeImpact,
  withSpec: Json,
  extra: Partial<PlannedChange> = {},
): PlannedChange {
  return { ...base, id, type: 'change', kind, role, impact, reversal: 'exact', with: withSpec, diff: [], effects: {}, ...extra };
}

export function phaseOfSteps(name: string, steps: PlannedPhase['steps'], extra: Partial<PlannedPhase> = {}): PlannedPhase {
  return { name, onFailure: 'rollback', commit: false, isolation: false, steps, controls: [], ...extra };
}

export function upgradePlan(extra: Partial<Plan> = {}): Plan {
  return {
    schema: 'routerctl.plan/v1',
    tool: { name: 'routerctl', version: '0' },
    playbook: { name: 'p', title: 'p', sha256: '0' },
    target: { name: 'lab', components: {}, databases: {}, upstreams: {} } as unknown as Plan['target'],
    profile: {} as unknown as Plan['profile'],
    inputs: {},
    phases: [
      phaseOfSteps('preflight', [checkStep('before', { baseline: true })], { onFailure: 'stop' }),
      phaseOfSteps('change', [
        changeStep('binary', 'edit', 'edit', 'staged', { cell: 'binary', value: 'new' }),
        changeStep('env', 'edit', 'edit', 'staged', { cell: 'env', value: 'new' }),
        changeStep('restart', 'activate', 'activate', 'live', {}),
      ]),
      phaseOfSteps('validate', [checkStep('after', { with: { expect: 'new' } })], { commit: true }),
    ],
    criteria: [],
    leftOut: [],
    state: {},
    changing: true,
    createdAt: '2026-01-01T00:00:00Z',
    window: null,
    ...extra,
  };
}
