// Runs that never happened, told as the events that they would have left: input for every test of the screen.
import type { RunEvent, RunEventBody } from '../../src/core/run-event.js';
import { fail, inconclusive, pass, type Verdict, warn } from '../../src/core/verdict.js';

export const startMs = Date.parse('2026-11-20T02:05:00.000Z');

export class Story {
  readonly events: RunEvent[] = [];
  #nowMs = startMs;

  after(ms: number, ...bodies: RunEventBody[]): this {
    this.#nowMs += ms;
    for (const body of bodies) {
      const ts = new Date(this.#nowMs).toISOString();
      this.events.push({ ...body, v: 1, seq: this.events.length, ts, mono: this.#nowMs - startMs, runId: '7k2m', prev: '0'.repeat(64) });
    }
    return this;
  }

  get nowMs(): number {
    return this.#nowMs;
  }
}

const checkEvents = (
  story: Story,
  phaseName: string,
  step: string,
  verdict: Verdict,
  tookMs: number,
  way: 'forward' | 'back' = 'forward',
  observation = {},
): Story =>
  story
    .after(0, { type: 'check-started', data: { step, phase: phaseName, way } })
    .after(tookMs, { type: 'check-finished', data: { step, phase: phaseName, way, verdict, observation, tookMs, attempts: 1 } });

const changeStart = (story: Story, phaseName: string, step: string): Story =>
  story.after(0, { type: 'change-intent', data: { step, phase: phaseName, attempt: 1, undo: {}, expects: {}, with: {} } });

const changeEnd = (story: Story, phaseName: string, step: string, summary: string, tookMs: number): Story =>
  story.after(tookMs, {
    type: 'change-finished',
    data: { step, phase: phaseName, status: 'done', summary, hint: null, effects: {}, evidence: {}, tookMs },
  });

function begin(): Story {
  return new Story().after(
    0,
    {
      type: 'run-created',
      data: {
        nonce: 'n',
        planHash: '4f1c9d2e'.repeat(8),
        tool: '0.1.0',
        playbook: 'process-upgrade',
        target: 'router',
        environment: 'production',
        operator: { user: 'alice' },
        host: { hostname: 'gw-01' },
        changeRef: 'CHG0042',
        overrides: {},
        baselineRun: null,
      },
    },
    { type: 'phase-started', data: { phase: 'preflight' } },
  );
}

function preflight(story: Story): Story {
  checkEvents(story, 'preflight', 'package', pass('1.1.0 amd64, 312 files as listed, no secret inside'), 900, 'forward', {
    version: '1.1.0',
  });
  checkEvents(story, 'preflight', 'ready_before', pass('ready in 41 ms'), 41);
  checkEvents(story, 'preflight', 'version_before', pass('1.0.0 built 2026-10-01'), 12, 'forward', { version: '1.0.0' });
  return checkEvents(story, 'preflight', 'disk', warn('71 GB free, 60 GB needed'), 5);
}

function untilChange(): Story {
  const story = preflight(begin()).after(0, { type: 'phase-started', data: { phase: 'backup' } });
  changeStart(story, 'backup', 'backup');
  return changeEnd(story, 'backup', 'backup', '41 GB, restored in scratch, 38,114,902 rows equal', 492_000);
}

export const inPreflight = (): Story =>
  begin()
    .after(0, { type: 'check-started', data: { step: 'package', phase: 'preflight', way: 'forward' } })
    .after(4_000);

/** The link is switched; no user has noticed anything. */
export function installed(): Story {
  const story = untilChange().after(
    0,
    { type: 'guard-armed', data: { pid: 4711, startTicks: 1, by: 'detached process' } },
    { type: 'phase-started', data: { phase: 'change' } },
  );
  changeStart(story, 'change', 'install');
  return changeEnd(story, 'change', 'install', 'current -> 1.1.0', 800);
}

export const inChange = (): Story => changeStart(installed(), 'change', 'up').after(4_000);

function inValidate(): Story {
  const story = changeEnd(inChange(), 'change', 'up', 'restarted in 2.1 s', 300).after(0, {
    type: 'phase-started',
    data: { phase: 'validate' },
  });
  checkEvents(story, 'validate', 'smoke/ready', pass('ready in 38 ms'), 38);
  checkEvents(story, 'validate', 'smoke/version', pass('1.1.0 built 2026-11-02'), 10);
  checkEvents(story, 'validate', 'smoke/models', pass('12 models, as before'), 20);
  return checkEvents(story, 'validate', 'smoke/chat', pass('3/3, first token 312 ms'), 1_900);
}

export function upgraded(): Story {
  return checkEvents(inValidate(), 'validate', 'smoke/usage_recorded', pass('6 of 6 requests with tokens and cost'), 700).after(
    50,
    { type: 'phase-committed', data: { phase: 'validate' } },
    { type: 'run-finished', data: { outcome: 'upgraded', exitCode: 0, why: 'every required check passed' } },
  );
}

function ordered(): Story {
  return checkEvents(inValidate(), 'validate', 'smoke/usage_recorded', fail('3 of 3 streamed requests left no usage row'), 5_200).after(
    10,
    {
      type: 'rollback-ordered',
      data: { why: 'validate/usage-recorded: 3 of 3 streamed requests left no usage row', code: 'STEP_FAILED', phase: null },
    },
  );
}

export const rollingBack = (): Story =>
  ordered()
    .after(20, { type: 'revert-intent', data: { step: 'install', attempt: 1 } })
    .after(600);

function reverted(): Story {
  return ordered()
    .after(20, { type: 'revert-intent', data: { step: 'install', attempt: 1 } })
    .after(90, {
      type: 'revert-finished',
      data: { step: 'install', status: 'done', summary: 'current -> 1.0.0', hint: null, evidence: {}, tookMs: 90 },
    })
    .after(5, { type: 'revert-intent', data: { step: 'up', attempt: 1 } })
    .after(2_000, {
      type: 'revert-finished',
      data: { step: 'up', status: 'done', summary: 'restarted in 1.9 s', hint: null, evidence: {}, tookMs: 2_000 },
    });
}

export function rolledBack(): Story {
  return checkEvents(reverted(), 'validate', 'smoke/version', pass('1.0.0 built 2026-10-01'), 12, 'back').after(
    5,
    { type: 'rollback-validated', data: { verified: true, failed: [] } },
    { type: 'run-finished', data: { outcome: 'rolled-back', exitCode: 4, why: 'validate/usage-recorded failed' } },
  );
}

export function rollbackFailed(): Story {
  return checkEvents(reverted(), 'validate', 'smoke/chat', fail('401 for a token that worked at 02:06'), 40, 'back').after(
    5,
    { type: 'rollback-validated', data: { verified: false, failed: ['smoke/chat'] } },
    { type: 'run-finished', data: { outcome: 'rollback-failed', exitCode: 5, why: 'smoke/chat is not as it was' } },
  );
}

export function held(): Story {
  return checkEvents(inValidate(), 'validate', 'smoke/usage_recorded', inconclusive('the upstream asked directly fails too'), 30_000).after(
    100,
    {
      type: 'hold-started',
      data: {
        reason: 'the control probe fails too: the provider is broken, not the router',
        untilMs: startMs + 1_500_000,
        bootId: 'b',
        untilBootMs: 1_500_000,
      },
    },
  );
}

export function preflightFailed(): Story {
  const story = begin();
  checkEvents(story, 'preflight', 'package', fail('built for arm64, this host is amd64'), 900);
  checkEvents(story, 'preflight', 'ready_before', pass('ready in 41 ms'), 41);
  checkEvents(story, 'preflight', 'version_before', pass('1.0.0 built 2026-10-01'), 12, 'forward', { version: '1.0.0' });
  checkEvents(story, 'preflight', 'disk', pass('96 GB free'), 5);
  return story.after(1, {
    type: 'run-finished',
    data: { outcome: 'failed', exitCode: 3, why: 'preflight/package: built for arm64, this host is amd64' },
  });
}

export function interrupted(): Story {
  return inPreflight().after(
    10,
    { type: 'signal-received', data: { signal: 'SIGINT' } },
    { type: 'run-finished', data: { outcome: 'interrupted', exitCode: 130, why: 'SIGINT before anything was changed' } },
  );
}

/** Taken back by hand after it had ended, by a process that was killed on the way. */
export function diedGoingBack(): Story {
  return upgraded().after(
    600_000,
    { type: 'lease-taken', data: { epoch: 2, by: 'rollback', pid: 4712, startTicks: 1, bootId: 'b', reason: 'rollback' } },
    { type: 'rollback-ordered', data: { why: 'a person asked for the rollback', code: 'requested', phase: null } },
    { type: 'revert-intent', data: { step: 'install', attempt: 1 } },
  );
}
