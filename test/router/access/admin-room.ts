// A router with administrators: their passwords, what the policy grants them, and requests in their name.
import { createHash } from 'node:crypto';
import { hashPassword } from '../../../src/router/access/password-hash.js';
import { type RouterSettings, type StartedRouter, startRouter } from '../started-router.js';

export const password = 'correct horse battery staple';
/** Small costs: what is tested is never how long scrypt takes. */
export const cheapHash = await hashPassword(password, { cost: 1024 });

export const basic = (username: string, secret = password): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`,
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const callerTokens = { alpha: 'rt-test-alpha', beta: 'rt-test-beta', old: 'rt-test-old' } as const;

/**
 * `root` may everything everywhere, `ada` reads and looks into alpha/prod only, `reader` reads alpha/prod through a role,
 * `nobody` may sign in and nothing else. Callers: one in alpha/prod, one in beta/prod.
 */
export function adminConfig(more: Record<string, unknown> = {}): Record<string, unknown> {
  const caller = (id: string, token: string, project: string) => ({
    id,
    token_id: `tok_${id}`,
    token_sha256: sha256(token),
    user: `${id}@example.test`,
    project,
    environment: 'prod',
    allow: ['*'],
  });
  return {
    callers: [
      caller('alpha-caller', callerTokens.alpha, 'alpha'),
      caller('beta-caller', callerTokens.beta, 'beta'),
      { ...caller('old-caller', callerTokens.old, 'alpha'), status: 'disabled' },
    ],
    admin_auth: {
      users: [
        { username: 'root', password_hash_env: 'ROOT_PASSWORD_HASH' },
        ...['ada', 'reader', 'nobody'].map((username) => ({ username, password_hash: cheapHash })),
      ],
      policy: [
        { subject: 'basic:root', domain: '*', object: 'admin:reports', action: 'read|export|drilldown' },
        { subject: 'basic:ada', domain: 'alpha/prod', object: 'admin:reports', action: 'read' },
        { subject: 'basic:ada', domain: 'alpha/prod', object: 'admin:reports', action: 'drilldown' },
        { subject: 'role:viewer', domain: 'alpha/prod', object: 'admin:reports', action: 'read' },
        { subject: 'caller:alpha-caller', domain: '*', object: 'admin:reports', action: '*' },
      ],
      roles: [{ subject: 'basic:reader', role: 'role:viewer', domain: 'alpha/prod' }],
      ...more,
    },
  };
}

export const startAdminRouter = (more: Record<string, unknown> = {}, settings: RouterSettings = {}): Promise<StartedRouter> =>
  startRouter({
    ...settings,
    config: { ...adminConfig(more), ...settings.config },
    environment: { ROOT_PASSWORD_HASH: cheapHash, ...settings.environment },
  });

/** Without following a redirect. */
export const visit = (router: StartedRouter, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${router.url}${path}`, { redirect: 'manual', ...init });

export const errorCode = async (answer: Response): Promise<string> => ((await answer.json()) as { error: { code: string } }).error.code;

/** The session cookie that a login answers with, as a browser would send it back. */
export function cookieOf(answer: Response): Record<string, string> {
  return { cookie: (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '' };
}

export const signIn = (
  router: StartedRouter,
  username: string,
  secret = password,
  headers: Record<string, string> = {},
): Promise<Response> =>
  visit(router, '/admin/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ username, password: secret }),
  });
