// The release note of a plan: what the plan's own check of it will read, read beforehand, so that people see its demands before they
// say yes, and the hash of the plan covers them.
import { findReleaseNote, noteOfSpec, noteRequest } from '../core/find-release-note.js';
import type { Plan } from '../core/plan.js';
import type { ReadPorts } from '../core/ports/ports.js';
import { hasLate } from '../playbook/template.js';

/** Nothing when the plan asks for no note, or only a run can know where it is. */
export async function planReleaseNote({ phases, profile, target }: Plan, ports: ReadPorts): Promise<Pick<Plan, 'releaseNote'>> {
  const step = phases.flatMap(({ steps }) => steps).find(({ type, kind }) => type === 'check' && kind === 'release-notes');
  if (step === undefined || hasLate(step.with)) return {};
  const request = noteRequest(noteOfSpec.parse(step.with), profile.package?.notes ?? null);
  const found = await findReleaseNote(ports.on(target.host), request);
  return found === null ? {} : { releaseNote: found };
}
