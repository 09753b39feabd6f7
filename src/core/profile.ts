// A profile holds the names, paths and shapes of one router product, so that checks and changes need no product name in code.
import { z } from './zod.js';

/** Matches something, and not everything: an expression that fits the empty text would find a token between any two letters. */
const tokenForm = z.string().refine((form) => {
  try {
    return !new RegExp(form).test('');
  } catch {
    return false;
  }
}, 'the form of a token is a regular expression that does not fit the empty text');

export const profileSpec = z.strictObject({
  routerctl: z.literal(1),
  profile: z.string(),
  title: z.string(),
  /** Request paths by purpose; a product without one of them leaves it out, and its checks are skipped with that reason. */
  paths: z.strictObject({
    health: z.string().optional(),
    ready: z.string().optional(),
    version: z.string().optional(),
    models: z.string().optional(),
    chat: z.string().optional(),
  }),
  /** JSON member names of the version document. */
  version: z.strictObject({ version: z.string(), commit: z.string().optional(), buildDate: z.string().optional() }).optional(),
  headers: z.strictObject({ requestId: z.string() }).prefault({ requestId: 'x-request-id' }),
  /** Forms of the product's own tokens by whose they are, as regular expressions: a package that holds one is refused. */
  tokens: z.record(z.string(), tokenForm).optional(),
  /** `.env` keys of the product. */
  env: z.record(z.string(), z.string()).default({}),
  usage: z
    .strictObject({
      table: z.string(),
      requestId: z.string(),
      time: z.string(),
      stream: z.string(),
      inputTokens: z.string(),
      outputTokens: z.string(),
      totalTokens: z.string(),
      cost: z.string(),
      /** Where the row says at which price it was reckoned: with a price above 0, a cost of 0 is wrong. */
      inputPrice: z.string().optional(),
      outputPrice: z.string().optional(),
      status: z.string(),
      /** How long rows may take to appear after the answer, since routers write them in batches; milliseconds. */
      settleMs: z.number().int().default(5000),
    })
    .optional(),
  package: z
    .strictObject({
      /** Product part of the file name `<name>-<version>-<os>-<arch>.tar.gz`. */
      name: z.string(),
      /** JSON document inside: product, version, commit, build_date, os, arch, programs, migrations. */
      release: z.string().default('RELEASE.json'),
      sums: z.string().default('SHA256SUMS'),
      /** Markdown inside: what the release asks of its operators. */
      notes: z.string().default('RELEASE_NOTES.md'),
    })
    .optional(),
});

export type Profile = z.infer<typeof profileSpec>;
