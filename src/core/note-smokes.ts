// The smokes that a release note names, held against a plan: which of them the plan runs after its change, and which are left to people.
import type { Smoke } from './note-words.js';
import type { Plan } from './plan.js';
import type { ReleaseNote } from './release-note.js';

export interface NotedSmoke {
  readonly line: number;
  readonly text: string;
  /** What is named and not asked by the plan. */
  readonly open: readonly Smoke[];
  /** Everything of it is left to people: nothing that is named is asked, or nothing that is known is named. */
  readonly byHand: boolean;
}

/** Kinds of check that answer a smoke; one that is not here has no kind yet. */
const answeredBy: Readonly<Partial<Record<Smoke, string>>> = { ready: 'ready', version: 'version', models: 'models', completion: 'chat' };

export function notedSmokes(note: ReleaseNote, { phases }: Pick<Plan, 'phases'>): readonly NotedSmoke[] {
  const firstChange = phases.findIndex(({ steps }) => steps.some(({ type }) => type === 'change'));
  const kinds = new Set(
    phases.slice(Math.max(firstChange, 0)).flatMap(({ steps }) => steps.flatMap((step) => (step.type === 'check' ? [step.kind] : []))),
  );
  return note.smokes.map(({ line, text, names }) => {
    const open = names.filter((name) => !kinds.has(answeredBy[name] ?? ''));
    return { line, text, open, byHand: open.length === names.length };
  });
}
