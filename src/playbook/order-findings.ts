// The order of changes: what a service reads when it starts must be in place before the restart. The other way round the old config or
// license serves on, everything looks well, and the next restart, in another night, brings what nobody proved.
import type { Catalogue } from '../core/catalogue.js';
import type { ChangeRole } from '../core/change.js';
import { type Finding, findingAt } from './finding.js';
import type { Step } from './language.js';
import type { ReadPhase } from './proof-findings.js';
import type { Path, YamlText } from './yaml-text.js';

export function orderFindings(document: YamlText, phases: readonly ReadPhase[], catalogue: Catalogue): readonly Finding[] {
  const roleOf = (step: Step): ChangeRole | null => ('change' in step ? (catalogue.changes.get(step.change)?.role ?? null) : null);
  /** By what they are about: edits that came after a restart, and that no later one has taken up. */
  const restarted = new Set<string>();
  const late = new Map<string, Path[]>();
  for (const [index, { steps, isolation }] of phases.entries()) {
    // An isolation is another way to the end: it does not come after what it replaces.
    if (isolation === true) continue;
    for (const [position, step] of steps.entries()) {
      const about = step.on ?? '';
      const role = roleOf(step);
      if (role === 'activate') {
        restarted.add(about);
        late.delete(about);
      } else if (role === 'edit' && restarted.has(about))
        late.set(about, [...(late.get(about) ?? []), ['phases', index, 'steps', position, 'change']]);
    }
  }
  return [...late.values()].flat().map((path) => {
    const message = 'this comes after the restart that should take it up';
    return findingAt(document.file, document.text, document.valueSpan(path), message, 'move it before the restart, or restart once more');
  });
}
