// Ends one attempt when it takes too long until its first byte, or together with its request. The wait covers connecting, the
// status line and, of a stream, the first event: a provider that sends its head at once and then nothing is as slow as one that
// sends nothing.
import { GatewayError } from '../gateway-error.js';

export interface AttemptWatch {
  /** Aborted with a GatewayError as its reason. */
  readonly signal: AbortSignal;
  /** The first byte is there; from now on the silence between bytes counts. */
  answered(): void;
  /** Once, always. */
  stop(): void;
}

export function watchAttempt(request: AbortSignal, timeoutMs: number): AttemptWatch {
  const controller = new AbortController();
  const end = (): void => controller.abort(request.reason);
  const timer = setTimeout(
    () =>
      controller.abort(
        new GatewayError('upstream-timeout', 'the upstream did not answer in time', { errorClass: 'upstream_timeout', retryable: true }),
      ),
    timeoutMs,
  );
  if (request.aborted) end();
  request.addEventListener('abort', end);
  return {
    signal: controller.signal,
    answered: () => clearTimeout(timer),
    stop: () => {
      clearTimeout(timer);
      request.removeEventListener('abort', end);
    },
  };
}
