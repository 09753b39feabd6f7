// What the router's config file may say, strictly: an unknown key is an error with its path, since a misspelt price or
// allow-list must never pass silently. Only this file of the router knows the schema library.
import { z } from 'zod';

const milliseconds = z.number().int().positive();
const price = z.number().nonnegative();
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/, 'a name is letters, digits and . _ : / -');

const provider = z.strictObject({
  base_url: z.url({ protocol: /^https?$/ }),
  dialect: z.literal('openai-chat').default('openai-chat'),
  /** Name of the environment variable that holds the provider's key. */
  api_key_env: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .optional(),
  models: z.record(
    name,
    z.strictObject({
      /** The provider's own name for it; the key when left out. */
      model: z.string().min(1).optional(),
      input_price_per_million_usd: price.default(0),
      output_price_per_million_usd: price.default(0),
    }),
  ),
});

const group = z.strictObject({
  strategy: z.literal('static').default('static'),
  targets: z.array(z.strictObject({ provider: name, model_ref: name })).min(1),
});

const caller = z.strictObject({
  id: name,
  token_id: name.optional(),
  token_sha256: z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the token, 64 lower-case hex digits'),
  status: z.enum(['active', 'disabled']).default('active'),
  /** Model groups that the caller may use; `*` is all of them. */
  allow: z.array(z.string()).min(1),
});

const routerConfig = z
  .strictObject({
    product: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/)
      .default('reference-router'),
    listen: z.strictObject({ host: z.string().default('127.0.0.1'), port: z.number().int().min(0).max(65_535) }),
    database: z.strictObject({ path: z.string().min(1) }),
    license: z.strictObject({ file: z.string().min(1), state_file: z.string().min(1).optional() }).optional(),
    upstream: z
      .strictObject({
        connect_timeout_ms: milliseconds.default(5000),
        first_byte_timeout_ms: milliseconds.default(60_000),
        idle_timeout_ms: milliseconds.default(60_000),
        total_timeout_ms: milliseconds.default(600_000),
      })
      .prefault({}),
    limits: z
      .strictObject({
        body_bytes: z
          .number()
          .int()
          .positive()
          .default(64 * 1024 * 1024),
        request_timeout_ms: milliseconds.default(60_000),
        drain_ms: milliseconds.default(30_000),
      })
      .prefault({}),
    providers: z.record(name, provider),
    models: z.record(name, group),
    callers: z.array(caller).min(1),
  })
  .check((context) => {
    for (const issue of danglingReferences(context.value)) context.issues.push({ code: 'custom', input: context.value, ...issue });
  });

export type RouterConfig = z.infer<typeof routerConfig>;
export type CallerConfig = RouterConfig['callers'][number];

interface Dangling {
  readonly path: PropertyKey[];
  readonly message: string;
}

function danglingReferences(config: {
  providers: Record<string, z.infer<typeof provider>>;
  models: Record<string, z.infer<typeof group>>;
  callers: z.infer<typeof caller>[];
}): Dangling[] {
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
  config.callers.forEach(({ id, allow }, index) => {
    for (const word of allow)
      if (word !== '*' && config.models[word] === undefined)
        found.push({ path: ['callers', index, 'allow'], message: `no model group is named "${word}"` });
    if (config.callers.findIndex((other) => other.id === id) !== index)
      found.push({ path: ['callers', index, 'id'], message: `"${id}" is used twice` });
  });
  return found;
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
    message,
  }));
  return { findings };
}
