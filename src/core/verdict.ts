// A verdict is the answer to one check. Only `pass` is a pass: what was not measured never counts as one.
import type { Json } from './json.js';

interface Said {
  /** One line for a person, at most about 90 characters, measured values included. */
  readonly summary: string;
  /** Further lines, most important first. */
  readonly details?: readonly string[];
  /** What to do next, one line. */
  readonly hint?: string;
  /** Named fields only, never a raw request or response. */
  readonly evidence?: Json;
}

export type Verdict =
  | (Said & { readonly status: 'pass' })
  | (Said & { readonly status: 'warn' })
  | (Said & { readonly status: 'fail' })
  | (Said & { readonly status: 'inconclusive' })
  | (Said & { readonly status: 'skip' })
  | (Said & { readonly status: 'waived'; readonly owner: string; readonly expires: string; readonly was: string });

export type VerdictStatus = Verdict['status'];

export const pass = (summary: string, rest: Omit<Said, 'summary'> = {}): Verdict => ({ status: 'pass', summary, ...rest });
export const warn = (summary: string, rest: Omit<Said, 'summary'> = {}): Verdict => ({ status: 'warn', summary, ...rest });
export const fail = (summary: string, rest: Omit<Said, 'summary'> = {}): Verdict => ({ status: 'fail', summary, ...rest });
export const inconclusive = (summary: string, rest: Omit<Said, 'summary'> = {}): Verdict => ({
  status: 'inconclusive',
  summary,
  ...rest,
});
export const skip = (summary: string, rest: Omit<Said, 'summary'> = {}): Verdict => ({ status: 'skip', summary, ...rest });

/** What an `observe` brings back: the measurement, or the reason why there is none (which becomes `inconclusive`). */
export type Observed<Observation extends Json> =
  | { readonly measured: Observation }
  | { readonly unmeasured: string; readonly hint?: string };

export const measured = <Observation extends Json>(observation: Observation): Observed<Observation> => ({
  measured: observation,
});
export const unmeasured = (reason: string, hint?: string): { readonly unmeasured: string; readonly hint?: string } =>
  hint === undefined ? { unmeasured: reason } : { unmeasured: reason, hint };
