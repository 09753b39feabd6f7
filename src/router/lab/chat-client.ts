// Asks one chat question over a connection of its own and says how it ended; a stream counts only with its terminal marker.
import { type IncomingMessage, request } from 'node:http';

export interface ChatQuestion {
  readonly url: string;
  readonly token: string;
  readonly model: string;
  readonly stream: boolean;
  readonly timeoutMs: number;
}

export type ChatEnding =
  | { readonly kind: 'ok'; readonly requestId: string }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The answer began well and ended before its end. */
  | { readonly kind: 'cut'; readonly requestId: string };

export function askChat({ url, token, model, stream, timeoutMs }: ChatQuestion): Promise<ChatEnding> {
  const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Please reply with exactly: steady traffic' }] });
  return new Promise((resolve) => {
    const failed = (reason: string): void => resolve({ kind: 'failed', reason });
    // A connection for each question, so that a failure means the router and not a kept connection that it closed.
    const asked = request(`${url}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-router-client': 'lab-traffic' },
      timeout: timeoutMs,
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', (error: NodeJS.ErrnoException) => failed(error.code ?? error.message));
    asked.on('response', (answer) => void readAnswer(answer, stream).then(resolve));
    asked.end(body);
  });
}

async function readAnswer(answer: IncomingMessage, stream: boolean): Promise<ChatEnding> {
  const requestId = String(answer.headers['x-request-id'] ?? '');
  let text = '';
  try {
    for await (const chunk of answer) text += String(chunk);
  } catch {
    return { kind: 'cut', requestId };
  }
  if (answer.statusCode !== 200) return { kind: 'failed', reason: `status ${answer.statusCode}` };
  const whole = stream ? text.trimEnd().endsWith('data: [DONE]') : text.includes('steady traffic');
  return whole ? { kind: 'ok', requestId } : { kind: 'cut', requestId };
}
