// A router whose three model groups speak a dialect each, asked over connections that stay open, and what must hold for each answer.
import { once } from 'node:events';
import { type Agent, type IncomingMessage, request } from 'node:http';
import { gatewayErrors } from '../../../src/router/gateway-error.js';
import { startScriptedUpstream } from '../../../src/router/lab/scripted-upstream.js';
import { type StartedRouter, startRouter, tokens } from '../started-router.js';

export const dialects = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const;

export async function startManyTongued(): Promise<StartedRouter> {
  const upstream = await startScriptedUpstream();
  const model = { model: 'echo-1+pieces-0', input_modalities: ['text', 'image'] };
  const provider = { base_url: `${upstream.url}/v1`, api_key_env: 'PRIMARY_API_KEY', models: { it: model } };
  const router = await startRouter({
    models: Object.fromEntries(dialects.map((dialect) => [dialect, 'unused'])),
    config: {
      providers: Object.fromEntries(dialects.map((dialect) => [dialect, { ...provider, dialect }])),
      models: Object.fromEntries(dialects.map((dialect) => [dialect, { targets: [{ provider: dialect, model_ref: 'it' }] }])),
    },
  });
  const stop = async (): Promise<void> => {
    await router.stop();
    await upstream.stop();
  };
  return { ...router, stop };
}

export interface Asked {
  readonly path: string;
  readonly status: number;
  readonly id: string;
  readonly text: string;
}

export async function askOn(agent: Agent, router: StartedRouter, path: string, bytes: Buffer): Promise<Asked> {
  const asking = request(`${router.url}${path}`, {
    method: 'POST',
    agent,
    headers: { authorization: `Bearer ${tokens.all}`, 'content-length': bytes.length },
    signal: AbortSignal.timeout(20_000),
  });
  asking.end(bytes);
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  answer.setEncoding('utf8');
  let text = '';
  for await (const part of answer) text += part as string;
  return { path, status: answer.statusCode ?? 0, id: String(answer.headers['x-request-id']), text };
}

/** What is wrong with an answer; null when nothing is. */
export function fault({ path, status, id, text }: Asked): string | null {
  const told = `${path} ${status} ${text.slice(0, 300)}`;
  if (!/^req_[0-9a-f]{32}$/.test(id)) return `no id: ${told}`;
  if (text.includes('internal-error')) return told;
  if (status === 200) return text === '' ? told : null;
  const body = JSON.parse(text) as { type?: string; request_id?: string; error: { code: string; request_id?: string } };
  // A request that only another target could answer is called so in every dialect, whatever its caller meant.
  if ((status < 400 || status >= 500) && body.error.code !== 'no-eligible-target') return told;
  const shaped = path.includes('messages') ? body.type === 'error' && body.request_id === id : body.error.request_id === id;
  return shaped && Object.hasOwn(gatewayErrors, body.error.code) ? null : `wrong shape: ${told}`;
}
