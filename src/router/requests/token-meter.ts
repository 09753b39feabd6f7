// Counts tokens and money for one answer: the upstream's own counts when it reports them, else an estimate from characters.
import type { Ask, Part, TokenUsage } from '../dialects/conversation.js';
import type { Prices } from '../routing/target.js';

export interface TokenCounts {
  readonly input: number;
  readonly output: number;
  readonly total: number;
  readonly reasoning: number;
  /** Estimated part of the input. */
  readonly image: number;
}

const charactersPerToken = 4;
/** What an image is taken to weigh when nobody counts it; the order of magnitude that vendors publish for a small picture. */
const tokensPerImage = 256;

export interface PromptSize {
  readonly characters: number;
  readonly images: number;
}

export function promptSizeOf(ask: Ask): PromptSize {
  let characters = 0;
  let images = 0;
  const add = (part: Part): void => {
    if (part.kind === 'text') characters += part.text.length;
    else if (part.kind === 'tool-call') characters += part.name.length + part.arguments.length;
    else if (part.kind === 'tool-result') part.content.forEach(add);
    else images += 1;
  };
  for (const { parts } of ask.turns) parts.forEach(add);
  for (const tool of ask.tools) characters += tool.name.length + (tool.description?.length ?? 0) + JSON.stringify(tool.parameters).length;
  return { characters, images };
}

/** Input tokens that a prompt is expected to have. */
export function estimateTokens({ characters, images }: PromptSize): number {
  return Math.ceil(characters / charactersPerToken) + images * tokensPerImage;
}

export class TokenMeter {
  readonly #prompt: PromptSize;
  #answerCharacters = 0;
  #reported: TokenUsage | null = null;
  #reportedInput: number | null = null;

  constructor(prompt: PromptSize) {
    this.#prompt = prompt;
  }

  /** Another target is asked: what the one before said and counted is nobody's answer. */
  restart(): void {
    this.#answerCharacters = 0;
    this.#reported = null;
    this.#reportedInput = null;
  }

  addAnswer(text: string): void {
    this.#answerCharacters += text.length;
  }

  report(usage: TokenUsage | null): void {
    if (usage !== null) this.#reported = usage;
  }

  /** Input that is counted before the rest, which may never be. */
  reportInput(tokens: number): void {
    this.#reportedInput = tokens;
  }

  get reported(): TokenUsage | null {
    return this.#reported;
  }

  get images(): number {
    return this.#prompt.images;
  }

  counts(): TokenCounts {
    const input = this.#reported?.input ?? this.#reportedInput ?? estimateTokens(this.#prompt);
    const output = this.#reported?.output ?? Math.ceil(this.#answerCharacters / charactersPerToken);
    const image = Math.min(input, this.#prompt.images * tokensPerImage);
    return { input, output, total: input + output, reasoning: this.#reported?.reasoning ?? 0, image };
  }
}

export interface Cost {
  readonly input: number;
  readonly output: number;
  readonly image: number;
  readonly total: number;
}

export interface ExpectedUse {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly images: number;
}

/** What a request is expected to cost at these prices, in US dollars. */
export function expectedCostUsd({ inputTokens, outputTokens, images }: ExpectedUse, prices: Prices): number {
  const image = Math.min(inputTokens, images * tokensPerImage);
  const counts = { input: inputTokens, output: outputTokens, total: inputTokens + outputTokens, reasoning: 0, image };
  return costOf(counts, images, prices).total;
}

/** In US dollars, each rounded to 1e-9. Image tokens are part of the input tokens and, where images have a price, cost it on top. */
export function costOf(counts: TokenCounts, images: number, prices: Prices): Cost {
  const input = costUsd(counts.input, prices.inputPerMillionUsd);
  const output = costUsd(counts.output, prices.outputPerMillionUsd);
  const image = round(costUsd(counts.image, prices.imageTokensPerMillionUsd) + images * prices.perImageUsd);
  return { input, output, image, total: round(input + output + image) };
}

/** US dollars, rounded to 1e-9. */
export function costUsd(tokens: number, pricePerMillionUsd: number): number {
  return Math.round(tokens * pricePerMillionUsd * 1000) / 1e9;
}

function round(usd: number): number {
  return Math.round(usd * 1e9) / 1e9;
}
