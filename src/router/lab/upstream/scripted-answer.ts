// What the scripted provider answers, whichever dialect it was asked in: words, tool calls, what a tool brought, or what a
// picture shows; shortened where the caller set a cap or a stop sequence.
import { type Asked, outcomesOf, picturesAfterOutcomes, picturesOf, questionOf } from './asked.js';
import { describePicture } from './practice-picture.js';
import { schemaValue } from './schema-value.js';
import { answerInWords, exactWordsOf } from './text-answers.js';
import { charactersPerToken, countTokens, type TokenCounts, tokensOf } from './token-counts.js';
import { callsFor } from './tool-calls.js';

export type AnswerBlock =
  | { readonly kind: 'thinking'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly namespace: string | null;
      /** The tool takes free text instead of JSON arguments. */
      readonly custom: boolean;
      readonly input: string;
    };

export interface ScriptedAnswer {
  readonly blocks: readonly AnswerBlock[];
  readonly stop: 'end' | 'length' | 'tools' | 'stop-sequence';
  readonly stopSequence: string | null;
  readonly counts: TokenCounts;
}

const longestOutcome = 2000;

/** @param overCap answer as long as if no cap had been set */
export function scriptAnswer(asked: Asked, { overCap = false }: { readonly overCap?: boolean } = {}): ScriptedAnswer {
  const thinking: AnswerBlock[] = asked.model.split('+').includes('thinks') ? [{ kind: 'thinking', text: 'Let me think about it.' }] : [];
  const calls = outcomesOf(asked).length === 0 ? callsFor(asked) : [];
  const limit = asked.cap === null || overCap ? Number.POSITIVE_INFINITY : asked.cap * charactersPerToken;
  if (calls.length > 0) {
    const blocks: AnswerBlock[] = calls.map(({ tool, input }) => ({
      kind: 'call',
      name: tool.name,
      namespace: tool.namespace,
      custom: tool.schema === null,
      input,
    }));
    return capped(asked, thinking, blocks, limit);
  }
  const whole = wordsFor(asked);
  const hit = asked.stops.map((stop) => ({ stop, at: whole.indexOf(stop) })).filter(({ stop, at }) => at >= 0 && stop !== '');
  const first = hit.sort((one, other) => one.at - other.at)[0];
  const text = first === undefined ? whole : whole.slice(0, first.at);
  const answer = capped(asked, thinking, [{ kind: 'text', text }], limit);
  return first === undefined || answer.stop === 'length' ? answer : { ...answer, stop: 'stop-sequence', stopSequence: first.stop };
}

/** Text in order, in more than one piece wherever it has more than one character, and no character torn apart. */
export function piecesOf(text: string): string[] {
  const characters = [...text];
  const count = Math.min(characters.length, Math.max(4, Math.ceil(characters.length / 12)));
  const size = Math.ceil(characters.length / Math.max(1, count));
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += size) pieces.push(characters.slice(at, at + size).join(''));
  return pieces;
}

function wordsFor(asked: Asked): string {
  const words = outcomesOf(asked).length > 0 ? wordsOfOutcomes(asked) : wordsOfQuestion(asked);
  if (asked.format === null) return words;
  return JSON.stringify(asked.format === 'any' ? { answer: words } : schemaValue(asked.format, { texts: {}, otherwise: words }));
}

function wordsOfOutcomes(asked: Asked): string {
  const told = outcomesOf(asked).map(({ text, pictures }) => [text.trim().slice(0, longestOutcome), ...pictures.map(describePicture)]);
  return [...told.map((parts) => `The tool said: ${parts.join(' ').trim()}`), ...picturesAfterOutcomes(asked).map(describePicture)].join(
    '\n',
  );
}

function wordsOfQuestion(asked: Asked): string {
  const question = questionOf(asked);
  const pictures = picturesOf(asked);
  return pictures.length > 0 && exactWordsOf(question) === null ? pictures.map(describePicture).join(' ') : answerInWords(question);
}

/** Cuts at the cap in the middle of whatever is being said, as a model does that runs out of tokens. */
function capped(asked: Asked, thinking: readonly AnswerBlock[], blocks: readonly AnswerBlock[], limit: number): ScriptedAnswer {
  let left = limit;
  let written = 0;
  let short = false;
  const kept: AnswerBlock[] = [];
  for (const block of blocks) {
    if (short) break;
    const said = block.kind === 'call' ? block.input : block.text;
    const name = block.kind === 'call' ? block.name : '';
    const room = Math.max(0, left - name.length);
    const cut = said.length > room ? said.slice(0, room) : said;
    short = cut.length < said.length;
    left -= name.length + cut.length;
    written += tokensOf(name + cut);
    kept.push(block.kind === 'call' ? { ...block, input: cut } : { ...block, text: cut });
  }
  const stop = short ? 'length' : blocks.some(({ kind }) => kind === 'call') ? 'tools' : 'end';
  return { blocks: [...thinking, ...kept], stop, stopSequence: null, counts: countTokens(asked, written) };
}
