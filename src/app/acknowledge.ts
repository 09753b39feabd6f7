// Whoever starts an upgrade has read what the release asks of its operators: each impact is acknowledged by name and time, and stands in
// the journal. A yes to the whole plan is not enough, because it is typed before the note is read.
import { RouterctlError } from '../core/errors.js';
import type { Plan } from '../core/plan.js';
import type { Acknowledgement } from '../core/ports/run-folders.js';
import type { Impact, ImpactId } from '../core/release-note.js';
import { altersDeployment } from './start-run.js';

/** Empty for a plan that changes nothing, and for one without a release note. */
export function demandedImpacts(plan: Plan): readonly Impact[] {
  const { releaseNote } = plan;
  return releaseNote !== undefined && 'note' in releaseNote && altersDeployment(plan) ? releaseNote.note.impacts : [];
}

export function openImpacts(plan: Plan, given: readonly ImpactId[]): readonly Impact[] {
  return demandedImpacts(plan).filter(({ id }) => !given.includes(id));
}

/** Line by line with its place; of what the note is silent on, that it is. */
export function saysOf(plan: Plan, { title, items }: Impact): readonly string[] {
  const file = plan.releaseNote !== undefined && 'note' in plan.releaseNote ? plan.releaseNote.note.file : '';
  return items.length === 0 ? [`${file}: ${title}`] : items.map(({ line, text }) => `${file}:${line}: ${text}`);
}

/** Only what the note demands: nobody has acknowledged what was not there to be read. */
export function acknowledgements(
  plan: Plan,
  given: readonly ImpactId[],
  { by, nowMs }: { readonly by: string; readonly nowMs: number },
): readonly Acknowledgement[] {
  const at = new Date(nowMs).toISOString();
  return demandedImpacts(plan)
    .filter(({ id }) => given.includes(id))
    .map((impact) => ({ impact: impact.id, title: impact.title, says: saysOf(plan, impact), by, at }));
}

/** `command` is the line that was typed; the hint is the same line with what it lacks. Throws NOT_ACKNOWLEDGED. */
export function refuseUnacknowledged(plan: Plan, given: readonly ImpactId[], command: string): void {
  const open = openImpacts(plan, given);
  if (open.length === 0) return;
  const count = open.length === 1 ? '1 impact' : `${open.length} impacts`;
  throw new RouterctlError('NOT_ACKNOWLEDGED', `the release note names ${count} that nobody has acknowledged`, {
    details: open.flatMap((impact) => [`${impact.id}: ${impact.title}`, ...saysOf(plan, impact).map((line) => `  ${line}`)]),
    hint: `read them, then: ${command}${open.map(({ id }) => ` --acknowledge ${id}`).join('')}`,
  });
}
