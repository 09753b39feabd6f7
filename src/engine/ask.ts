// Asks one check until it is answered: retries, consecutive passes, early give-up and time limits live here, not in checks.
import type { CheckContext, CheckDefinition } from '../core/check.js';
import { errorCatalogue, RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { PlannedCheck, Until } from '../core/plan.js';
import type { ReadPorts } from '../core/ports/ports.js';
import { fail, inconclusive, type Verdict } from '../core/verdict.js';

export interface Answer {
  readonly verdict: Verdict;
  /** null when it could not be measured. */
  readonly observation: Json;
  readonly attempts: number;
  readonly tookMs: number;
}

/** How long a check is asked again. */
export interface Patience extends Until {
  /** Even when the time limit has passed by then. */
  readonly leastAttempts?: number;
}

export interface Question {
  readonly step: PlannedCheck;
  readonly definition: CheckDefinition;
  readonly spec: Json;
  readonly ports: ReadPorts;
  readonly until: Patience | null;
  /** Ask again only while it cannot be measured: a clear no is an answer. */
  readonly onlyUnmeasured: boolean;
  context(signal: AbortSignal): CheckContext;
  giveUp(observation: Json): boolean;
}

export async function ask(question: Question): Promise<Answer> {
  const { clock } = question.ports;
  const startedMs = clock.bootMs();
  const until: Patience = question.until ?? { intervalMs: 0, timeoutMs: 0, consecutive: 1 };
  let waitMs = until.intervalMs;
  let passes = 0;
  for (let attempts = 1; ; attempts += 1) {
    const { verdict, observation } = await attempt(question);
    const tookMs = clock.bootMs() - startedMs;
    passes = isGood(verdict) ? passes + 1 : 0;
    const settled =
      passes >= until.consecutive ||
      verdict.status === 'skip' ||
      (question.onlyUnmeasured && verdict.status === 'fail') ||
      (question.step.until?.abortIf !== undefined && !isGood(verdict) && question.giveUp(observation));
    const isLate = tookMs + waitMs >= until.timeoutMs && attempts >= (until.leastAttempts ?? 1);
    if (settled || isLate) {
      const short = isGood(verdict) && passes < until.consecutive;
      const final = short ? inconclusive(`only ${passes} of ${until.consecutive} passes in a row before the time limit`) : verdict;
      return { verdict: waived(question.step, final, clock.nowMs()), observation, attempts, tookMs: clock.bootMs() - startedMs };
    }
    await clock.sleep(waitMs);
    waitMs *= until.backoff ?? 1;
  }
}

function isGood(verdict: Verdict): boolean {
  return verdict.status === 'pass' || verdict.status === 'warn';
}

function waived(step: PlannedCheck, verdict: Verdict, nowMs: number): Verdict {
  const waiver = step.waive;
  if (waiver === undefined || isGood(verdict) || verdict.status === 'skip') return verdict;
  if (nowMs >= Date.parse(waiver.expires))
    return { ...verdict, details: [...(verdict.details ?? []), `the waiver of ${waiver.owner} expired ${waiver.expires}`] };
  return {
    status: 'waived',
    summary: `${waiver.reason} (was ${verdict.status}: ${verdict.summary})`,
    owner: waiver.owner,
    expires: waiver.expires,
    was: verdict.status,
  };
}

async function attempt({ step, definition, spec, ports, context }: Question): Promise<{ verdict: Verdict; observation: Json }> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), step.timeoutMs);
  const asked = context(limit.signal);
  try {
    const observed = await Promise.race([definition.observe(spec, ports, asked), aborted(limit.signal)]);
    if (observed === 'timed out') return { verdict: inconclusive(`no answer within ${step.timeoutMs} ms`), observation: null };
    if ('unmeasured' in observed) {
      const rest = observed.hint === undefined ? {} : { hint: observed.hint };
      return { verdict: inconclusive(observed.unmeasured, rest), observation: null };
    }
    return { verdict: definition.judge(observed.measured, spec, asked), observation: observed.measured };
  } catch (error) {
    return { verdict: verdictOf(error), observation: null };
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<'timed out'> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve('timed out'), { once: true }));
}

/** A known refusal speaks for itself; anything else is our bug, and a bug is never a pass. */
function verdictOf(error: unknown): Verdict {
  if (!(error instanceof RouterctlError))
    return inconclusive(
      `internal error: ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 2).join(' ') : String(error)}`,
    );
  const rest = { ...(error.hint === undefined ? {} : { hint: error.hint }), details: error.details };
  return errorCatalogue[error.code].exit === 3 ? fail(error.message, rest) : inconclusive(error.message, rest);
}
