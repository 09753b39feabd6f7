// The two documents of a backup: an open one that says what lies there, and an encrypted one with the digests of the content,
// since a digest of a short secret would let anyone guess it.
import type { Json } from './json.js';
import { z } from './zod.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const cell = z.union([z.string(), z.number(), z.null()]);

const entry = z.object({
  /** config, provider-environment, license, license-state or database-<name>. */
  name: z.string().regex(/^[a-z][a-z0-9_-]*$/),
  sha256,
  bytes: z.number(),
  method: z.enum(['copy', 'sqlite-vacuum-into']),
  consistentAt: z.string(),
});

/** manifest.json, readable by anyone who can see the directory. */
export const openManifest = z.object({
  schema: z.literal('routerctl.backup/v1'),
  id: z.string(),
  runId: z.string(),
  target: z.string(),
  component: z.string(),
  createdAt: z.string(),
  keepUntil: z.string(),
  /** Configured things that were not there. */
  absent: z.array(z.string()),
  entries: z.array(entry).min(1),
  inner: z.object({ sha256, bytes: z.number() }),
});

const contents = z.object({
  integrity: z.string(),
  schemaSha256: sha256,
  tables: z.array(z.object({ table: z.string(), rows: z.number() })),
  newest: cell,
});

const item = z.object({
  name: z.string(),
  sha256,
  bytes: z.number(),
  /** Where it came from, and how it must look when it is put back. */
  source: z.string(),
  mode: z.number(),
  uid: z.number(),
  gid: z.number(),
  database: z
    .object({
      /** Of the snapshot itself. */
      facts: contents,
      /** Of the live database just before: the snapshot must not be older. */
      before: z.object({ newest: cell, filledTables: z.array(z.string()) }),
      newestOf: z.object({ table: z.string(), column: z.string() }).nullable(),
    })
    .nullable(),
});

export const innerManifest = z.object({ schema: z.literal('routerctl.backup-inner/v1'), id: z.string(), items: z.array(item).min(1) });

/** verified.json: the last restore proof. */
export const verifiedMark = z.object({ verifiedAt: z.string(), restoreMs: z.number(), by: z.string() });

export type OpenManifest = z.infer<typeof openManifest>;
export type OpenEntry = z.infer<typeof entry>;
export type InnerManifest = z.infer<typeof innerManifest>;
export type InnerItem = z.infer<typeof item>;

export const manifestName = 'manifest.json';
export const innerName = 'inner-manifest.json.age';
export const verifiedName = 'verified.json';
export const cipherName = (name: string): string => `${name}.age`;

export const documentText = (value: Json | OpenManifest | InnerManifest): string => `${JSON.stringify(value, null, 2)}\n`;
