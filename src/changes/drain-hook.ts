// The operator's own command that is run before a service is stopped, for example to tell a reverse proxy. When it fails, nothing is stopped.
import type { ChangeContext, Outcome, RecordFact } from '../core/change.js';
import type { HostPorts } from '../core/ports/ports.js';
import type { ComponentSubject } from './component-subject.js';

/** null when it went well, or when there is none. `prefix` is that of the recorded fact. */
export async function runDrainHook(
  { component }: ComponentSubject,
  where: { readonly directory: string; readonly timeoutMs: number; readonly prefix: string },
  { acts }: HostPorts,
  { signal }: ChangeContext,
  record: RecordFact,
): Promise<Outcome | null> {
  const hook = component.deployment?.drainHook;
  if (hook === undefined) return null;
  const { directory, timeoutMs, prefix } = where;
  const outcome = await acts.commands.run(hook, { timeoutMs, directory, signal });
  await record(`${prefix}drain-hook`, { exitCode: outcome.exitCode, timedOut: outcome.timedOut });
  if (outcome.exitCode === 0) return null;
  const how = outcome.timedOut ? `took longer than ${timeoutMs} ms` : `ended with ${outcome.exitCode ?? outcome.signal ?? 'no code'}`;
  return {
    status: 'failed',
    summary: `the drain hook ${hook[0] ?? ''} ${how}; nothing was stopped`,
    hint: 'run the hook by hand and look at what it says',
    evidence: { stderr: outcome.stderr.slice(-2000) },
  };
}
