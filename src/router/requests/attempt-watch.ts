// Ends one attempt when it takes too long until its first byte, or together with its request. The wait covers connecting, the
// status line and, of a stream, the first event: a provider that sends its head at once and then nothing is as slow as one that
// sends nothing.
import { EarlyEnd } from '../early-end.js';
import { GatewayError } from '../gateway-error.js';

export interface AttemptWatch {
  readonly early: EarlyEnd;
  /** The first byte, or the first event of an answer, is there; from now on the silence between bytes counts. */
  answered(): void;
  /** Once, always. */
  stop(): void;
}

export function watchAttempt(request: EarlyEnd, timeoutMs: number): AttemptWatch {
  const early = new EarlyEnd();
  const end = (): void => {
    if (request.reason !== null) early.end(request.reason);
  };
  const late = (): void =>
    early.end(
      new GatewayError('upstream-timeout', 'the upstream did not answer in time', { errorClass: 'upstream_timeout', retryable: true }),
    );
  const timer = setTimeout(late, timeoutMs);
  request.onEnd(end);
  return {
    early,
    answered: () => clearTimeout(timer),
    stop: () => {
      clearTimeout(timer);
      request.offEnd(end);
    },
  };
}
