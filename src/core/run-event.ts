// The only thing that the engine says. The journal stores events, the UI draws them, the report summarises them.
import type { Inspection } from './change.js';
import type { ExitCode } from './exit-code.js';
import type { Json } from './json.js';
import type { Verdict } from './verdict.js';

export type RunOutcome = 'upgraded' | 'passed' | 'failed' | 'unmeasured' | 'rolled-back' | 'rollback-failed' | 'kept' | 'interrupted';

export type Way = 'forward' | 'back';

/** What a person may ask of a run under way. */
export type RunRequest = 'hold' | 'rollback' | 'resume' | 'keep' | 'note' | 'stop' | 'take-over';

interface EventBodies {
  'run-created': {
    nonce: string;
    planHash: string;
    tool: string;
    playbook: string;
    target: string;
    environment: string;
    operator: Json;
    host: Json;
    changeRef: string | null;
    overrides: Json;
    baselineRun: string | null;
  };
  'lease-taken': {
    epoch: number;
    by: 'runner' | 'guard' | 'resume' | 'rollback';
    pid: number;
    startTicks: number;
    bootId: string;
    reason: string;
  };
  /** Another person answers for the run from now on. */
  'handed-over': { from: string; to: string };
  'deadline-set': { atMs: number; bootId: string; bootMs: number };
  /** Every secret that revert and validation need was read in the guard's own environment, and signing was tried. */
  'guard-proven': { secrets: readonly string[]; signing: string };
  /** A proof that must come before the first change failed; the run goes no further. */
  refused: { why: string; hint: string | null };
  /** A child's process group, on record before its program starts: a successor ends it before it inspects anything. */
  'group-started': { pgid: number; startTicks: number };
  'guard-armed': { pid: number; startTicks: number; by: string };
  'prober-started': { pid: number; startTicks: number };
  'notifier-started': { pid: number; startTicks: number };
  'phase-started': { phase: string };
  'check-started': { step: string; phase: string; way: Way };
  'check-finished': { step: string; phase: string; way: Way; verdict: Verdict; observation: Json; tookMs: number; attempts: number };
  'step-left-out': { step: string; phase: string; why: string };
  'undo-checked': { step: string; verdict: Verdict };
  'change-intent': { step: string; phase: string; attempt: number; undo: Json; expects: Json; with: Json };
  fact: { step: string; name: string; value: Json };
  'change-finished': {
    step: string;
    phase: string;
    status: 'done' | 'unchanged' | 'failed' | 'conflict';
    summary: string;
    hint: string | null;
    effects: Json;
    evidence: Json;
    tookMs: number;
  };
  inspected: { step: string; state: Inspection };
  'phase-committed': { phase: string };
  'criterion-met': { criterion: string; then: string; why: string };
  'request-received': { id: string; request: Exclude<RunRequest, 'note' | 'stop' | 'take-over'>; by: string; reason: string };
  'signal-received': { signal: string };
  /** The boot clock's limit counts while the boot is the same; nobody can set it. */
  'hold-started': { reason: string; untilMs: number; bootId: string; untilBootMs: number };
  'hold-ended': { how: 'resume' | 'rollback' | 'keep' | 'deadline' };
  /** What the plan prepared for this is done instead of a rollback. */
  'isolation-ordered': { why: string };
  'rollback-ordered': { why: string; code: string; phase: string | null };
  'revert-intent': { step: string; attempt: number };
  'revert-finished': {
    step: string;
    status: 'done' | 'unchanged' | 'failed' | 'conflict';
    summary: string;
    hint: string | null;
    evidence: Json;
    tookMs: number;
  };
  'rollback-validated': { verified: boolean; failed: readonly string[] };
  'probe-summary': { summary: Json };
  note: { by: string; text: string };
  'run-finished': { outcome: RunOutcome; exitCode: ExitCode; why: string };
}

export type RunEventType = keyof EventBodies;

export type RunEventBody = { [Type in RunEventType]: { readonly type: Type; readonly data: Readonly<EventBodies[Type]> } }[RunEventType];

/** A journalled event: `seq` from 0 without gaps, `prev` the sha256 of the previous line's bytes (64 zeros for the first). */
export type RunEvent = RunEventBody & {
  readonly v: 1;
  readonly seq: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly ts: string;
  /** Milliseconds of the boot clock. */
  readonly mono: number;
  readonly runId: string;
  readonly prev: string;
};

export type EventOf<Type extends RunEventType> = Extract<RunEvent, { type: Type }>;
