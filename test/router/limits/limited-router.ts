// A router with one caller that has limits and one that has none, for tests of what limits do to real requests.
import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type RouterSettings, type StartedRouter, startRouter, tokens } from '../started-router.js';

export const limited = 'rt-test-limited';

export async function limitedRouter(limits: Record<string, unknown>, settings: RouterSettings = {}): Promise<StartedRouter> {
  const router = await startRouter({ ...settings, config: { ...settings.config, callers: callersWith(limits) } });
  onTestFinished(() => router.stop());
  return router;
}

export function callersWith(limits: Record<string, unknown>): readonly Record<string, unknown>[] {
  const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');
  return [
    { id: 'limited', token_sha256: sha256(limited), allow: ['*'], user: 'lee', project: 'atlas', environment: 'test', ...limits },
    { id: 'free', token_sha256: sha256(tokens.all), allow: ['*'] },
  ];
}

export interface Outcome {
  readonly status: number;
  readonly code: string | null;
  readonly retryAfter: string | null;
  readonly details: unknown;
  readonly warning: string | null;
}

export async function outcomeOf(answer: Response): Promise<Outcome> {
  const { error } = (await answer.json()) as { error?: { code: string; details?: unknown } };
  return {
    status: answer.status,
    code: error?.code ?? null,
    retryAfter: answer.headers.get('retry-after'),
    details: error?.details ?? null,
    warning: answer.headers.get('x-reference-router-warning'),
  };
}

/** Waits for something that happens a moment later. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
