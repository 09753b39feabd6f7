// Config of what operators see: identities, policy, reports, metrics, docs, license and cache.
import { z } from 'zod';
import { parsePasswordHash } from '../access/password-hash.js';
import { policyObjects } from '../access/policy.js';
import { atLeastOne, milliseconds, name, variable } from './fields.js';

const user = z
  .strictObject({
    username: z.string().regex(/^[A-Za-z0-9._@-]{1,64}$/, 'a user name is 1 to 64 letters, digits and . _ @ -'),
    /** `scrypt:N:r:p:<salt base64url>:<key base64url>` */
    password_hash: z
      .string()
      .refine((text) => parsePasswordHash(text) !== null, 'a scrypt hash as lab hash-password prints it, of at most 256 MiB')
      .optional(),
    password_hash_env: variable.optional(),
  })
  .check(({ value, issues }) => {
    if ((value.password_hash === undefined) === (value.password_hash_env === undefined))
      issues.push({ code: 'custom', input: value, path: [], message: 'give one of password_hash and password_hash_env' });
  });

/** One line of a Casbin policy with domains: who, in which domain (`<project>/<environment>` or `*`), on what, may do what. */
const subject = z.string().regex(/^(basic|caller|role):[A-Za-z0-9._@:/-]+$/, 'a subject is basic:<user>, caller:<id> or role:<name>');
/** Left out nowhere: what holds everywhere is written as `*`, so that nobody gets it by forgetting a line. */
const domain = z
  .string()
  .regex(
    /^(\*|[A-Za-z0-9._:%-]+\/[A-Za-z0-9._:%-]+)$/,
    'a domain is <project>/<environment>, with - for none and %2F for a / in a name, or *',
  );
const grant = z.strictObject({ subject, domain, object: z.string(), action: z.string() }).check(({ value, issues }) => {
  const known: Readonly<Record<string, readonly string[]>> = { ...policyObjects, '*': Object.values(policyObjects).flat() };
  const actions = Object.hasOwn(known, value.object) ? known[value.object] : undefined;
  const refuse = (path: string, message: string): void => void issues.push({ code: 'custom', input: value, path: [path], message });
  if (actions === undefined) return refuse('object', `an object is one of ${Object.keys(known).join(', ')}`);
  const strange = value.action.split('|').find((one) => one !== '*' && !actions.includes(one));
  if (strange !== undefined) refuse('action', `an action on ${value.object} is one of ${actions.join(', ')}, several with |, or *`);
});
const membership = z.strictObject({ subject, role: z.string().regex(/^role:./, 'a role is role:<name>'), domain });

export const adminAuth = z
  .strictObject({
    realm: z.string().max(100).default('router reports'),
    users: z.array(user).default([]),
    session_ttl_ms: milliseconds.default(8 * 3_600_000),
    /** Browsers reach the router through TLS only, so that the session's cookie is `Secure`. */
    behind_tls: z.boolean().default(false),
    /** Failed logins of one address or user name in `window_ms`, after which further ones are refused. */
    attempts: z.strictObject({ max: atLeastOne.default(5), window_ms: milliseconds.default(300_000) }).prefault({}),
    policy: z.array(grant).default([]),
    roles: z.array(membership).default([]),
  })
  .check(({ value, issues }) => {
    const names = value.users.map(({ username }) => username);
    const index = names.findIndex((name, at) => names.indexOf(name) !== at);
    if (index >= 0) issues.push({ code: 'custom', input: value, path: ['users', index, 'username'], message: 'is used twice' });
  });

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

export const adminReports = z
  .strictObject({
    enabled: z.boolean().default(true),
    default_since: z
      .string()
      .regex(/^\d+[mhd]$/, 'a time span such as 90m, 24h or 7d')
      .default('24h'),
    max_range_days: atLeastOne.default(31),
    max_rows: atLeastOne.max(10_000).default(500),
  })
  .check(({ value, issues }) => {
    const spanMs = Number.parseInt(value.default_since, 10) * (unitMs[value.default_since.slice(-1)] ?? 0);
    if (spanMs > 0 && spanMs <= value.max_range_days * 86_400_000) return;
    issues.push({ code: 'custom', input: value, path: ['default_since'], message: 'must be a span of time within max_range_days' });
  });

export const license = z.strictObject({
  file: z.string().min(1),
  state_file: z.string().min(1).optional(),
  /** PEM file with the Ed25519 public key that licenses are signed with; the key of the package when left out. */
  public_key_file: z.string().min(1).optional(),
});

export const cache = z.strictObject({
  enabled: z.boolean().default(false),
  max_bytes: atLeastOne.default(64 * 1024 * 1024),
  ttl_ms: milliseconds.default(300_000),
});

/** What a router that is dressed as another product calls itself; all follow from `product` when left out. */
export const names = z.strictObject({
  display: z.string().min(1).max(100).optional(),
  /** Response headers are `<header_prefix>-Version` and the like. */
  header_prefix: z
    .string()
    .regex(/^X-[A-Za-z0-9-]+$/, 'a header prefix such as X-Reference-Router')
    .optional(),
  /** Metrics are `<metric_prefix>_requests_total` and the like. */
  metric_prefix: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, 'a metric prefix such as reference_router')
    .optional(),
  /** The version pin is `<env_prefix>_VERSION`. */
  env_prefix: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'an environment prefix such as REFERENCE_ROUTER')
    .optional(),
  owned_by: name.optional(),
});
