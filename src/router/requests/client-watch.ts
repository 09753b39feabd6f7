// Ends the work for a request when its client leaves or its time is over.
import { EarlyEnd } from '../early-end.js';
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';

export interface ClientWatch {
  readonly early: EarlyEnd;
  stop(): void;
}

export function cancelWhenClientLeaves({ response }: Exchange, totalTimeoutMs: number): ClientWatch {
  const early = new EarlyEnd();
  const leave = (): void => {
    if (!response.writableFinished)
      early.end(new GatewayError('client-canceled', 'the client went away', { errorClass: 'client_canceled' }));
  };
  response.once('close', leave);
  const timer = setTimeout(
    () => early.end(new GatewayError('upstream-timeout', 'the upstream did not finish in time', { errorClass: 'upstream_timeout' })),
    totalTimeoutMs,
  );
  return {
    early,
    stop: () => {
      clearTimeout(timer);
      response.off('close', leave);
    },
  };
}
