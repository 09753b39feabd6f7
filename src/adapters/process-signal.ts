// Signals for the very process that is meant.
import { RouterctlError } from '../core/errors.js';
import type { ProcessIdentity } from '../core/ports/service-processes.js';
import { isProcessAlive } from './process-identity.js';

/** Does nothing when it has ended. @throws RouterctlError COMMAND_FAILED when it lives and may not be signalled */
export function sendSignal(identity: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL'): void {
  // Between the look and the signal the number could only be reused after the whole range of numbers went round.
  if (!isProcessAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if (isProcessAlive(identity))
      throw new RouterctlError('COMMAND_FAILED', `process ${identity.pid} cannot be sent ${name}`, {
        hint: 'run routerctl as the user of the service, or as root',
        cause: error,
      });
  }
}
