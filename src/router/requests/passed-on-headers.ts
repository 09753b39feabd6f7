// Headers of a caller that mean something to a provider of the same dialect; every other one stays here.
import type { IncomingHttpHeaders } from 'node:http';
import type { DialectName } from '../dialects/conversation.js';

const passed: Readonly<Record<DialectName, readonly string[]>> = {
  'openai-chat': [],
  'openai-responses': ['openai-beta'],
  'anthropic-messages': ['anthropic-version', 'anthropic-beta'],
};
/** A provider of this dialect refuses a request without it. */
const anthropicVersion = '2023-06-01';

export function passedOnHeaders(spoken: DialectName, asked: DialectName, headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = spoken === 'anthropic-messages' ? { 'anthropic-version': anthropicVersion } : {};
  if (spoken !== asked) return kept;
  for (const name of passed[spoken]) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}
