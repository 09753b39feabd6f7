// Calls of a container engine that may take as long as they need. Silence alone says nothing about them: while nothing moves the engine is
// asked beside the call whether it still lives, and when it does not, nobody waits for ever.
import { setTimeout as sleep } from 'node:timers/promises';
import { RouterctlError } from '../core/errors.js';
import type { EngineAddress } from '../core/ports/containers.js';
import { askEngine, engineFailure } from './docker-engine-http.js';

export interface Patience {
  /** How long nothing may move before the engine is asked. */
  readonly stillMs: number;
  /** How long it may take to say that it lives. */
  readonly pingMs: number;
}

export interface Watching extends Patience {
  /** Of whoever wants the call. */
  readonly signal: AbortSignal | undefined;
  /** What is stopped then, as in "the load of x". */
  readonly what: string;
}

/** `act` calls `moved` whenever bytes have passed, and ends soon after its signal. */
export async function watched<Result>(
  at: EngineAddress,
  { stillMs, pingMs, signal, what }: Watching,
  act: (signal: AbortSignal, moved: () => void) => Promise<Result>,
): Promise<Result> {
  const dead = new AbortController();
  const over = new AbortController();
  let moves = 0;
  const watch = async (): Promise<void> => {
    for (let seen = -1; ; ) {
      await sleep(stillMs, undefined, { signal: over.signal });
      if (seen === moves) await askEngine(at, { method: 'GET', path: '/_ping' }, pingMs);
      seen = moves;
    }
  };
  watch().catch((error: unknown) => dead.abort(error));
  try {
    return await act(AbortSignal.any([dead.signal, ...(signal === undefined ? [] : [signal])]), () => (moves += 1));
  } catch (error) {
    if (dead.signal.aborted) throw engineFailure(at, dead.signal.reason);
    if (signal?.aborted === true) throw stopped(what, error);
    throw engineFailure(at, error);
  } finally {
    over.abort();
  }
}

const stopped = (what: string, cause: unknown): RouterctlError =>
  new RouterctlError('INTERRUPTED', `${what} was stopped before its end; no name points to anything else than before`, { cause });
