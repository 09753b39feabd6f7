// A plan: the playbook bound to the target, every change asked what it would do, and the state that all of it was made for.
// Making it again on the same state gives the same hash; that is how drift is found.
import { resolve } from 'node:path';
import { binaryOf } from '../core/artifact-of.js';
import type { Catalogue } from '../core/catalogue.js';
import type { ChangeContext } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Plan, PlannedChange, PlannedStep } from '../core/plan.js';
import type { ReadPorts } from '../core/ports/ports.js';
import type { Profile } from '../core/profile.js';
import { serviceOf } from '../core/service-of.js';
import type { StepResult } from '../core/step-result.js';
import type { Target } from '../core/target.js';
import { subjectOf } from '../engine/context.js';
import type { BoundStep } from '../playbook/expand.js';
import { expand } from '../playbook/expand.js';
import { readInputs } from '../playbook/inputs.js';
import type { Playbook } from '../playbook/playbook.js';
import { runExpressions } from '../playbook/run-expressions.js';
import { hasLate } from '../playbook/template.js';
import { planReleaseNote } from './plan-release-note.js';
import { type LoadedPlaybook, loadPlaybook } from './playbook-shelf.js';
import { resolveArtifact } from './resolve-artifact.js';
import type { Shell } from './shell.js';

export interface PlanRequest {
  /** A name, a path, or one that was made on the spot. */
  readonly playbook: string | Pick<LoadedPlaybook, 'playbook' | 'sha256'>;
  readonly target: Target;
  readonly profile: Profile;
  /** As given on the command line. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly window: Plan['window'];
}

export async function makePlan(shell: Shell, request: PlanRequest): Promise<Plan> {
  const { target, profile } = request;
  const ports = shell.ports(target.root);
  const catalogue = await shell.catalogue();
  const { playbook, sha256 } =
    typeof request.playbook === 'string' ? await loadPlaybook(shell.shelf, request.playbook, catalogue) : request.playbook;
  const inputs = await resolveInputs(shell, playbook, request, ports);
  const expansion = expand({ playbook, target, profile, inputs, catalogue });
  const changing = expansion.phases.some((phase) => phase.steps.some((step) => step.type === 'change'));
  const draft: Plan = {
    schema: 'routerctl.plan/v1',
    tool: shell.tool,
    playbook: { name: playbook.name, title: playbook.title, sha256 },
    target,
    profile,
    inputs,
    phases: [],
    criteria: expansion.criteria,
    leftOut: expansion.leftOut,
    // A plan that only asks cannot drift, and asking must not need the right to write beside the deployment.
    state: changing ? await stateOf(target, ports) : {},
    changing,
    createdAt: new Date(shell.clock.nowMs()).toISOString(),
    window: request.window,
  };
  const predicted: Record<string, StepResult> = {};
  const phases: Plan['phases'][number][] = [];
  for (const phase of expansion.phases) {
    const steps: PlannedStep[] = [];
    for (const step of phase.steps) steps.push(step.type === 'check' ? step : await planChange(catalogue, draft, step, ports, predicted));
    phases.push({ ...phase, steps });
  }
  return { ...draft, phases, ...(await planReleaseNote({ ...draft, phases }, ports)) };
}

async function resolveInputs(
  shell: Shell,
  playbook: Playbook,
  request: PlanRequest,
  ports: ReadPorts,
): Promise<Readonly<Record<string, Json>>> {
  const values = { ...readInputs(playbook.inputs, request.inputs) };
  for (const [name, spec] of Object.entries(playbook.inputs)) {
    const value = values[name];
    if (typeof value !== 'string') continue;
    if (spec.type === 'artifact')
      values[name] = await resolveArtifact(resolve(shell.shelf.workingDirectory, value), ports, request.profile, request.target.host);
    if (spec.type === 'file') values[name] = await existing(resolve(shell.shelf.workingDirectory, value), name, ports, request.target.host);
  }
  return values;
}

async function existing(path: string, input: string, ports: ReadPorts, host: string): Promise<string> {
  if ((await ports.on(host).files.stat(path)) === null)
    throw new RouterctlError('FILE_MISSING', `the file of input ${input} does not exist: ${path}`);
  return path;
}

async function planChange(
  catalogue: Catalogue,
  draft: Plan,
  step: Extract<BoundStep, { type: 'change' }>,
  ports: ReadPorts,
  predicted: Record<string, StepResult>,
): Promise<PlannedChange> {
  const definition = catalogue.changes.get(step.kind);
  if (definition === undefined) throw new Error(`the expansion let an unknown change pass: ${step.kind}`);
  const scope = {
    inputs: draft.inputs,
    target: draft.target as unknown as Json,
    profile: draft.profile as unknown as Json,
    steps: predicted,
  };
  const bound = hasLate(step.with) ? boundIfKnown(step.with, scope) : step.with;
  if (bound === null) return { ...step, diff: [{ sign: ' ', text: 'known only while it runs' }], effects: {} };
  const planned = await definition.plan(definition.spec.parse(bound), ports, planContext(draft, step, predicted));
  predicted[step.id] = { verdict: null, observation: null, effects: planned.effects };
  return { ...step, diff: planned.diff, effects: planned.effects };
}

/** Late values over predicted effects; null when one of them is known only after its step. */
function boundIfKnown(value: Json, scope: Parameters<typeof runExpressions.bind>[1]): Json | null {
  try {
    return runExpressions.bind(value, scope);
  } catch (error) {
    if (error instanceof RouterctlError && error.code === 'INPUT_INVALID') return null;
    throw error;
  }
}

function planContext(plan: Plan, step: BoundStep, results: Readonly<Record<string, StepResult>>): ChangeContext {
  return {
    runId: 'plan',
    stepId: step.id,
    target: plan.target,
    profile: plan.profile,
    subject: subjectOf(plan, step.on),
    results,
    // What would be too young for the run is too young for the plan.
    runStartedAtMs: Date.parse(plan.createdAt),
    undoDirectory: '',
    signal: new AbortController().signal,
  };
}

/** Unit file and drop-ins, by number: whoever edits one between plan and run changes what a restart starts. */
async function unitFilesOf(target: Target, name: string, ports: ReadPorts): Promise<Readonly<Record<string, string>>> {
  const service = serviceOf(target, name);
  const facts = service === null ? null : await ports.on(target.host).services.unit(service);
  return Object.fromEntries((facts?.files ?? []).map((path, index) => [`unit file ${index + 1}`, path]));
}

/** What a change of hands between plan and run would show in: installed version, config and environment, as keyed digests. */
async function stateOf(target: Target, ports: ReadPorts): Promise<Readonly<Record<string, string>>> {
  const { files } = ports.on(target.host);
  const state: Record<string, string> = {};
  for (const [name, component] of Object.entries(target.components)) {
    const binary = binaryOf(component);
    if (binary !== undefined) state[`${name}: installed version`] = (await files.realPath(binary.current)) ?? 'none';
    for (const [role, path] of Object.entries({
      ...(await unitFilesOf(target, name, ports)),
      config: component.files.config,
      environment: component.deployment?.environmentFile,
      license: component.files.license,
    })) {
      if (path !== undefined)
        state[`${name}: ${role}`] = (await files.stat(path)) === null ? 'absent' : await ports.fingerprints.of(await files.read(path));
    }
  }
  return state;
}
