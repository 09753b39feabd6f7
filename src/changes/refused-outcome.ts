// An expected refusal of a port (no room, damaged database, missing file) ends a change as `failed`, not as a bug.
// The two refusals that concern the run itself are passed on: the engine must not go on after them.
import type { Outcome } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';

export async function refusedOutcome(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof RouterctlError) || error.code === 'LEASE_LOST' || error.code === 'SECRET_IN_JOURNAL') throw error;
    const evidence = { code: error.code, details: error.details };
    return { status: 'failed', summary: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }), evidence };
  }
}
