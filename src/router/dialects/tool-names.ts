// One name per tool for every dialect. Tools of the Responses dialect may stand in a namespace or be named as no function may;
// the same pair always gives the same name, so that calls in the history and calls in the answer are found again.
import { createHash } from 'node:crypto';

/** What all three dialects accept as the name of a function. */
const acceptable = /^[\w-]{1,64}$/;

export function plainToolName(namespace: string | null, name: string): string {
  const whole = namespace === null ? name : `${namespace}__${name}`;
  if (acceptable.test(whole)) return whole;
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${whole.replace(/[^\w-]/g, '_').slice(0, 55)}_${digest}`;
}
