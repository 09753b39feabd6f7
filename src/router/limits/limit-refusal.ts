// Why a limit said no, and how the caller hears it.
import { GatewayError } from '../gateway-error.js';

export const limitCodes = [
  'rpm-exceeded',
  'tpm-exceeded',
  'concurrency-exceeded',
  'traffic-shaped',
  'quota-exhausted',
  'key-exhausted',
] as const;

export type BudgetUnit = 'requests' | 'tokens' | 'cost_usd';

export interface LimitRefusal {
  readonly code: (typeof limitCodes)[number];
  /** Which limit it was; a budget is named by its period. */
  readonly bucket: 'minute' | 'open' | 'shape' | 'day' | 'month' | 'lifetime';
  readonly unit: BudgetUnit;
  /** When asking the same again may help; null when it will not, since the request alone is larger than the limit, or ever. */
  readonly retryAfterMs: number | null;
}

/** Nobody plans further ahead than this, and a budget may be raised before its period ends. */
const longestRetryAfterS = 3600;

const sentences: Readonly<Record<LimitRefusal['code'], string>> = {
  'rpm-exceeded': 'the caller is at its limit of requests in 60 seconds',
  'tpm-exceeded': 'the tokens that this request may use do not fit into the limit of the caller in 60 seconds',
  'concurrency-exceeded': 'the caller has as many requests open as it may',
  'traffic-shaped': 'the caller sends faster than its traffic shape lets through',
  'quota-exhausted': 'this request does not fit into what is left of the budget of the caller',
  'key-exhausted': 'this request does not fit into what is left of the lifetime budget of the caller',
};

/** Its details carry `bucket`, `unit` and `retry_after_seconds`, which is also the Retry-After header where it is not null. */
export function limitError({ code, bucket, unit, retryAfterMs }: LimitRefusal): GatewayError {
  const seconds = retryAfterMs === null ? null : Math.min(longestRetryAfterS, Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return new GatewayError(code, `${sentences[code]}; ${advice(bucket, seconds)}`, {
    details: { bucket, unit, retry_after_seconds: seconds },
    headers: seconds === null ? {} : { 'Retry-After': String(seconds) },
  });
}

function advice(bucket: LimitRefusal['bucket'], seconds: number | null): string {
  if (seconds !== null) return `ask again in ${seconds} s`;
  return bucket === 'minute' ? 'ask for fewer tokens' : 'ask for less, or have the budget raised';
}
