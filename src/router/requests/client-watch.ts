// Ends the work for a request when its client leaves or its time is over.
import { EarlyEnd } from '../early-end.js';
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';

export interface ClientWatch {
  readonly early: EarlyEnd;
  stop(): void;
}

export function cancelWhenClientLeaves(exchange: Exchange, totalTimeoutMs: number): ClientWatch {
  const { response } = exchange;
  const early = new EarlyEnd();
  const leave = (): void => {
    if (!response.writableFinished) early.end(clientLeft(exchange.leftUnread ? notTaken : 'the client went away'));
  };
  response.once('close', leave);
  const late = (): void => {
    // While bytes wait for the caller, the upstream is not asked for more, and the time that passes is none of its doing.
    if (response.writableNeedDrain) early.end(clientLeft(notTaken));
    else early.end(new GatewayError('upstream-timeout', 'the upstream did not finish in time', { errorClass: 'upstream_timeout' }));
  };
  const timer = setTimeout(late, totalTimeoutMs);
  return {
    early,
    stop: () => {
      clearTimeout(timer);
      response.off('close', leave);
    },
  };
}

export const notTaken = 'the caller did not take its answer in time';

export function clientLeft(message: string): GatewayError {
  return new GatewayError('client-canceled', message, { errorClass: 'client_canceled' });
}
