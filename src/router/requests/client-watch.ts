// Ends the work for a request when its client leaves or its time is over.
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';

export interface ClientWatch {
  /** Aborted with a GatewayError as its reason. */
  readonly signal: AbortSignal;
  stop(): void;
}

export function cancelWhenClientLeaves({ response }: Exchange, totalTimeoutMs: number): ClientWatch {
  const controller = new AbortController();
  const leave = (): void => {
    if (!response.writableFinished)
      controller.abort(new GatewayError('client-canceled', 'the client went away', { errorClass: 'client_canceled' }));
  };
  response.once('close', leave);
  const timer = setTimeout(
    () => controller.abort(new GatewayError('upstream-timeout', 'the upstream did not finish in time', { errorClass: 'upstream_timeout' })),
    totalTimeoutMs,
  );
  return {
    signal: controller.signal,
    stop: () => {
      clearTimeout(timer);
      response.off('close', leave);
    },
  };
}
