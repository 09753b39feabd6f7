// GET /v1/usage: what a caller used and what is left of it, as the limits see it. Source of the members: the published API
// compatibility reference of GenAI Smart Router; cost, the periods' names, open requests and limits are added.
import type { Caller } from '../callers.js';
import type { Gateway } from '../gateway.js';
import type { Exchange } from '../http/exchange.js';
import type { Amount, Standing } from './limit-store.js';

export async function answerUsage(gateway: Gateway, exchange: Exchange): Promise<void> {
  const { callers, names } = gateway.generation;
  const caller = callers.authenticate(exchange.request.headers);
  exchange.warn(names.headerPrefix, gateway.license.warnings);
  exchange.sendJson(200, usageOf(caller, await gateway.limits.standing(caller)));
}

/** Tokens are input and output together, money is US dollars; what has no limit is null. */
function usageOf(caller: Caller, standing: Standing): Readonly<Record<string, unknown>> {
  const { day, month, lifetime } = caller.budget;
  const { day: today, month: thisMonth, lifetime: ever } = standing;
  return {
    caller_id: caller.id,
    caller_user: caller.user,
    caller_project: caller.project,
    caller_environment: caller.environment,
    day: { period: standing.dayName, ...amountOf(today), limits: limitsOf(day) },
    month: { period: standing.monthName, ...amountOf(thisMonth), limits: limitsOf(month) },
    key: {
      lifetime_requests: ever.requests,
      lifetime_tokens: ever.tokens,
      lifetime_cost_usd: ever.costUsd,
      remaining_tokens: left(lifetime?.tokens, ever.tokens),
      exhausted: isUsedUp(lifetime, ever),
      configured_budget: lifetime?.tokens ?? null,
      limits: limitsOf(lifetime),
    },
    open_requests: standing.openRequests,
    limits: {
      rpm: caller.rate.rpm ?? null,
      tpm: caller.rate.tpm ?? null,
      concurrent: caller.rate.concurrent ?? null,
      shape: caller.shape,
      soft_pct: caller.budget.soft_pct,
    },
  };
}

type Budget = Caller['budget']['day'];

function amountOf({ requests, tokens, costUsd }: Amount): Readonly<Record<string, number>> {
  return { requests, tokens, cost_usd: costUsd };
}

function limitsOf(budget: Budget): Readonly<Record<string, number | null>> {
  return { requests: budget?.requests ?? null, tokens: budget?.tokens ?? null, cost_usd: budget?.cost_usd ?? null };
}

function left(limit: number | undefined, used: number): number | null {
  return limit === undefined ? null : Math.max(0, limit - used);
}

function isUsedUp(budget: Budget, used: Amount): boolean {
  return (
    left(budget?.requests, used.requests) === 0 || left(budget?.tokens, used.tokens) === 0 || left(budget?.cost_usd, used.costUsd) === 0
  );
}
