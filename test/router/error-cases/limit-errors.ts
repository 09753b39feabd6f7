// Refusals by the limits and budgets of a caller.
import { callersWith, limited } from '../limits/limited-router.js';
import type { StartedRouter } from '../started-router.js';
import { ask, type ErrorCase, everywhere, keepOneOpen, routerFor, slowModels } from './error-case.js';

const limitedBy = (limits: Record<string, unknown>, before: (router: StartedRouter) => Promise<unknown> = () => Promise.resolve()) =>
  everywhere(async (dialect) => {
    const router = await routerFor({ models: slowModels, config: { callers: callersWith(limits) } });
    await before(router);
    return ask(router, dialect, undefined, { token: limited });
  });
const askOnce = (router: StartedRouter): Promise<unknown> => ask(router, 'openai-chat', undefined, { token: limited });

export const limitErrors = {
  'rpm-exceeded': limitedBy({ rate: { rpm: 1 } }, askOnce),
  'tpm-exceeded': limitedBy({ rate: { tpm: 10 } }),
  'concurrency-exceeded': limitedBy({ rate: { concurrent: 1 } }, (router) => keepOneOpen(router, limited)),
  'traffic-shaped': limitedBy({ shape: { requests_per_second: 0.01, max_wait_ms: 10 } }, askOnce),
  'quota-exhausted': limitedBy({ budget: { day: { requests: 1 } } }, askOnce),
  'key-exhausted': limitedBy({ budget: { lifetime: { requests: 1 } } }, askOnce),
} satisfies Record<string, ErrorCase>;
