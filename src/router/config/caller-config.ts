// Config of callers: identity, state, allow-list and limits.
import { z } from 'zod';
import { atLeastOne, count, name, timerMilliseconds } from './fields.js';

const amount = z.strictObject({ requests: count.optional(), tokens: count.optional(), cost_usd: z.number().nonnegative().optional() });

export const callerStates = ['active', 'disabled', 'expired', 'rotated'] as const;

export const caller = z.strictObject({
  id: name,
  token_id: name.optional(),
  token_sha256: z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the token, 64 lower-case hex digits'),
  user: z.string().min(1).max(200).default(''),
  project: name.optional(),
  environment: name.optional(),
  status: z.enum(callerStates).default('active'),
  /** From this moment on the caller is expired, whatever its status says. */
  expires_at: z.iso.datetime({ offset: true }).optional(),
  /** Model groups that the caller may use; `*` is all of them. */
  allow: z.array(z.string()).min(1),
  rate: z
    .strictObject({
      /** Requests in any 60 seconds. */
      rpm: atLeastOne.optional(),
      /** Tokens in any 60 seconds, input and output. */
      tpm: atLeastOne.optional(),
      /** Requests that may be open at the same time. */
      concurrent: atLeastOne.optional(),
    })
    .prefault({}),
  /** Evens bursts out: a request over the rate waits, and is refused when it would wait longer. */
  shape: z
    .strictObject({
      requests_per_second: z.number().positive(),
      burst: atLeastOne.default(1),
      max_wait_ms: timerMilliseconds.default(1000),
    })
    .optional(),
  /** Budgets of a UTC day, a UTC month, and all time. */
  budget: z
    .strictObject({
      day: amount.optional(),
      month: amount.optional(),
      lifetime: amount.optional(),
      /** Per cent of a budget from which on answers carry a warning. */
      soft_pct: z.number().min(1).max(100).default(80),
    })
    .prefault({}),
});
