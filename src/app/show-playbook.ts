// What a playbook would do, for a person who chooses one: inputs, phases and steps, with each kind's own title.
import type { Catalogue } from '../core/catalogue.js';
import type { Json } from '../core/json.js';
import type { InputSpec, Step } from '../playbook/language.js';
import { type LoadedPlaybook, loadPlaybook, type PlaybookShelf, shippedNames } from './playbook-shelf.js';

export interface Shown {
  readonly text: readonly string[];
  readonly json: Json;
}

export async function listPlaybooks(shelf: PlaybookShelf, catalogue: Catalogue): Promise<Shown> {
  const loaded = [];
  for (const name of await shippedNames(shelf, '')) loaded.push(await loadPlaybook(shelf, name, catalogue));
  const width = Math.max(...loaded.map(({ playbook }) => playbook.name.length));
  return {
    text: loaded.map(({ playbook }) => `${playbook.name.padEnd(width)}  ${playbook.title}`),
    json: loaded.map(({ playbook, sha256 }) => ({
      name: playbook.name,
      title: playbook.title,
      changes: changes(playbook.phases.flatMap(({ steps }) => steps)),
      sha256,
    })),
  };
}

export async function showPlaybook(shelf: PlaybookShelf, name: string, catalogue: Catalogue): Promise<Shown> {
  const { playbook, sha256 } = await loadPlaybook(shelf, name, catalogue);
  const inputs = Object.entries(playbook.inputs);
  const text = [`${playbook.name}: ${playbook.title}`, `sha256 ${sha256}`];
  if (inputs.length > 0) text.push('', 'inputs', ...inputs.map(([input, spec]) => `  ${input}  ${inputWords(spec)}  ${spec.help}`));
  for (const phase of playbook.phases) {
    const notes = [`on failure: ${phase.onFailure ?? 'stop'}`, ...(phase.commit === true ? ['commits'] : [])];
    text.push('', `${phase.name}  (${notes.join(', ')})`, ...phase.steps.map((step) => `  ${stepWords(step, catalogue)}`));
    for (const control of phase.controls ?? []) text.push(`  ${stepWords(control, catalogue)}  (only when the phase is red)`);
  }
  if (playbook.criteria.length > 0)
    text.push('', 'criteria', ...playbook.criteria.map(({ id, when, then }) => `  ${id}  ${then} when ${when}`));
  return { text, json: playbookJson({ playbook, sha256 }) };
}

function playbookJson({ playbook, sha256 }: Pick<LoadedPlaybook, 'playbook' | 'sha256'>): Json {
  const { name, title, inputs, phases, criteria, suites } = playbook;
  const members = [...suites.values()].map((suite) => ({ name: suite.name, title: suite.title, inputs: suite.inputs, steps: suite.steps }));
  return { name, title, sha256, inputs, phases, criteria, suites: members } as unknown as Json;
}

const changes = (steps: readonly Step[]): boolean => steps.some((step) => 'change' in step);

function stepWords(step: Step, catalogue: Catalogue): string {
  const [word, kind] = 'check' in step ? ['check', step.check] : 'change' in step ? ['change', step.change] : ['suite', step.suite];
  const title = step.title ?? catalogue.checks.get(kind)?.title ?? catalogue.changes.get(kind)?.title ?? '';
  const limits = [step.on === undefined ? '' : ` on ${step.on}`, step.when === undefined ? '' : ` when ${step.when}`];
  return `${step.id}  ${word} ${kind}${limits.join('')}${title === '' ? '' : `  ${title}`}`;
}

function inputWords(spec: InputSpec): string {
  const needed =
    'default' in spec && spec.default !== undefined ? `default ${String(spec.default)}` : spec.optional === true ? 'optional' : 'required';
  return `${spec.type === 'choice' ? spec.choices.join('|') : spec.type}, ${needed}`;
}
