// A playbook text with the suites that it names, read and checked as a whole: either a Playbook that can be bound, or every finding at once.
import type { Catalogue } from '../core/catalogue.js';
import type { Json } from '../core/json.js';
import type { z } from '../core/zod.js';
import { bareFindings } from './expression-findings.js';
import { type Finding, findingAt, sortFindings } from './finding.js';
import { inputFindings } from './inputs.js';
import { isList } from './json-kinds.js';
import { type InputSpec, type PhaseShape, playbookSpec, suiteSpec } from './language.js';
import { orderFindings } from './order-findings.js';
import { proofFindings } from './proof-findings.js';
import { shapeFindings, valueAt } from './shape-findings.js';
import { StepsReader } from './steps-findings.js';
import type { Suite } from './suite.js';
import { type Path, readYaml, type YamlText } from './yaml-text.js';

export interface SourceText {
  /** As a person would name it; errors begin with it. */
  readonly file: string;
  readonly text: string;
}

export interface Playbook {
  readonly name: string;
  readonly title: string;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly phases: readonly PhaseShape[];
  readonly criteria: NonNullable<z.infer<typeof playbookSpec>['criteria']>;
  /** The suites that it names, by name. */
  readonly suites: ReadonlyMap<string, Suite>;
  readonly document: YamlText;
}

export type PlaybookRead = { readonly playbook: Playbook } | { readonly findings: readonly Finding[] };
export type SuiteRead = { readonly suite: Suite } | { readonly findings: readonly Finding[] };

/** `suites` are all that could be named, by name; only those that are named get read. */
export function readPlaybook(source: SourceText, suites: ReadonlyMap<string, SourceText>, catalogue: Catalogue): PlaybookRead {
  const yaml = readYaml(source.file, source.text);
  if ('findings' in yaml) return yaml;
  const { document } = yaml;
  const named = readNamedSuites(document, suites, catalogue);
  const shaped = playbookSpec.safeParse(document.value);
  const findings = [...shapeFindings(document, [], document.value, playbookSpec), ...named.findings];
  const reader = readerFor(document, catalogue, named.suites, [...suites.keys()]);
  const phases = listAt(document, ['phases']).map((_, index) => readPhase(reader, document, index));
  findings.push(...phaseNameFindings(document), ...criteriaFindings(document, reader), ...reader.findings);
  findings.push(...inputFindings(document, reader.used));
  const said = (index: number, key: string): Json | undefined => valueAt(document.value, ['phases', index, key]);
  const read = phases.map(({ steps }, index) => ({
    steps,
    commit: said(index, 'commit'),
    onFailure: said(index, 'onFailure'),
    isolation: said(index, 'isolation'),
  }));
  findings.push(...orderFindings(document, read, catalogue));
  findings.push(...proofFindings(document, read, listAt(document, ['criteria']), catalogue));
  if (findings.length > 0 || !shaped.success) return { findings: sortFindings(findings) };
  const { name, title, inputs = {}, criteria = [] } = shaped.data;
  const merged = shaped.data.phases.map((phase, index): PhaseShape => {
    const { controls: _written, ...rest } = phase;
    const controls = phases[index]?.controls;
    return { ...rest, steps: phases[index]?.steps ?? [], ...(controls === undefined ? {} : { controls }) };
  });
  return { playbook: { name, title, inputs, phases: merged, criteria, suites: named.suites, document } };
}

export function readSuite(source: SourceText, catalogue: Catalogue): SuiteRead {
  const yaml = readYaml(source.file, source.text);
  if ('findings' in yaml) return yaml;
  const { document } = yaml;
  const shaped = suiteSpec.safeParse(document.value);
  const reader = readerFor(document, catalogue, new Map(), []);
  const steps = reader.read(['steps'], listAt(document, ['steps']).length, ['check']);
  const findings = [...shapeFindings(document, [], document.value, suiteSpec), ...reader.findings, ...inputFindings(document, reader.used)];
  if (findings.length > 0 || !shaped.success) return { findings: sortFindings(findings) };
  const { suite: name, title, inputs = {} } = shaped.data;
  return { suite: { name, title, inputs, steps: steps.filter((step) => 'check' in step), document } };
}

function readPhase(reader: StepsReader, document: YamlText, index: number): Pick<PhaseShape, 'steps' | 'controls'> {
  const steps = reader.read(['phases', index, 'steps'], listAt(document, ['phases', index, 'steps']).length, ['check', 'change', 'suite']);
  const controls = listAt(document, ['phases', index, 'controls']);
  if (controls.length === 0) return { steps };
  const read = reader.read(['phases', index, 'controls'], controls.length, ['check']);
  return { steps, controls: read.filter((step) => 'check' in step) };
}

function readNamedSuites(
  document: YamlText,
  sources: ReadonlyMap<string, SourceText>,
  catalogue: Catalogue,
): { suites: ReadonlyMap<string, Suite>; findings: readonly Finding[] } {
  const suites = new Map<string, Suite>();
  const findings: Finding[] = [];
  for (const name of new Set(allSteps(document).map((step) => step['suite']))) {
    const source = typeof name === 'string' ? sources.get(name) : undefined;
    if (source === undefined || typeof name !== 'string') continue;
    const read = readSuite(source, catalogue);
    if ('findings' in read) findings.push(...read.findings);
    else suites.set(name, read.suite);
  }
  return { suites, findings };
}

function readerFor(
  document: YamlText,
  catalogue: Catalogue,
  suites: ReadonlyMap<string, Suite>,
  suiteNames: readonly string[],
): StepsReader {
  const shaped = playbookSpec.shape.inputs.safeParse(valueAt(document.value, ['inputs']));
  // A broken declaration is reported once, by the shape; names must still resolve, or every use would be reported too.
  const declared = valueAt(document.value, ['inputs']);
  const names = typeof declared === 'object' && declared !== null && !isList(declared) ? Object.keys(declared) : [];
  const inputs = shaped.success
    ? (shaped.data ?? {})
    : Object.fromEntries(names.map((name): [string, InputSpec] => [name, { type: 'artifact', help: name }]));
  const ids = allSteps(document).flatMap((step) => (typeof step['id'] === 'string' ? [step['id']] : []));
  return new StepsReader({ document, catalogue, suites, suiteNames, inputs, allIds: new Set(ids) });
}

type Written = Readonly<Record<string, Json>>;

/** Every step of a document as written, whatever its state. */
function allSteps(document: YamlText): readonly Written[] {
  const lists = [
    listAt(document, ['steps']),
    ...listAt(document, ['phases']).flatMap((_, index) => [
      listAt(document, ['phases', index, 'steps']),
      listAt(document, ['phases', index, 'controls']),
    ]),
  ];
  return lists.flat().flatMap((step) => (typeof step === 'object' && step !== null && !isList(step) ? [step as Written] : []));
}

function listAt(document: YamlText, path: Path): readonly Json[] {
  const value = valueAt(document.value, path);
  return isList(value) ? value : [];
}

function phaseNameFindings(document: YamlText): readonly Finding[] {
  const seen = new Set<Json>();
  return listAt(document, ['phases']).flatMap((_, index) => {
    const path = ['phases', index, 'name'];
    const name = valueAt(document.value, path);
    if (name === undefined || !seen.has(name)) {
      if (name !== undefined) seen.add(name);
      return [];
    }
    return [
      findingAt(
        document.file,
        document.text,
        document.valueSpan(path),
        `the phase ${String(name)} is written twice`,
        'every phase needs a name of its own',
      ),
    ];
  });
}

function criteriaFindings(document: YamlText, reader: StepsReader): readonly Finding[] {
  const seen = new Set<Json>();
  return listAt(document, ['criteria']).flatMap((_, index) => {
    const id = valueAt(document.value, ['criteria', index, 'id']);
    const when = valueAt(document.value, ['criteria', index, 'when']);
    const twice =
      id !== undefined && seen.has(id)
        ? [
            findingAt(
              document.file,
              document.text,
              document.valueSpan(['criteria', index, 'id']),
              `the criterion ${String(id)} is written twice`,
            ),
          ]
        : [];
    if (id !== undefined) seen.add(id);
    const names =
      typeof when === 'string'
        ? bareFindings(document, ['criteria', index, 'when'], when, reader.names(['steps', 'gates', 'inputs', 'profile', 'target']))
        : [];
    return [...twice, ...names];
  });
}
