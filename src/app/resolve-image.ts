// An image file looked into at plan time: what its labels and the release document beside it say it is, bound to the image's id.
import { dirname, join } from 'node:path';
import { type ImagePackage, readImagePackage } from '../core/image-package.js';
import type { HostReadPorts } from '../core/ports/ports.js';
import { releaseDocument } from './release-document.js';

/** What playbooks see of an image beside its path and digest. */
export interface ReleasedImage {
  readonly product: string;
  readonly version: string;
  readonly commit: string;
  readonly buildDate: string;
  readonly os: string;
  readonly arch: string;
  readonly migrations: string;
  readonly image: string;
  readonly imageId: string;
}

const label = 'org.opencontainers.image.';

/**
 * A package of images holds `images/` beside its release document, which counts where it is of this version; without one nothing is known
 * of migrations, and `unknown` is what it says. Throws PACKAGE_*.
 */
export async function releasedImage(path: string, documentName: string, host: HostReadPorts): Promise<ReleasedImage> {
  const image = await readImagePackage(path, host.archives);
  const said = (name: string): string | undefined => image.labels[`${label}${name}`];
  const [name = ''] = image.repositoryTags;
  const version = said('version') ?? (name.includes(':') ? name.slice(name.lastIndexOf(':') + 1) : 'unknown');
  const beside = await besideImage(join(dirname(dirname(path)), documentName), host);
  const document = beside?.version === version ? beside : null;
  return {
    product: said('title') ?? document?.product ?? repositoryOf(name),
    version,
    commit: said('revision') ?? document?.commit ?? 'unknown',
    buildDate: said('created') ?? document?.build_date ?? 'unknown',
    ...platformOf(image),
    migrations: document?.migrations ?? 'unknown',
    image: name,
    imageId: image.imageId,
  };
}

const platformOf = ({ operatingSystem, architecture }: ImagePackage) => ({ os: operatingSystem, arch: architecture });

const repositoryOf = (name: string): string => (name.split('/').at(-1) ?? '').replace(/:.*$/, '');

async function besideImage(path: string, { files }: HostReadPorts) {
  if ((await files.stat(path))?.kind !== 'file') return null;
  return releaseDocument(await files.readText(path));
}
