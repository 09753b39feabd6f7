// What the scripted provider answers: small facts that can be predicted from the question, cut into several pieces.

export interface ScriptedAnswer {
  readonly text: string;
  /** The text in order, in more than one piece wherever it has more than one character. */
  readonly pieces: readonly string[];
  readonly finishReason: 'stop' | 'length';
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number };
}

/** Not what a router would guess, so that a router that guesses is noticed. */
const charactersPerToken = 3;

export function scriptAnswer(messages: unknown, maxTokens: number | null): ScriptedAnswer {
  const texts = (Array.isArray(messages) ? messages : []).map(messageText);
  const whole = answerTo(texts.at(-1) ?? '');
  const limit = maxTokens === null ? Number.POSITIVE_INFINITY : maxTokens * charactersPerToken;
  const text = whole.slice(0, limit);
  const prompt = tokensOf(texts.join('\n'));
  const completion = tokensOf(text);
  return {
    text,
    pieces: piecesOf(text),
    finishReason: whole.length > text.length ? 'length' : 'stop',
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
  };
}

function answerTo(question: string): string {
  const exact = /repl(?:y|ies) with exactly:?\s*["'`]?([^\n"'`]+)/i.exec(question)?.[1]?.trim();
  if (exact !== undefined && exact !== '') return exact;
  const sum = /(-?\d{1,9})\s*([+*-])\s*(-?\d{1,9})/.exec(question);
  if (sum !== null) return `The result is ${calculate(Number(sum[1]), sum[2] ?? '+', Number(sum[3]))}.`;
  const words = question.split(/\s+/).filter((word) => word !== '').length;
  return `You wrote ${words} words: ${question.slice(0, 200)}`;
}

function calculate(left: number, operator: string, right: number): number {
  if (operator === '*') return left * right;
  return operator === '+' ? left + right : left - right;
}

function messageText(message: unknown): string {
  if (typeof message !== 'object' || message === null || !('content' in message)) return '';
  const { content } = message;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => (typeof part === 'object' && part !== null && 'text' in part ? String(part.text) : '')).join('');
}

function tokensOf(text: string): number {
  return Math.max(1, Math.ceil(text.length / charactersPerToken));
}

function piecesOf(text: string): string[] {
  const count = Math.min(text.length, Math.max(4, Math.ceil(text.length / 12)));
  const size = Math.ceil(text.length / Math.max(1, count));
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size));
  return pieces;
}
