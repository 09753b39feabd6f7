// A list of steps read in order: ids once, references only to what came before, every expression's names known.
// Shared by phases and suites, which differ only in what they allow.
import type { Catalogue } from '../core/catalogue.js';
import type { Json } from '../core/json.js';
import { bareFindings, type Names, type Root, templateFindings } from './expression-findings.js';
import { type Finding, findingAt } from './finding.js';
import type { InputSpec, Step } from './language.js';
import { hintFor } from './nearest.js';
import { describe } from './shape-findings.js';
import { readStep, type StepKind } from './step-findings.js';
import type { Suite } from './suite.js';
import { isTemplate } from './template.js';
import type { Path, YamlText } from './yaml-text.js';

/** `with` members that hold step ids; they are checked and bound like `needs`. */
export const stepReferences = ['of'] as const;

export class StepsReader {
  readonly findings: Finding[] = [];
  /** Inputs that some expression has named. */
  readonly used = new Set<string>();
  readonly #document: YamlText;
  readonly #catalogue: Catalogue;
  readonly #suites: ReadonlyMap<string, Suite>;
  readonly #suiteNames: readonly string[];
  readonly #inputs: Readonly<Record<string, InputSpec>>;
  readonly #seen = new Map<string, { readonly step: Step; readonly members: readonly string[] }>();
  readonly #ids = new Set<string>();
  readonly #later: ReadonlySet<string>;
  #changed = false;

  constructor(options: {
    document: YamlText;
    catalogue: Catalogue;
    suites: ReadonlyMap<string, Suite>;
    suiteNames: readonly string[];
    inputs: Readonly<Record<string, InputSpec>>;
    allIds: ReadonlySet<string>;
  }) {
    this.#document = options.document;
    this.#catalogue = options.catalogue;
    this.#suites = options.suites;
    this.#suiteNames = options.suiteNames;
    this.#inputs = options.inputs;
    this.#later = options.allIds;
  }

  read(path: Path, count: number, allowed: readonly StepKind[]): readonly Step[] {
    const steps: Step[] = [];
    for (let index = 0; index < count; index += 1) {
      const at = [...path, index];
      const { step, findings } = readStep(this.#document, at, allowed, this.#catalogue, this.#suiteNames);
      this.findings.push(...findings);
      if (step === null) continue;
      this.#idOnce(step, at);
      this.#references(step, at);
      this.#expressions(step, at);
      if ('suite' in step) this.#suiteInputs(step.suite, step.with ?? {}, at);
      if ('check' in step && step.baseline === true && this.#changed) {
        this.#add(
          [...at, 'baseline'],
          'a baseline after a change would record the changed state',
          'move the step before the first live change',
        );
      }
      if ('change' in step && this.#catalogue.changes.get(step.change)?.impact !== 'none') this.#changed = true;
      this.#seen.set(step.id, {
        step,
        members: 'suite' in step ? (this.#suites.get(step.suite)?.steps.map((member) => member.id) ?? []) : [],
      });
      steps.push(step);
    }
    return steps;
  }

  names(roots: readonly Root[]): Names {
    return { roots, inputs: this.#inputs, steps: this.#seen, later: this.#later, used: this.used };
  }

  #add(path: Path, message: string, hint?: string): void {
    this.findings.push(findingAt(this.#document.file, this.#document.text, this.#document.valueSpan(path), message, hint));
  }

  #idOnce(step: Step, path: Path): void {
    if (this.#ids.has(step.id)) this.#add([...path, 'id'], `the id ${step.id} is used twice`, 'every step needs an id of its own');
    this.#ids.add(step.id);
  }

  #references(step: Step, path: Path): void {
    for (const [index, id] of (step.needs ?? []).entries()) this.#reference(id, [...path, 'needs', index]);
    if (!('check' in step)) return;
    for (const key of stepReferences) {
      const list = step.with?.[key];
      if (!Array.isArray(list)) continue;
      for (const [index, id] of list.entries())
        if (typeof id === 'string' && !isTemplate(id)) this.#reference(id, [...path, 'with', key, index]);
    }
  }

  #reference(id: string, path: Path): void {
    if (this.#seen.has(id)) return;
    if (this.#later.has(id)) this.#add(path, `the step ${id} comes later`, 'name only steps that come before');
    else this.#add(path, `there is no step ${id}`, hintFor(id, [...this.#seen.keys()]));
  }

  #expressions(step: Step, path: Path): void {
    const item: readonly Root[] = step.forEach === undefined ? [] : ['item'];
    const bound: readonly Root[] = ['inputs', 'profile', 'target', ...item];
    const document = this.#document;
    const found = this.findings;
    if (step.with !== undefined)
      found.push(...templateFindings(document, [...path, 'with'], step.with as Json, this.names([...bound, 'steps'])));
    if (step.on !== undefined) found.push(...templateFindings(document, [...path, 'on'], step.on, this.names(bound)));
    if (step.title !== undefined) found.push(...templateFindings(document, [...path, 'title'], step.title, this.names(bound)));
    if (step.when !== undefined) found.push(...bareFindings(document, [...path, 'when'], step.when, this.names([...bound, 'steps'])));
    if (typeof step.forEach === 'string') {
      if (isTemplate(step.forEach))
        found.push(...templateFindings(document, [...path, 'forEach'], step.forEach, this.names(['inputs', 'profile', 'target'])));
      else this.#add([...path, 'forEach'], 'forEach is a list or one expression', 'write forEach: ${{ expression }}');
    } else if (step.forEach !== undefined)
      found.push(...templateFindings(document, [...path, 'forEach'], step.forEach as Json, this.names(['inputs', 'profile', 'target'])));
    if ('check' in step && step.until?.abortIf !== undefined) {
      found.push(...bareFindings(document, [...path, 'until', 'abortIf'], step.until.abortIf, this.names(['observation'])));
    }
  }

  #suiteInputs(name: string, given: Readonly<Record<string, unknown>>, path: Path): void {
    const suite = this.#suites.get(name);
    if (suite === undefined) return;
    const known = Object.keys(suite.inputs);
    for (const [key, value] of Object.entries(given)) {
      const spec = suite.inputs[key];
      const at = [...path, 'with', key];
      if (spec === undefined)
        this.findings.push(
          findingAt(
            this.#document.file,
            this.#document.text,
            this.#document.keySpan(at),
            `the suite ${name} has no input ${key}`,
            hintFor(key, known),
          ),
        );
      else if (!fitsInput(spec, value as Json))
        this.#add(at, `the input ${key} of suite ${name} is a ${spec.type}, not ${describe(value as Json)}`);
    }
    for (const [key, spec] of Object.entries(suite.inputs)) {
      if (key in given || spec.optional === true || 'default' in spec) continue;
      this.findings.push(
        findingAt(
          this.#document.file,
          this.#document.text,
          this.#document.valueSpan([...path, 'suite']),
          `the suite ${name} needs the input ${key}`,
          `${key}: ${spec.help}`,
        ),
      );
    }
  }
}

function fitsInput(spec: InputSpec, value: Json): boolean {
  if (typeof value === 'string' && isTemplate(value)) return true;
  if (spec.type === 'number') return typeof value === 'number';
  if (spec.type === 'boolean') return typeof value === 'boolean';
  if (spec.type === 'choice') return typeof value === 'string' && spec.choices.includes(value);
  return typeof value === 'string';
}
