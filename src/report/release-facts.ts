// From which version to which, and with which artifacts: gathered from what checks and changes put on record, not from hopes.
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import type { RunEvent } from '../core/run-event.js';
import { stepsOf } from './timeline.js';

export interface ReleaseFacts {
  readonly from: string | null;
  readonly to: string | null;
  readonly artifacts: readonly { readonly name: string; readonly sha256: string }[];
  /** The version that answered last, in whichever direction the run went. */
  readonly serving: string | null;
}

export function releaseFactsOf(events: readonly RunEvent[], plan: Plan): ReleaseFacts {
  const steps = stepsOf(plan);
  const versions: { version: string; way: string; seq: number }[] = [];
  const artifacts = new Map<string, { name: string; sha256: string }>();
  let to = textMember(plan.inputs['to'] ?? null, 'version');
  for (const input of Object.values(plan.inputs)) addDigest(artifacts, input, plan);
  const planned = artifacts.size > 0;
  for (const event of events) {
    if (event.type === 'check-finished') {
      const kind = steps.get(event.data.step)?.step.kind;
      if (kind === 'version') {
        const version = textMember(event.data.observation, 'version');
        if (version !== null) versions.push({ version, way: event.data.way, seq: event.seq });
      }
      if (kind === 'package' && !planned)
        to = addPackage(artifacts, event.data.verdict.evidence ?? null, event.data.observation, plan) ?? to;
    }
    if (event.type === 'change-finished') to = textMember(event.data.effects, 'version') ?? to;
  }
  const firstLive = events.find((event) => event.type === 'change-intent')?.seq ?? Number.POSITIVE_INFINITY;
  const before = versions.find(({ seq }) => seq < firstLive)?.version ?? null;
  return { from: before, to: to ?? predictedVersion(plan), artifacts: [...artifacts.values()], serving: versions.at(-1)?.version ?? null };
}

/** As the first change knows it that replaces a version. */
export function versionInUse(plan: Plan): string | null {
  for (const { steps } of plan.phases) {
    for (const step of steps) {
      const version = step.type === 'change' ? textMember(step.effects, 'from') : null;
      if (version !== null) return version;
    }
  }
  return null;
}

type Artifacts = Map<string, { name: string; sha256: string }>;

function addPackage(artifacts: Artifacts, evidence: Json, observation: Json, plan: Plan): string | null {
  addDigest(artifacts, evidence, plan);
  addDigest(artifacts, observation, plan);
  return textMember(evidence, 'version') ?? textMember(observation, 'version');
}

function addDigest(artifacts: Artifacts, from: Json, plan: Plan): void {
  const sha256 = textMember(from, 'sha256') ?? textMember(from, 'packageSha256') ?? textMember(from, 'artifactSha256');
  if (sha256 === null || !/^[0-9a-f]{64}$/.test(sha256)) return;
  const named =
    textMember(from, 'file') ??
    textMember(from, 'name') ??
    textMember(from, 'package') ??
    textMember(from, 'path') ??
    artifactInput(plan) ??
    'artifact';
  if (!artifacts.has(sha256)) artifacts.set(sha256, { name: named.split('/').at(-1) ?? named, sha256 });
}

function artifactInput(plan: Plan): string | null {
  const value = plan.inputs['to'];
  return typeof value === 'string' ? value : null;
}

function predictedVersion(plan: Plan): string | null {
  for (const { steps } of plan.phases) {
    for (const step of steps) {
      const version = step.type === 'change' ? textMember(step.effects, 'version') : null;
      if (version !== null) return version;
    }
  }
  return null;
}

function textMember(value: Json, name: string): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const member = (value as Readonly<Record<string, Json>>)[name];
  return typeof member === 'string' ? member : null;
}
