// A playbook bound to a target, profile and inputs: the steps that will run, in order, with everything computed that can be known now.
// Diffs and effects of changes are not here; they come from asking each change to plan itself.
import type { Catalogue } from '../core/catalogue.js';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Criterion, OnFailure, Plan, PlannedChange, PlannedCheck } from '../core/plan.js';
import type { Profile } from '../core/profile.js';
import type { Target } from '../core/target.js';
import { Binding } from './binding.js';
import { type BoundStep, boundStep, type StepPlace } from './bound-step.js';
import { ExpressionError, type Scope } from './expression.js';
import { pointed } from './expression-findings.js';
import { type Finding, findingAt, renderFinding, sortFindings } from './finding.js';
import type { PhaseShape, Step } from './language.js';
import type { Playbook } from './playbook.js';
import { valueAt } from './shape-findings.js';
import { suiteValues } from './suite-values.js';
import type { Path, YamlText } from './yaml-text.js';

export interface ExpandRequest {
  readonly playbook: Playbook;
  readonly target: Target;
  readonly profile: Profile;
  /** Values by name; artifacts already looked into. */
  readonly inputs: Readonly<Record<string, Json>>;
  readonly catalogue: Catalogue;
}

export type { BoundStep } from './bound-step.js';
export type BoundChange = Omit<PlannedChange, 'diff' | 'effects'>;

export interface BoundPhase {
  readonly name: string;
  readonly onFailure: OnFailure;
  readonly commit: boolean;
  readonly isolation: boolean;
  readonly steps: readonly BoundStep[];
  readonly controls: readonly PlannedCheck[];
}

export interface Expansion {
  readonly phases: readonly BoundPhase[];
  readonly criteria: readonly Criterion[];
  readonly leftOut: Plan['leftOut'];
}

/** Throws PLAYBOOK_INVALID with every finding, or POLICY_FORBIDS when the environment does not allow what a check costs. */
export function expand(request: ExpandRequest): Expansion {
  const expander = new Expander(request);
  const phases = request.playbook.phases.map((phase, index) => expander.phase(phase, index));
  const criteria = request.playbook.criteria.map((criterion, index) => expander.criterion(criterion, index));
  expander.throwFindings();
  forbidCostly(phases, request.target);
  if (phases.every((phase) => phase.steps.length === 0)) {
    throw new RouterctlError('PLAYBOOK_INVALID', `the playbook ${request.playbook.name} would run no step at all here`, {
      hint: 'see why with: routerctl plan',
      details: expander.leftOut.map((one) => `${one.id}: ${one.why}`),
    });
  }
  return { phases, criteria, leftOut: expander.leftOut };
}

function forbidCostly(phases: readonly BoundPhase[], target: Target): void {
  if (target.environment !== 'production') return;
  const costly = phases
    .flatMap((phase) => [...phase.steps, ...phase.controls])
    .filter((step) => step.type === 'check' && step.effects === 'state');
  const [first] = costly;
  if (first === undefined) return;
  throw new RouterctlError(
    'POLICY_FORBIDS',
    `${target.name} is production, where no check may change state: ${costly.map((step) => `${step.id} (${step.kind})`).join(', ')}`,
    {
      hint: 'remove the step, or run it against a staging or lab target',
    },
  );
}

/** Where a list of steps stands and what its expressions see. */
interface Surroundings {
  readonly document: YamlText;
  readonly path: Path;
  readonly scope: Scope;
  readonly suite: {
    readonly prefix: string;
    readonly step: Step;
    readonly when: string | undefined;
    readonly needs: readonly string[];
    readonly after: readonly string[];
    readonly on: string | undefined;
  } | null;
}

class Expander {
  readonly leftOut: { id: string; why: string }[] = [];
  readonly #findings: Finding[] = [];
  readonly #request: ExpandRequest;
  readonly #scope: Scope;
  /** Written id -> full ids; empty when left out. */
  readonly #bound = new Map<string, readonly string[]>();

  constructor(request: ExpandRequest) {
    this.#request = request;
    const { target, profile, inputs } = request;
    this.#scope = { inputs, profile: profile as unknown as Json, target: target as unknown as Json };
  }

  throwFindings(): void {
    if (this.#findings.length === 0) return;
    const { playbook, target } = this.#request;
    const details = sortFindings(this.#findings).flatMap(renderFinding);
    throw new RouterctlError('PLAYBOOK_INVALID', `the playbook ${playbook.name} does not fit the target ${target.name}`, { details });
  }

  phase(phase: PhaseShape, index: number): BoundPhase {
    const at = (list: string): Surroundings => ({
      document: this.#request.playbook.document,
      path: ['phases', index, list],
      scope: this.#scope,
      suite: null,
    });
    const steps = this.#list(phase.steps, at('steps'));
    const controls = this.#list(phase.controls ?? [], at('controls')).filter((step) => step.type === 'check');
    const { name, isolation = false, commit = false } = phase;
    return { name, onFailure: phase.onFailure ?? (isolation ? 'rollback' : 'stop'), commit, isolation, steps, controls };
  }

  criterion(criterion: Playbook['criteria'][number], index: number): Criterion {
    const binding = new Binding(this.#scope, (written) => this.#bound.get(written) ?? null, false);
    const path = ['criteria', index, 'when'];
    const when = this.#guarded(this.#request.playbook.document, path, () => binding.runTime(criterion.when)) ?? 'false';
    return { id: criterion.id, when, then: criterion.then, why: criterion.why };
  }

  #list(steps: readonly Step[], around: Surroundings): readonly BoundStep[] {
    return steps.flatMap((step, index) => {
      const place = { ...around, path: [...around.path, index] };
      const written = around.suite === null ? step.id : `${around.suite.prefix}/${step.id}`;
      const rounds = this.#rounds(step, written, place);
      const bound = rounds.flatMap((round) => this.#round(step, round.id, { ...place, scope: round.scope }));
      this.#bound.set(
        written,
        bound.map((one) => one.id),
      );
      return bound;
    });
  }

  #rounds(step: Step, id: string, around: Surroundings): readonly { readonly id: string; readonly scope: Scope }[] {
    if (step.forEach === undefined) return [{ id, scope: around.scope }];
    const path = [...around.path, 'forEach'];
    const items = this.#guarded(around.document, path, () => this.#bindingFor(around).value(step.forEach as Json));
    if (items === undefined) return [];
    if (!Array.isArray(items)) {
      this.#add(around.document, path, 'forEach must give a list');
      return [];
    }
    if (items.length === 0) this.leftOut.push({ id, why: 'forEach: the list is empty' });
    const keys = new Set<string>();
    return (items as readonly Json[]).map((item, index) => {
      const wanted = keyOf(item, index);
      const key = keys.has(wanted) ? `${wanted}-${index}` : wanted;
      keys.add(key);
      return { id: `${id}/${key}`, scope: { ...around.scope, item } };
    });
  }

  #round(step: Step, id: string, around: Surroundings): readonly BoundStep[] {
    const binding = this.#bindingFor(around);
    const decision =
      step.when === undefined
        ? { decided: true }
        : this.#guarded(around.document, [...around.path, 'when'], () => binding.condition(step.when ?? 'true'));
    if (decision === undefined) return [];
    if ('decided' in decision && !decision.decided) {
      this.leftOut.push({ id, why: `when: ${step.when ?? ''} is false` });
      return [];
    }
    const when = bothTrue(around.suite?.when, 'late' in decision ? decision.late : undefined);
    const needs = [...(around.suite?.needs ?? []), ...this.#references(step.needs ?? [], around)];
    const after = [...(around.suite?.after ?? []), ...binding.needed];
    const on = this.#text(around, 'on', step.on, binding) ?? around.suite?.on;
    if ('suite' in step) return this.#suite(step, id, { ...around, suite: { prefix: id, step, when, needs, after, on } }, binding);
    return this.#leaf(step, { id, when, needs, after, on, binding }, around);
  }

  #suite(step: Step & { suite: string }, id: string, around: Surroundings, binding: Binding): readonly BoundStep[] {
    const suite = this.#request.playbook.suites.get(step.suite);
    if (suite === undefined) return [];
    const given = this.#guarded(around.document, [...around.path, 'with'], () => binding.value((step.with ?? {}) as Json));
    const inputs = suiteValues(suite.inputs, (given ?? {}) as Readonly<Record<string, Json>>);
    for (const problem of inputs.problems) this.#add(around.document, [...around.path, 'with', problem.name], problem.message);
    const inner: Scope = { ...this.#scope, inputs: inputs.values };
    const before = this.leftOut.length;
    const members = this.#list(suite.steps, {
      document: suite.document,
      path: ['steps'],
      scope: inner,
      suite: around.suite === null ? null : { ...around.suite, after: [...around.suite.after, ...binding.needed] },
    });
    if (members.length === 0 && this.leftOut.length === before) this.leftOut.push({ id, why: 'the suite has no step that fits' });
    return members;
  }

  #leaf(
    step: Exclude<Step, { suite: string }>,
    bound: {
      id: string;
      when: string | undefined;
      needs: readonly string[];
      after: readonly string[];
      on: string | undefined;
      binding: Binding;
    },
    around: Surroundings,
  ): readonly BoundStep[] {
    const given = this.#guarded(around.document, [...around.path, 'with'], () => bound.binding.value((step.with ?? {}) as Json));
    const title = this.#text(around, 'title', step.title, bound.binding);
    if (given === undefined) return [];
    const place: StepPlace = { document: around.document, path: around.path, suite: around.suite?.step ?? null };
    const references = (ids: readonly string[]): readonly string[] => this.#references(ids, around);
    const result = boundStep(
      step,
      { ...bound, title, with: given as Readonly<Record<string, Json>>, after: [...bound.after, ...bound.binding.needed], references },
      place,
      this.#request,
    );
    this.#findings.push(...result.findings);
    if (result.leftOut !== undefined) this.leftOut.push({ id: bound.id, why: result.leftOut });
    return result.step === undefined ? [] : [result.step];
  }

  #bindingFor(around: Surroundings): Binding {
    const prefix = around.suite?.prefix;
    return new Binding(
      around.scope,
      (written) => this.#bound.get(prefix === undefined ? written : `${prefix}/${written}`) ?? null,
      prefix !== undefined,
    );
  }

  #references(ids: readonly string[], around: Surroundings): readonly string[] {
    return ids.flatMap((id) => this.#bound.get(around.suite === null ? id : `${around.suite.prefix}/${id}`) ?? []);
  }

  #text(around: Surroundings, key: 'on' | 'title', written: string | undefined, binding: Binding): string | undefined {
    if (written === undefined) return undefined;
    const value = this.#guarded(around.document, [...around.path, key], () => binding.value(written));
    if (value === undefined || typeof value === 'string') return value;
    this.#add(around.document, [...around.path, key], `${key} must be text that is known when the plan is made`);
    return undefined;
  }

  #add(document: YamlText, path: Path, message: string): void {
    this.#findings.push(findingAt(document.file, document.text, document.valueSpan(path), message));
  }

  /** The result, or undefined after an expression's error became a finding. */
  #guarded<Result>(document: YamlText, whole: Path, act: () => Result): Result | undefined {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const path = [...whole, ...error.inside];
      const text = valueAt(document.value, path);
      if (typeof text === 'string')
        this.#findings.push(pointed(document, path, text, error.offset, 1, `expression: ${error.message}`, error.hint));
      else
        this.#findings.push(findingAt(document.file, document.text, document.valueSpan(path), `expression: ${error.message}`, error.hint));
      return undefined;
    }
  }
}

function bothTrue(outer: string | undefined, inner: string | undefined): string | undefined {
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return `(${outer}) && (${inner})`;
}

function keyOf(item: Json, index: number): string {
  const named = typeof item === 'object' && item !== null ? (valueAt(item, ['id']) ?? valueAt(item, ['name'])) : item;
  const text = typeof named === 'string' || typeof named === 'number' ? String(named).replaceAll(/[^A-Za-z0-9_.-]+/g, '-') : '';
  return text === '' ? String(index) : text.slice(0, 64);
}
