// Questions before anything happens. They go to stderr, so that stdout stays the result; without a terminal nothing waits
// for an answer that nobody can give.
import { createInterface } from 'node:readline';
import { terminalText } from '../core/terminal-text.js';

export interface Asker {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Both ends are a terminal. */
  readonly isTty: boolean;
}

export type Answer = 'yes' | 'no' | 'nobody-there';

/** Enter alone, an end of input and Ctrl-C are a no. */
export async function askYesNo(question: string, asker: Asker): Promise<Answer> {
  if (!asker.isTty) return 'nobody-there';
  const answer = await readAnswer(`${question} [y/N] `, asker);
  return /^y(es)?$/i.test(answer ?? '') ? 'yes' : 'no';
}

/** Production is confirmed by its name, because a `y` is typed before it is read. */
export async function askForName(question: string, name: string, asker: Asker): Promise<Answer> {
  if (!asker.isTty) return 'nobody-there';
  const answer = await readAnswer(`${question} Type ${name} to go on: `, asker);
  return answer === name ? 'yes' : 'no';
}

function readAnswer(prompt: string, { input, output }: Asker): Promise<string | null> {
  return new Promise((resolve) => {
    const lines = createInterface({ input, output, terminal: false });
    let answer: string | null = null;
    const onInterrupt = (): void => {
      output.write('\n');
      lines.close();
    };
    process.once('SIGINT', onInterrupt);
    lines.once('line', (text) => {
      answer = text.trim();
      lines.close();
    });
    lines.once('close', () => {
      process.off('SIGINT', onInterrupt);
      resolve(answer);
    });
    output.write(terminalText(prompt));
  });
}

/** The index of the chosen line; null where nobody is there, or nothing of the list was chosen. */
export async function askWhich(question: string, choices: readonly string[], asker: Asker): Promise<number | null> {
  if (!asker.isTty) return null;
  for (const [index, choice] of choices.entries()) asker.output.write(`${terminalText(`  ${index + 1}  ${choice}`)}\n`);
  const answer = await readAnswer(`${question} [1-${choices.length}] `, asker);
  const index = /^\d+$/.test(answer ?? '') ? Number(answer) - 1 : -1;
  return index >= 0 && index < choices.length ? index : null;
}
