// The list of versions that were rolled back, in `<root>/.routerctl/bad-versions.json`.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BadVersion, BadVersions } from '../core/ports/bad-versions.js';
import { writeDurably } from './durable-file.js';

export function badVersionsNode(): BadVersions {
  return {
    find: (root, version) => listed(root).find((bad) => bad.version === version) ?? null,
    mark: (root, bad) => store(root, [...listed(root).filter(({ version }) => version !== bad.version), bad]),
    lift: (root, version) =>
      store(
        root,
        listed(root).filter((bad) => bad.version !== version),
      ),
  };
}

const pathIn = (root: string): string => join(root, '.routerctl', 'bad-versions.json');

function listed(root: string): readonly BadVersion[] {
  return existsSync(pathIn(root)) ? (JSON.parse(readFileSync(pathIn(root), 'utf8')) as readonly BadVersion[]) : [];
}

function store(root: string, versions: readonly BadVersion[]): Promise<void> {
  return writeDurably(pathIn(root), `${JSON.stringify(versions, null, 2)}\n`, { mode: 0o660 });
}
