// A made-up upgrade as plan and chained journal, in three endings, for everything that works on a run's record.
import { createHash } from 'node:crypto';
import type { Plan, PlannedChange, PlannedCheck } from '../../src/core/plan.js';
import type { RunEvent, RunEventBody } from '../../src/core/run-event.js';
import { fail, inconclusive, pass, skip, warn } from '../../src/core/verdict.js';

export const artifactDigest = createHash('sha256').update('package 1.1.0').digest('hex');

const check = (id: string, kind: string, rest: Partial<PlannedCheck> = {}): PlannedCheck => ({
  type: 'check',
  id,
  kind,
  title: `ask ${kind}`,
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
});
const change = (id: string, kind: string, rest: Partial<PlannedChange> = {}): PlannedChange => ({
  type: 'change',
  id,
  kind,
  title: `do ${kind}`,
  on: 'component:router',
  with: {},
  severity: 'required',
  timeoutMs: 60_000,
  needs: [],
  after: [],
  tags: [],
  always: false,
  role: 'edit',
  impact: 'staged',
  reversal: 'exact',
  diff: [{ sign: '~', text: `${kind} changes` }],
  effects: {},
  ...rest,
});

export const samplePlan = {
  schema: 'routerctl.plan/v1',
  tool: { name: 'routerctl', version: '0.1.0' },
  playbook: { name: 'process-upgrade', title: 'Upgrade a process', sha256: 'b'.repeat(64) },
  target: {
    name: 'router',
    profile: 'reference-router',
    environment: 'lab',
    host: 'local',
    root: '/srv/router',
    components: { router: { url: 'http://127.0.0.1:4000' } },
    databases: {},
    upstreams: {},
    policy: { rollbackOwner: 'alice' },
  },
  profile: {},
  inputs: { to: '/srv/packages/reference-router-1.1.0-linux-amd64.tar.gz' },
  phases: [
    {
      name: 'preflight',
      onFailure: 'stop',
      commit: false,
      controls: [],
      steps: [check('package', 'package'), check('version_before', 'version'), check('space', 'disk-space')],
    },
    {
      name: 'change',
      onFailure: 'rollback',
      commit: false,
      controls: [],
      steps: [
        change('save', 'backup'),
        change('install', 'install-binary', { effects: { version: '1.1.0' } }),
        change('up', 'restart-service', { role: 'activate', impact: 'live' }),
      ],
    },
    {
      name: 'validate',
      onFailure: 'rollback',
      commit: true,
      controls: [],
      steps: [
        check('smoke/version', 'version'),
        check('smoke/chat', 'chat'),
        check('smoke/usage', 'usage-recorded'),
        check('smoke/vision', 'models', { severity: 'warn' }),
      ],
    },
  ],
  criteria: [{ id: 'errors', when: 'gates.errors.rate > 0.02', then: 'rollback', why: 'too many errors' }],
  leftOut: [{ id: 'load_image', why: 'the artifact is a binary' }],
  state: {},
  changing: true,
  createdAt: '2026-11-20T02:00:00.000Z',
  window: { from: '2026-11-20T02:00:00Z', to: '2026-11-20T03:00:00Z' },
} as unknown as Plan;

export interface SampleRun {
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  readonly lines: string;
}

export type Ending = 'upgraded' | 'rolled-back' | 'dead';

export function sampleRun(ending: Ending, hostile = ''): SampleRun {
  const events: RunEvent[] = [];
  let lines = '';
  let prev = '0'.repeat(64);
  const startMs = Date.parse('2026-11-20T02:14:00.000Z');
  bodies(ending, hostile).forEach((body, seq) => {
    const event = {
      v: 1,
      seq,
      ts: new Date(startMs + seq * 1500).toISOString(),
      mono: 1000 + seq * 1500,
      runId: '7k2m',
      prev,
      ...body,
    } as RunEvent;
    const line = JSON.stringify(event);
    prev = createHash('sha256').update(line).digest('hex');
    lines += `${line}\n`;
    events.push(event);
  });
  return { plan: samplePlan, events, lines };
}

function bodies(ending: Ending, hostile: string): RunEventBody[] {
  const start: RunEventBody[] = [
    {
      type: 'run-created',
      data: {
        nonce: 'c'.repeat(64),
        planHash: 'a'.repeat(64),
        tool: '0.1.0',
        playbook: 'b'.repeat(64),
        target: 'router',
        environment: 'lab',
        operator: { user: `alice${hostile}` },
        host: { hostName: 'gw-01' },
        changeRef: 'CHG0042',
        acknowledged: [
          {
            impact: 'operator',
            title: 'operator impact',
            says: [`RELEASE_NOTES.md:7: Raise the memory limit.${hostile}`],
            by: 'alice',
            at: '2026-11-20T02:13:40.000Z',
          },
        ],
        overrides: [{ rule: 'U001', reason: `no window tonight${hostile}`, by: 'alice' }],
        baselineRun: null,
      },
    },
    { type: 'lease-taken', data: { epoch: 1, by: 'runner', pid: 10, startTicks: 1, bootId: 'boot', reason: 'upgrade' } },
    { type: 'phase-started', data: { phase: 'preflight' } },
    ...checked(
      'package',
      'preflight',
      pass('one package, amd64, digests equal', {
        evidence: { version: '1.1.0', sha256: artifactDigest, file: 'reference-router-1.1.0-linux-amd64.tar.gz' },
      }),
      {},
    ),
    ...checked('version_before', 'preflight', pass('version 1.0.0'), { version: '1.0.0' }),
    ...checked('space', 'preflight', warn('12 GB free, 11 GB needed'), {}),
    { type: 'undo-checked', data: { step: 'install', verdict: pass('1.0.0 is still installed') } },
    { type: 'phase-started', data: { phase: 'change' } },
    ...changed('save', 'backup proven by restoring it', {
      path: '/var/backups/b1.age',
      bytes: 41_000,
      restored: { integrity: 'ok', rows: 38_114, tookMs: 812 },
    }),
    ...changed('install', 'installed 1.1.0', null),
  ];
  if (ending === 'dead')
    return [...start, { type: 'change-intent', data: { step: 'up', phase: 'change', attempt: 1, undo: {}, expects: {}, with: {} } }];
  const live: RunEventBody[] = [
    ...start,
    ...changed('up', 'restarted in 0.9 s', null),
    { type: 'phase-started', data: { phase: 'validate' } },
    ...checked('smoke/version', 'validate', pass('version 1.1.0'), { version: '1.1.0' }),
    ...checked('smoke/chat', 'validate', pass('3 of 3, first token 312 ms'), {}),
  ];
  const summary = {
    everyMs: 50,
    requests: 640,
    failures: ending === 'upgraded' ? 18 : 41,
    fromMs: Date.parse('2026-11-20T02:14:00Z'),
    toMs: Date.parse('2026-11-20T02:14:32Z'),
    longestGapMs: 940,
    downtimeMs: 940,
    outages: [{ fromMs: Date.parse('2026-11-20T02:14:20.000Z'), toMs: Date.parse('2026-11-20T02:14:20.940Z'), failures: 18 }],
  };
  if (ending === 'upgraded') {
    return [
      ...live,
      ...checked('smoke/usage', 'validate', pass('3 of 3 requests have a usage row'), {}),
      ...checked('smoke/vision', 'validate', skip(`no model can see${hostile}`), {}),
      { type: 'phase-committed', data: { phase: 'validate' } },
      { type: 'probe-summary', data: { summary } },
      { type: 'run-finished', data: { outcome: 'upgraded', exitCode: 0, why: 'every required check passed' } },
    ];
  }
  return [
    ...live,
    ...checked(
      'smoke/usage',
      'validate',
      fail(`3 of 3 streamed requests left no usage row${hostile}`, {
        details: ['request 8f1a: no row', 'request 8f1b: no row'],
        hint: 'is usage recording switched on?',
      }),
      {},
    ),
    ...checked('smoke/vision', 'validate', inconclusive('the provider did not answer'), {}),
    { type: 'rollback-ordered', data: { why: 'smoke/usage failed', code: 'phase-failed', phase: 'validate' } },
    ...['up', 'install'].flatMap((step): RunEventBody[] => [
      { type: 'revert-intent', data: { step, attempt: 1 } },
      { type: 'revert-finished', data: { step, status: 'done', summary: `${step} taken back`, hint: null, evidence: null, tookMs: 700 } },
    ]),
    ...checked('smoke/version', 'validate', pass('version 1.0.0 again, as before the change'), { version: '1.0.0' }, 'back'),
    { type: 'rollback-validated', data: { verified: true, failed: [] } },
    { type: 'probe-summary', data: { summary } },
    { type: 'run-finished', data: { outcome: 'rolled-back', exitCode: 4, why: 'smoke/usage: 3 of 3 streamed requests left no usage row' } },
  ];
}

function checked(
  step: string,
  phase: string,
  verdict: ReturnType<typeof pass>,
  observation: Record<string, string>,
  way: 'forward' | 'back' = 'forward',
): RunEventBody[] {
  return [
    { type: 'check-started', data: { step, phase, way } },
    { type: 'check-finished', data: { step, phase, way, verdict, observation, tookMs: 41, attempts: 1 } },
  ];
}

function changed(
  step: string,
  summary: string,
  evidence: { readonly [key: string]: string | number | { readonly [key: string]: string | number } } | null,
): RunEventBody[] {
  return [
    { type: 'change-intent', data: { step, phase: 'change', attempt: 1, undo: {}, expects: {}, with: {} } },
    { type: 'change-finished', data: { step, phase: 'change', status: 'done', summary, hint: null, effects: {}, evidence, tookMs: 1900 } },
  ];
}
