// routerctl's own helper processes: runner, guard, prober. Each is a `routerctl run …` of its own session.
import type { ProcessIdentity } from './service-processes.js';

export interface OwnProcesses {
  /** `own`: this environment. `bare`: PATH, HOME and LANG only, as a guard has it when the operator's shell is gone. */
  startDetached(args: readonly string[], options: { readonly environment: 'own' | 'bare'; readonly log: string }): Promise<ProcessIdentity>;
  /** A guard in the bare environment: under systemd where `how` allows and a manager answers that outlives the user's sessions, else a detached process. */
  startGuard(
    args: readonly string[],
    options: { readonly runId: string; readonly how: 'auto' | 'process'; readonly log: string },
  ): Promise<ProcessIdentity & { readonly by: 'systemd' | 'process' }>;
  /** Where a guard would run now; `session`: a detached process only because the manager of the user ends with the user's last session. */
  guardHome(how: 'auto' | 'process'): Promise<'system' | 'user' | 'process' | 'session'>;
  /** Runs to the end in the bare environment and hands back what it printed. */
  runBare(
    args: readonly string[],
    timeoutMs: number,
  ): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }>;
  isAlive(process: ProcessIdentity): boolean;
  signal(process: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL'): void;
  /** Ends every process of a recorded group, if its leader is still the one recorded, and waits until they are gone; throws HOOK_ALIVE. */
  endGroup(group: { readonly pgid: number; readonly startTicks: number }): Promise<void>;
  /** From now on SIGINT, SIGTERM and SIGHUP are kept for the engine instead of ending this process. */
  keepSignals(): { first(): string | null };
}
