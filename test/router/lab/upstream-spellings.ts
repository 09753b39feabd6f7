// One question in three spellings, and the answer read back from each: for tests of what the scripted provider says whichever
// dialect it is asked in.
import { chatSpelling } from './spellings/chat-spelling.js';
import { messagesSpelling } from './spellings/messages-spelling.js';
import { responsesSpelling } from './spellings/responses-spelling.js';
import type { Heard, Json, Spelling, Spoken } from './spellings/spelling.js';

export const spellings = [chatSpelling, responsesSpelling, messagesSpelling] as const;

/** Asks and reads the answer; throws with the body when it was refused. */
export async function say({ url }: { readonly url: string }, spelling: Spelling, spoken: Spoken): Promise<Heard> {
  const answer = await fetch(`${url}${spelling.path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(spelling.body(spoken)),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  if (spoken.stream !== true) return spelling.hear((await answer.json()) as Json);
  return spelling.hearStream(dataOf(await answer.text()));
}

/** The JSON of the `data:` lines of a stream. */
export function dataOf(stream: string): Json[] {
  return [...stream.matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Json);
}
