// Counts tokens and money for one answer: the upstream's own counts when it reports them, else an estimate from characters.
import { isJsonObject } from '../http/read-body.js';

export interface TokenCounts {
  readonly input: number;
  readonly output: number;
  readonly total: number;
}

const charactersPerToken = 4;

export class TokenMeter {
  readonly #promptCharacters: number;
  #answerCharacters = 0;
  #reported: TokenCounts | null = null;

  constructor(promptCharacters: number) {
    this.#promptCharacters = promptCharacters;
  }

  addAnswer(text: unknown): void {
    if (typeof text === 'string') this.#answerCharacters += text.length;
  }

  /** Takes a `usage` member when it has counts; returns whether it had. */
  report(usage: unknown): boolean {
    if (!isJsonObject(usage)) return false;
    const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = usage;
    if (!isCount(input) || !isCount(output)) return false;
    this.#reported = { input, output, total: isCount(total) ? total : input + output };
    return true;
  }

  counts(): TokenCounts {
    if (this.#reported !== null) return this.#reported;
    const input = Math.ceil(this.#promptCharacters / charactersPerToken);
    const output = Math.ceil(this.#answerCharacters / charactersPerToken);
    return { input, output, total: input + output };
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** US dollars, rounded to 1e-9. */
export function costUsd(tokens: number, pricePerMillionUsd: number): number {
  return Math.round(tokens * pricePerMillionUsd * 1000) / 1e9;
}
