// An artifact input looked into at plan time: what the package says it is, bound to its digest.
import { basename } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { ReadPorts } from '../core/ports/ports.js';
import type { Profile } from '../core/profile.js';
import { releaseDocument } from './release-document.js';
import { releasedImage } from './resolve-image.js';

/**
 * `{path, name, sha256, bytes, product, version, commit, buildDate, os, arch, migrations}`, of an image also `image` and `imageId`;
 * throws FILE_MISSING and PACKAGE_*.
 */
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
  const entries = await archives.list(path, { links: 'listed' });
  if (entries.some(({ path: name }) => name === 'manifest.json'))
    return { ...(await releasedImage(path, document, ports.on(host))), ...(await fileFacts(path, ports, host)) };
  const entry = entries.find(({ path: name }) => name.split('/').slice(1).join('/') === document);
  if (entry === undefined)
    throw new RouterctlError('PACKAGE_UNREADABLE', `${path} holds no ${document}`, {
      hint: 'is this a package of the product that the profile describes?',
    });
  const said = releaseDocument(await archives.readText(path, entry.path));
  if (said === null) throw new RouterctlError('PACKAGE_UNREADABLE', `${document} in ${path} is not a release document`);
  const { product, version, commit, build_date: buildDate, os, arch, migrations } = said;
  return { ...(await fileFacts(path, ports, host)), product, version, commit, buildDate, os, arch, migrations };
}

async function fileFacts(path: string, ports: ReadPorts, host: string) {
  const { files } = ports.on(host);
  return { path, name: basename(path), sha256: await files.sha256(path), bytes: (await files.stat(path))?.bytes ?? 0 };
}
