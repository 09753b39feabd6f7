// The plan that every drawn run of the screen tests follows: an upgrade in a few phases, made up, so that each picture needs no deployment.
import type { Plan, PlannedChange, PlannedCheck, PlannedPhase } from '../../src/core/plan.js';
import { profileSpec } from '../../src/core/profile.js';
import { targetSpec } from '../../src/core/target.js';

function check(id: string, kind: string, rest: Partial<PlannedCheck> = {}): PlannedCheck {
  return {
    type: 'check',
    id,
    kind,
    title: kind,
    on: 'component:router',
    with: {},
    severity: 'required',
    timeoutMs: 30_000,
    needs: [],
    after: [],
    tags: [],
    always: false,
    effects: 'none',
    baseline: false,
    ...rest,
  };
}

function change(id: string, kind: string, rest: Partial<PlannedChange> = {}): PlannedChange {
  return {
    type: 'change',
    id,
    kind,
    title: kind,
    on: 'component:router',
    with: {},
    severity: 'required',
    timeoutMs: 120_000,
    needs: [],
    after: [],
    tags: [],
    always: false,
    role: 'stage',
    impact: 'none',
    reversal: 'exact',
    diff: [],
    effects: {},
    ...rest,
  };
}

const phase = (name: string, steps: PlannedPhase['steps'], rest: Partial<PlannedPhase> = {}): PlannedPhase => ({
  name,
  onFailure: 'rollback',
  commit: false,
  isolation: false,
  controls: [],
  steps,
  ...rest,
});

export function syntheticPlan(rest: Partial<Plan> = {}): Plan {
  const target = targetSpec.parse({
    profile: 'reference-router',
    environment: 'production',
    root: '/opt/router',
    components: { router: {} },
    policy: { rollbackOwner: 'carol', limit: '1h' },
  });
  return {
    schema: 'routerctl.plan/v1',
    tool: { name: 'routerctl', version: '0.1.0' },
    playbook: { name: 'process-upgrade', title: 'Upgrade a router process', sha256: 'a'.repeat(64) },
    target: { ...target, name: 'router' },
    profile: profileSpec.parse({ routerctl: 1, profile: 'reference-router', title: 'Reference router', paths: {} }),
    inputs: { to: '/srv/packages/reference-router-1.1.0-linux-amd64.tar.gz' },
    phases: [
      phase(
        'preflight',
        [
          check('package', 'package'),
          check('ready_before', 'ready'),
          check('version_before', 'version'),
          check('disk', 'disk-space', { severity: 'warn' }),
        ],
        { onFailure: 'stop' },
      ),
      phase('backup', [change('backup', 'backup', { timeoutMs: 1_800_000 })], { onFailure: 'stop' }),
      phase('change', [
        change('install', 'install-binary', {
          impact: 'staged',
          diff: [
            { sign: '+', text: 'versions/1.1.0' },
            { sign: '~', text: 'current: 1.0.0 -> 1.1.0' },
          ],
        }),
        change('up', 'restart-service', {
          role: 'activate',
          impact: 'live',
          diff: [{ sign: '~', text: 'process restarts from versions/1.1.0' }],
        }),
      ]),
      phase(
        'validate',
        ['ready', 'version', 'models', 'chat', 'usage-recorded'].map((kind) =>
          check(`smoke/${kind.replace('-', '_')}`, kind, { baseline: true, effects: 'spend' }),
        ),
        { commit: true },
      ),
    ],
    criteria: [],
    leftOut: [],
    state: {},
    changing: true,
    createdAt: '2026-11-20T01:50:00.000Z',
    window: { from: '2026-11-20T02:00:00.000Z', to: '2026-11-20T03:00:00.000Z' },
    ...rest,
  };
}
