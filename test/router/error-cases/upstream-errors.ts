// Refusals because of what an upstream did, and because of the router itself.
import { systemClock } from '../../../src/router/limits/clock.js';
import { ask, beforeAnyRow, bodyIn, type ErrorCase, everywhere, keepOneOpen, routerFor, slowModels } from './error-case.js';

const upstreamThat = (does: string, upstream: Record<string, unknown> = {}): ErrorCase =>
  everywhere(async (dialect) => ask(await routerFor({ models: { small: does }, config: { upstream } }), dialect));

export const upstreamErrors = {
  'upstream-failed': upstreamThat('status-500'),
  'upstream-refused-request': upstreamThat('status-400'),
  'upstream-access-denied': upstreamThat('status-401'),
  'upstream-quota-exhausted': upstreamThat('status-402'),
  'upstream-rate-limited': upstreamThat('status-429+retry-7'),
  'upstream-timeout': upstreamThat('delay-60000', { first_byte_timeout_ms: 100 }),
  draining: beforeAnyRow(async (dialect) => {
    const router = await routerFor({ models: slowModels, config: { limits: { drain_ms: 500 } } });
    await keepOneOpen(router);
    void router.drain();
    return ask(router, dialect, bodyIn(dialect));
  }),
  /** The clock is what a test may put into a router; one that fails is a fault that no refusal foresees. */
  'internal-error': everywhere(async (dialect) => {
    let broken = false;
    const wallMs = (): number => {
      if (broken) throw new Error('the clock of this test is broken');
      return systemClock.wallMs();
    };
    const router = await routerFor({ clock: { ...systemClock, wallMs } });
    broken = true;
    const answer = await ask(router, dialect);
    broken = false;
    return answer;
  }),
} satisfies Record<string, ErrorCase>;
