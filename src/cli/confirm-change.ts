// The question before a change: production by its name, everything else by a yes, and without a terminal only by -y.
import { RouterctlError } from '../core/errors.js';
import type { Target } from '../core/target.js';
import { type Asker, askForName, askYesNo } from '../ui/ask.js';

export async function confirmChange(target: Pick<Target, 'name' | 'environment'>, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  const asker = theTerminal();
  const answer =
    target.environment === 'production'
      ? await askForName(`This changes PRODUCTION ${target.name}. ${question}`, target.name, asker)
      : await askYesNo(question, asker);
  if (answer === 'yes') return;
  const message =
    answer === 'no'
      ? 'not confirmed; nothing was changed'
      : `changing ${target.environment === 'production' ? 'PRODUCTION ' : ''}${target.name} needs a yes, and there is no terminal to ask at`;
  throw new RouterctlError('NOT_CONFIRMED', message, { hint: 'say it with -y, or give an approved plan' });
}

export function theTerminal(): Asker {
  return { input: process.stdin, output: process.stderr, isTty: process.stdin.isTTY && process.stderr.isTTY };
}
