// Config of providers and model groups: who can be asked, at what price, and which of them answers for a group.
import { z } from 'zod';
import { dialectNames } from '../dialects/conversation.js';
import { atLeastOne, count, milliseconds, name, price, secretReference, timerMilliseconds, variable } from './fields.js';

const providerModel = z.strictObject({
  /** The provider's own name for it; the key when left out. */
  model: z.string().min(1).optional(),
  input_price_per_million_usd: price.default(0),
  output_price_per_million_usd: price.default(0),
  image_input_price_per_million_tokens_usd: price.default(0),
  image_input_price_per_image_usd: price.default(0),
  pricing_source: z.string().max(200).optional(),
  pricing_updated_at: z.iso.date().optional(),
  input_modalities: z.array(z.enum(['text', 'image'])).default(['text']),
  context_tokens: atLeastOne.default(128_000),
  max_output_tokens: atLeastOne.default(4096),
  /** Whether the provider keeps to the cap on output tokens; one that does not is never asked for a capped answer. */
  honors_max_tokens: z.boolean().default(true),
  /** Where a chat provider wants the cap. */
  output_token_field: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
  tools: z.boolean().default(true),
  parallel_tools: z.boolean().default(true),
  /** Requests that may be open at the same time; no limit when left out. */
  max_concurrent: atLeastOne.optional(),
});

/** What is asked is the base and a path below it; a password in it would stand in the config. */
function isPlainBase(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { search, hash, username, password } = new URL(url);
  return search + hash + username + password === '';
}

const keyHeaders: ReadonlySet<string> = new Set(['authorization', 'x-api-key']);
/** The router writes these itself, or the connection does: said twice, or otherwise, they would make every request fail. */
const ownHeaders: ReadonlySet<string> = new Set(
  'accept accept-encoding connection content-length content-type expect keep-alive te trailer transfer-encoding upgrade'.split(' '),
);
const headerValue = z.string().regex(/^[\x20-\x7e]*$/, 'printable ASCII');

export const provider = z
  .strictObject({
    base_url: z.url({ protocol: /^https?$/ }).refine(isPlainBase, 'must end with its path: no query, fragment, user or password'),
    dialect: z.enum(dialectNames).default('openai-chat'),
    /** How the key is sent: `Authorization: Bearer`, or `X-API-Key`. */
    auth_scheme: z.enum(['bearer', 'x-api-key']).default('bearer'),
    api_key: secretReference.optional(),
    /** Name of the environment variable that holds the provider's key. */
    api_key_env: variable.optional(),
    api_key_file: z.string().min(1).optional(),
    headers: z.record(z.string(), headerValue).default({}),
    /** An attempt's time until its first byte; `upstream.first_byte_timeout_ms` when left out. */
    attempt_timeout_ms: timerMilliseconds.optional(),
    models: z.record(name, providerModel),
  })
  .check(({ value, issues }) => {
    const sources = [value.api_key, value.api_key_env, value.api_key_file].filter((each) => each !== undefined);
    if (sources.length > 1)
      issues.push({ code: 'custom', input: value, path: [], message: 'give one of api_key, api_key_env and api_key_file' });
    for (const header of Object.keys(value.headers)) {
      const refuse = (message: string, path = ['headers', header]): void =>
        void issues.push({ code: 'custom', input: value, path, message });
      // Behind the name of such a header and a colon every text is blanked as if it were the key.
      if (keyHeaders.has(header.toLowerCase()))
        refuse(`"${header}" is not given here: the key goes into api_key, api_key_env or api_key_file`, ['headers']);
      else if (ownHeaders.has(header.toLowerCase())) refuse('the router writes this header itself');
      else if (!/^[A-Za-z0-9-]+$/.test(header)) refuse('is no header name');
    }
  });

export const strategies = ['static', 'failover', 'weighted', 'latency', 'cost'] as const;

export const modelGroup = z.strictObject({
  strategy: z.enum(strategies).default('static'),
  targets: z.array(z.strictObject({ provider: name, model_ref: name, weight: atLeastOne.default(1) })).min(1),
  display_name: z.string().max(100).optional(),
  /** What becomes of tools that only a provider of the caller's own dialect could run, when another one is asked. */
  hosted_tools: z.enum(['refuse', 'omit']).default('refuse'),
  /** Answers of this group may come from the response cache. */
  cache: z.boolean().default(true),
});

export const breaker = z.strictObject({
  /** Failures in a row that open the breaker of a target. */
  failures: atLeastOne.default(5),
  /** How long an open breaker keeps requests away before one is let through to try. */
  cooldown_ms: milliseconds.default(30_000),
});

export const upstream = z.strictObject({
  connect_timeout_ms: timerMilliseconds.default(5000),
  first_byte_timeout_ms: timerMilliseconds.default(60_000),
  idle_timeout_ms: timerMilliseconds.default(60_000),
  total_timeout_ms: timerMilliseconds.default(600_000),
  /** Targets that are asked for one request at most. */
  max_attempts: count.min(1).default(4),
  allow_remote_images: z.boolean().default(false),
  breaker: breaker.prefault({}),
});
