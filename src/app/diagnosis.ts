// One thing that the doctor looked at, in the words of a verdict: its hint is the fix.
import { errorCatalogue, RouterctlError } from '../core/errors.js';
import { fail, inconclusive, type Verdict } from '../core/verdict.js';

export interface Diagnosis {
  readonly name: string;
  readonly verdict: Verdict;
}

/** What a refusal means before a window: a fault, unless it only says that something could not be measured. */
export function faultOf(error: unknown): Verdict {
  if (!(error instanceof RouterctlError)) throw error;
  const rest = { details: error.details, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  return errorCatalogue[error.code].exit === 7 ? inconclusive(error.message, rest) : fail(error.message, rest);
}

/** The verdict of the question, or what it refused with. */
export async function diagnose(name: string, question: () => Verdict | Promise<Verdict>): Promise<Diagnosis> {
  try {
    return { name, verdict: await question() };
  } catch (error) {
    return { name, verdict: faultOf(error) };
  }
}
