// The question about each impact of a release, one by one: whoever answers has it before their eyes.
import { openImpacts, refuseUnacknowledged, saysOf } from '../app/acknowledge.js';
import type { Plan } from '../core/plan.js';
import type { ImpactId } from '../core/release-note.js';
import { type Asker, askYesNo } from '../ui/ask.js';
import { printable } from './print.js';

/** Those that were acknowledged before and those that are now; a no to one of them refuses, as if it had not been asked. */
export async function askImpacts(plan: Plan, given: readonly ImpactId[], command: string, asker: Asker): Promise<readonly ImpactId[]> {
  const acknowledged = [...given];
  const say = (line: string): void => void asker.output.write(`${printable(line)}\n`);
  for (const impact of openImpacts(plan, given)) {
    for (const line of saysOf(plan, impact)) say(`  ${line}`);
    if ((await askYesNo(`Have you read this, and acknowledge it (${impact.title})?`, asker)) === 'yes') acknowledged.push(impact.id);
    else break;
  }
  refuseUnacknowledged(plan, acknowledged, command);
  return acknowledged;
}
