// A note says "docs only": is that true of the package? Compared by the lists of digests of the package and of the version in use.
import type { HostReadPorts } from '../../src/core/ports/ports.js';
import { readSums } from './release-document.js';

/** Files that are not the same in both, at most a few of each sort. Documentation, and what names the version, may differ. */
export type Differing = {
  readonly config: readonly string[];
  readonly migrations: readonly string[];
  readonly programs: readonly string[];
};

const maxNames = 5;

const documentation = /(?:^|\/)docs?\/|\.(?:md|txt|html|svg|png)$|^RELEASE\.json$/i;
const migration = /(?:^|\/)migrations?\/|\.sql$/i;
const config = /\.(?:ya?ml|toml|ini|conf|env)(?:\.example)?$|\.example(?:\.\w+)?$/i;

/** null when one of the two has no list that can be read. */
export async function differingFiles(
  { files, archives }: HostReadPorts,
  { path, list, installed }: { readonly path: string; readonly list: string; readonly installed: string },
): Promise<Differing | null> {
  const entry = (await archives.list(path)).find(({ path: name }) => name.split('/').slice(1).join('/') === list);
  const before = `${installed}/${list}`;
  if (entry === undefined || (await files.realPath(before)) === null) return null;
  const sums = readSums(await archives.readText(path, entry.path));
  const old = readSums(await files.readText(before));
  if (sums === null || old === null) return null;
  const names = [...new Set([...sums.keys(), ...old.keys()])].filter(
    (name) => sums.get(name) !== old.get(name) && !documentation.test(name),
  );
  const sort = (is: (name: string) => boolean): readonly string[] => names.filter(is).sort().slice(0, maxNames);
  return {
    migrations: sort((name) => migration.test(name)),
    config: sort((name) => config.test(name) && !migration.test(name)),
    programs: sort((name) => !config.test(name) && !migration.test(name)),
  };
}
