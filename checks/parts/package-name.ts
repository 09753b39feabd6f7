// The file name of a binary package, taken apart: `<product>-<version>-<os>-<arch>.tar.gz`.

export interface PackageName {
  readonly stem: string;
  readonly version: string;
  readonly os: string;
  readonly architecture: string;
}

export function packageName(fileName: string, product: string): PackageName | null {
  if (!fileName.startsWith(`${product}-`)) return null;
  const [, version, os, architecture] = /^(\d[\w.+-]*)-([a-z]+)-([a-z0-9]+)\.tar\.gz$/.exec(fileName.slice(product.length + 1)) ?? [];
  if (version === undefined || os === undefined || architecture === undefined) return null;
  return { stem: fileName.slice(0, -'.tar.gz'.length), version, os, architecture };
}
