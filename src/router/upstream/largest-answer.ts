// How much of a provider's answer is held in memory: a plain one, and what a translated stream says, which some dialects repeat
// at its end.
import { GatewayError } from '../gateway-error.js';

export const maxAnswerBytes = 64 * 1024 * 1024;

export function answerTooLarge(): GatewayError {
  const bad = { errorClass: 'upstream_bad_answer', retryable: true } as const;
  return new GatewayError('upstream-failed', 'the upstream sent an answer that is too large', bad);
}
