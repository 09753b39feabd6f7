// A router with one model group over several providers, each with a scripted upstream of its own, so that a test sees who was asked.
import { onTestFinished } from 'vitest';
import { type ScriptedUpstream, startScriptedUpstream } from '../../../src/router/lab/scripted-upstream.js';
import { ask, type RouterSettings, type StartedRouter, startRouter, tokens } from '../started-router.js';

export interface RoutedTarget {
  /** Members of the model in the config, over the defaults. */
  readonly model?: Record<string, unknown>;
  /** Members of the provider in the config; a `base_url` takes the place of the scripted upstream. */
  readonly provider?: Record<string, unknown>;
  readonly weight?: number;
}

export interface RoutedRouter extends StartedRouter {
  readonly upstreams: Readonly<Record<string, ScriptedUpstream>>;
  /** How often each upstream was asked so far, by the provider's name. */
  readonly asked: Readonly<Record<string, number>>;
  /** Asks the group; resolves when the answer was read. */
  say(more?: Record<string, unknown>): Promise<Said>;
  /** The same at another path, with the whole body but its model. */
  sayOn(path: string, body: Record<string, unknown>): Promise<Said>;
  upstreamOf(name: string): ScriptedUpstream;
}

export interface Said {
  readonly status: number;
  readonly text: string;
  readonly code: string | null;
  readonly headers: Headers;
  readonly id: string | null;
}

export async function routedRouter(
  strategy: string,
  targets: Readonly<Record<string, RoutedTarget>>,
  config: Record<string, unknown> = {},
  settings: RouterSettings = {},
): Promise<RoutedRouter> {
  const names = Object.keys(targets);
  const started = await Promise.all(names.map(async (name) => [name, await startScriptedUpstream()] as const));
  const upstreams: Readonly<Record<string, ScriptedUpstream>> = Object.fromEntries(started);
  const providers = Object.fromEntries(
    started.map(([name, { url }]) => [
      name,
      {
        base_url: `${url}/v1`,
        api_key_env: 'PRIMARY_API_KEY',
        models: { m: { model: `model-of-${name}`, ...targets[name]?.model } },
        ...targets[name]?.provider,
      },
    ]),
  );
  const models = {
    small: { strategy, targets: names.map((name) => ({ provider: name, model_ref: 'm', weight: targets[name]?.weight ?? 1 })) },
  };
  const router = await startRouter({ ...settings, models: { small: 'unused' }, config: { providers, models, ...config } });
  onTestFinished(async () => {
    await router.stop();
    for (const [, upstream] of started) await upstream.stop();
  });
  const upstreamOf = (name: string): ScriptedUpstream => {
    const upstream = upstreams[name];
    if (upstream === undefined) throw new Error(`no upstream ${name}`);
    return upstream;
  };
  return {
    ...router,
    upstreams,
    upstreamOf,
    get asked() {
      return Object.fromEntries(names.map((name) => [name, upstreamOf(name).counters.requests]));
    },
    sayOn: async (path, body) =>
      saidBy(
        await fetch(`${router.url}${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${tokens.all}` },
          body: JSON.stringify({ model: 'small', ...body }),
        }),
      ),
    say: async (more = {}) => saidBy(await router.chat(ask('reply with exactly: PONG', more))),
  };
}

async function saidBy(answer: Response): Promise<Said> {
  const text = await answer.text();
  const code = /"code":"([a-z-]+)"/.exec(text)?.[1] ?? null;
  return { status: answer.status, text, code, headers: answer.headers, id: answer.headers.get('x-request-id') };
}
