// An artifact input looked into at plan time: what the package says it is, bound to its digest.
import { basename } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { ReadPorts } from '../core/ports/ports.js';
import type { Profile } from '../core/profile.js';
import { z } from '../core/zod.js';

const release = z.looseObject({
  product: z.string(),
  version: z.string(),
  commit: z.string().default('unknown'),
  build_date: z.string().default('unknown'),
  os: z.string(),
  arch: z.string(),
  migrations: z.enum(['none', 'compatible', 'restore-required']).default('none'),
});

/** `{path, name, sha256, bytes, product, version, commit, buildDate, os, arch, migrations}`; throws FILE_MISSING and PACKAGE_*. */
export async function resolveArtifact(path: string, ports: ReadPorts, profile: Profile, host: string): Promise<Json> {
  const { files, archives } = ports.on(host);
  const facts = await files.stat(path);
  if (facts === null && basename(path) === 'latest')
    throw new RouterctlError('INPUT_INVALID', 'latest is no version: it means another one tomorrow, and nobody could review it', {
      hint: 'name the package file of one version: --to PATH',
    });
  if (facts === null)
    throw new RouterctlError('FILE_MISSING', `there is no package ${path}`, { hint: 'give the path of a package file: --to PATH' });
  const document = profile.package?.release ?? 'RELEASE.json';
  const entry = (await archives.list(path)).find(({ path: name }) => name.split('/').slice(1).join('/') === document);
  if (entry === undefined)
    throw new RouterctlError('PACKAGE_UNREADABLE', `${path} holds no ${document}`, {
      hint: 'is this a package of the product that the profile describes?',
    });
  const said = release.safeParse(parsed(await archives.readText(path, entry.path)));
  if (!said.success)
    throw new RouterctlError('PACKAGE_UNREADABLE', `${document} in ${path} is not a release document`, {
      details: said.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    });
  const { product, version, commit, build_date: buildDate, os, arch, migrations } = said.data;
  return {
    path,
    name: basename(path),
    sha256: await files.sha256(path),
    bytes: (await files.stat(path))?.bytes ?? 0,
    product,
    version,
    commit,
    buildDate,
    os,
    arch,
    migrations,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
