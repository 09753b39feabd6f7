// Token counts of the scripted provider. They follow from the request alone and are not what a router would guess, so that a
// router that guesses is noticed; the same conversation counts the same in every dialect.
import { type Asked, type Picture, questionOf } from './asked.js';
import { pictureSizeOf } from './picture-size.js';

/** Not four, which is what everybody guesses. */
export const charactersPerToken = 3;
const pixelsPerToken = 500;
const tokensPerPicture = 70;
/** Prompts of at least so many tokens are cached, and in steps, as OpenAI publishes for prompt caching. */
const cachedFrom = 1024;
const cachedStep = 128;

export interface TokenCounts {
  /** All input tokens, cached ones too. */
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly reasoning: number;
}

export function tokensOf(text: string): number {
  return Math.max(1, Math.ceil(text.length / charactersPerToken));
}

/** Tokens of everything that was sent: texts, tools, calls, results and pictures. */
export function inputTokensOf({ turns, toolText }: Asked): number {
  const texts = turns.flatMap((turn) => [
    ...(turn.calls.length + turn.outcomes.length > 0 && turn.texts.length === 0 ? [] : [turn.texts.join('')]),
    ...turn.calls.map(({ text }) => text),
    ...turn.outcomes.map(({ text }) => text),
  ]);
  const pictures = turns.flatMap((turn) => [...turn.pictures, ...turn.outcomes.flatMap((outcome) => outcome.pictures)]);
  return (
    tokensOf([...texts, ...(toolText === '' ? [] : [toolText])].join('\n')) + pictures.reduce((sum, each) => sum + tokensOfPicture(each), 0)
  );
}

/** `output` tokens were written; thinking, when it was asked for by the model's name, comes on top. */
export function countTokens(asked: Asked, output: number): TokenCounts {
  const words = asked.model.split('+');
  const input = inputTokensOf(asked);
  const reasoning = words.includes('thinks') ? 8 + (questionOf(asked).length % 8) : 0;
  return { input, output: output + reasoning, cached: cachedOf(asked, input, words.includes('cached')), reasoning };
}

function cachedOf({ caches }: Asked, input: number, forced: boolean): number {
  if (forced) return Math.floor(input / 2);
  return caches && input >= cachedFrom ? Math.floor(input / 2 / cachedStep) * cachedStep : 0;
}

function tokensOfPicture(picture: Picture): number {
  const { width, height } = pictureSizeOf(picture) ?? { width: 0, height: 0 };
  return tokensPerPicture + Math.ceil((width * height) / pixelsPerToken);
}
