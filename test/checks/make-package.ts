// Binary packages of a release, made in the test, whole or with exactly one thing wrong.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { makeTar, type TarEntry } from '../contracts/make-tar.js';

export interface PackageParts {
  readonly product?: string;
  readonly version?: string;
  readonly os?: string;
  readonly architecture?: string;
  readonly release?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Replaces the list of digests. */
  readonly sums?: (lines: readonly string[]) => readonly string[];
  readonly root?: string;
  readonly mode?: number;
  readonly leaveOut?: readonly string[];
}

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

/** The first bytes of an ELF file, which is all that is looked at. */
export function elf(machine: number, endian: 'little' | 'big' = 'little'): Buffer {
  const head = Buffer.alloc(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, endian === 'little' ? 1 : 2, 1]);
  if (endian === 'little') head.writeUInt16LE(machine, 18);
  else head.writeUInt16BE(machine, 18);
  return head;
}

export const machines = { amd64: 62, arm64: 183 } as const;

/** Asks nothing of anybody. */
const quietNote = ['Operator impact', 'Database changes', 'License changes', 'Caller-visible behavior', 'Validation', 'Rollback']
  .map((heading) => `## ${heading}\n\nNone.\n`)
  .join('\n');

export function makePackage(parts: PackageParts = {}): { name: string; bytes: Buffer; sums: string } {
  const { product = 'test-router', version = '1.1.0', os = 'linux', architecture = 'amd64' } = parts;
  const stem = `${product}-${version}-${os}-${architecture}`;
  const root = parts.root ?? stem;
  const release = {
    product,
    version,
    commit: 'abc1234',
    build_date: '2026-11-01T10:00:00Z',
    os,
    arch: architecture,
    programs: [product],
    migrations: 'none',
    ...parts.release,
  };
  const files: Record<string, string | Uint8Array> = {
    'RELEASE.json': JSON.stringify(release),
    'RELEASE_NOTES.md': quietNote,
    [`bin/${product}`]: '#!/usr/bin/env node\n',
    'lib/native.node': elf(architecture === 'arm64' ? machines.arm64 : machines.amd64),
    ...parts.files,
  };
  for (const name of parts.leaveOut ?? []) delete files[name];
  const lines = Object.entries(files).map(([name, content]) => `${sha256(content)}  ${name}`);
  if (!(parts.leaveOut ?? []).includes('SHA256SUMS')) files['SHA256SUMS'] = `${(parts.sums?.(lines) ?? lines).join('\n')}\n`;
  const entries = Object.entries(files).map(
    ([name, content]): TarEntry => ({ path: `${root}/${name}`, content, mode: name.startsWith('bin/') ? (parts.mode ?? 0o755) : 0o644 }),
  );
  return { name: `${stem}.tar.gz`, bytes: gzipSync(makeTar(entries)), sums: String(files['SHA256SUMS'] ?? '') };
}
