// What the router's config file may say, strictly: an unknown key is an error with its path, since a misspelt price or
// allow-list must never pass silently. Only this folder of the router knows the schema library.
import { z } from 'zod';
import { adminAuth, adminReports, cache, license, names } from './admin-config.js';
import { caller } from './caller-config.js';
import { atLeastOne, name, timerMilliseconds } from './fields.js';
import { modelGroup, provider, upstream } from './provider-config.js';

export const routerConfig = z
  .strictObject({
    product: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/)
      .default('reference-router'),
    names: names.prefault({}),
    listen: z.strictObject({ host: z.string().default('127.0.0.1'), port: z.number().int().min(0).max(65_535) }),
    database: z.strictObject({ path: z.string().min(1) }),
    license: license.optional(),
    upstream: upstream.prefault({}),
    limits: z
      .strictObject({
        body_bytes: atLeastOne.default(64 * 1024 * 1024),
        request_timeout_ms: timerMilliseconds.default(60_000),
        drain_ms: timerMilliseconds.default(30_000),
        /** How long a caller may take nothing of an answer that waits for it. */
        unread_ms: timerMilliseconds.default(60_000),
      })
      .prefault({}),
    cache: cache.prefault({}),
    metrics: z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
    admin_auth: adminAuth.prefault({}),
    admin_reports: adminReports.prefault({}),
    providers: z.record(name, provider),
    models: z.record(name, modelGroup),
    callers: z.array(caller).min(1),
  })
  .check((context) => {
    for (const issue of danglingReferences(context.value)) context.issues.push({ code: 'custom', input: context.value, ...issue });
  });

/** As much of a config as its references need, so that they are checked also where something else is wrong. */
const references = z.object({
  providers: z.record(z.string(), z.object({ models: z.record(z.string(), z.unknown()) })),
  models: z.record(z.string(), z.object({ targets: z.array(z.object({ provider: z.string(), model_ref: z.string() })) })),
  callers: z.array(z.object({ id: z.string(), token_sha256: z.string(), allow: z.array(z.string()) })),
  admin_auth: z
    .object({
      users: z.array(z.object({ username: z.string() })).default([]),
      policy: z.array(z.object({ subject: z.string() })).default([]),
      roles: z.array(z.object({ subject: z.string() })).default([]),
    })
    .prefault({})
    .catch({ users: [], policy: [], roles: [] }),
});

export type RouterConfig = z.infer<typeof routerConfig>;
export type CallerConfig = RouterConfig['callers'][number];
export type ProviderConfig = RouterConfig['providers'][string];
export type ModelGroupConfig = RouterConfig['models'][string];

interface Dangling {
  readonly path: PropertyKey[];
  readonly message: string;
}

function danglingReferences(config: z.infer<typeof references>): Dangling[] {
  const found: Dangling[] = [];
  for (const [groupName, { targets }] of Object.entries(config.models)) {
    targets.forEach((target, index) => {
      const path = ['models', groupName, 'targets', index];
      const known = config.providers[target.provider];
      if (known === undefined) found.push({ path: [...path, 'provider'], message: `no provider is named "${target.provider}"` });
      else if (known.models[target.model_ref] === undefined)
        found.push({ path: [...path, 'model_ref'], message: `provider "${target.provider}" has no model "${target.model_ref}"` });
    });
  }
  const ids = new Set<string>();
  const tokens = new Set<string>();
  config.callers.forEach(({ id, token_sha256: token, allow }, index) => {
    for (const word of allow)
      if (word !== '*' && config.models[word] === undefined)
        found.push({ path: ['callers', index, 'allow'], message: `no model group is named "${word}"` });
    if (ids.has(id)) found.push({ path: ['callers', index, 'id'], message: `"${id}" is used twice` });
    ids.add(id);
    if (tokens.has(token)) found.push({ path: ['callers', index, 'token_sha256'], message: 'another caller has this token' });
    tokens.add(token);
  });
  return [...found, ...danglingSubjects(config)];
}

/** Who is granted something must be there: else whoever is given that name later would have it too. A role may be held by nobody. */
function danglingSubjects({ callers, admin_auth: { users, policy, roles } }: z.infer<typeof references>): Dangling[] {
  const known = new Set([...users.map(({ username }) => `basic:${username}`), ...callers.map(({ id }) => `caller:${id}`)]);
  const kinds: Readonly<Record<string, string>> = { basic: 'administrator', caller: 'caller' };
  return Object.entries({ policy, roles }).flatMap(([list, lines]) =>
    lines.flatMap(({ subject }, index) => {
      const [, kind = '', name = ''] = /^(basic|caller):(.+)$/.exec(subject) ?? [];
      const path = ['admin_auth', list, index, 'subject'];
      return name === '' || known.has(subject) ? [] : [{ path, message: `no ${kinds[kind]} is named "${name}"` }];
    }),
  );
}

export interface ConfigFinding {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export function checkConfig(value: unknown): { readonly config: RouterConfig } | { readonly findings: readonly ConfigFinding[] } {
  const result = routerConfig.safeParse(value);
  if (result.success) return { config: result.data };
  const findings = result.error.issues.map(({ path, message }) => ({
    path: path.map((part) => (typeof part === 'number' ? part : String(part))),
    // The library's own sentences begin with a capital letter; behind a key like `tokens:` such a word is blanked as a secret.
    message: message.charAt(0).toLowerCase() + message.slice(1),
  }));
  const referring = references.safeParse(value);
  const known = new Set(findings.map(({ path, message }) => `${path.join('.')} ${message}`));
  const dangling = (referring.success ? danglingReferences(referring.data) : [])
    .map(({ path, message }) => ({ path: path.map((part) => (typeof part === 'number' ? part : String(part))), message }))
    .filter(({ path, message }) => !known.has(`${path.join('.')} ${message}`));
  return { findings: [...findings, ...dangling] };
}
