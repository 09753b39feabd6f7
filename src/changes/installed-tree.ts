// Compares an installed version directory with the digests of its package, so that a reused directory is proven, not trusted.
import type { FileReads } from '../core/ports/files.js';

/** The first difference in words, or null when the directory holds exactly the files of the manifest. */
export async function treeDifference(
  files: FileReads,
  directory: string,
  manifest: Readonly<Record<string, string>>,
): Promise<string | null> {
  const found = new Set<string>();
  const visit = async (below: string): Promise<string | null> => {
    for (const name of await files.list(`${directory}/${below}`)) {
      const path = `${below}${name}`;
      const facts = await files.stat(`${directory}/${path}`);
      if (facts?.kind === 'directory') {
        const difference = await visit(`${path}/`);
        if (difference !== null) return difference;
      } else {
        found.add(path);
        const wanted = manifest[path];
        if (wanted === undefined) return `${path} does not belong to the package`;
        if (facts?.kind !== 'file' || (await files.sha256(`${directory}/${path}`)) !== wanted) return `${path} differs from the package`;
      }
    }
    return null;
  };
  const difference = await visit('');
  if (difference !== null) return difference;
  const missing = Object.keys(manifest).find((path) => !found.has(path));
  return missing === undefined ? null : `${missing} is missing`;
}
