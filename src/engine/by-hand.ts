// ROLLBACK.md: the plain commands that undo what was touched so far, in the order of a rollback, for the night on which
// routerctl itself is not there.

import { contextOf, definitionOf } from './change-call.js';
import { revertOrder } from './decide-back.js';
import { touchedChanges } from './judgement.js';
import type { EngineParts } from './parts.js';
import type { Recorder } from './recorder.js';

export function rollbackByHand(parts: EngineParts, recorder: Recorder): readonly string[] {
  const { plan } = parts;
  const steps = revertOrder(touchedChanges(plan, recorder.state, null)).filter((step) => step.reversal !== 'none');
  const blocks = steps.flatMap((step) => {
    const change = recorder.state.changes.get(step.id);
    const lines = definitionOf(parts, step).byHand(change?.with ?? null, change?.undo ?? null, contextOf(parts, recorder, step));
    return lines.length === 0 ? [] : [`# ${step.id}: ${step.title}`, ...lines, ''];
  });
  return [
    `# Roll back ${plan.target.name} by hand`,
    '',
    `Run ${recorder.runId}. These lines need no routerctl; run them in order, as the user who ran the upgrade.`,
    'They stop, and say what to do, where they find something else than routerctl left. Open a `sh` of their own for them first.',
    'With routerctl at hand, this does the same and proves it:',
    '',
    `    routerctl resume ${recorder.runId} --roll-back    # while the run is not finished`,
    `    routerctl rollback ${recorder.runId}              # once it has been committed`,
    '',
    '```sh',
    'set -eu',
    ...blocks,
    '```',
  ];
}
