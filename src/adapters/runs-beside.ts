// The runs that lie beside a deployment, in `<root>/.routerctl/runs`: the truth about what was begun there, whichever user began
// it. An index of one user knows only that user's runs.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isPresent, onOwnFiles } from './refused-access.js';

export function runsDirectory(root: string): string {
  return join(root, '.routerctl', 'runs');
}

/** Folders of complete runs, newest first; throws STATE_UNWRITABLE when this user may not see them. */
export function runsBeside(root: string): readonly string[] {
  const directory = runsDirectory(root);
  if (!isPresent(directory)) return [];
  return onOwnFiles(directory, () => readdirSync(directory))
    .filter((name) => !name.startsWith('.'))
    .toSorted()
    .toReversed()
    .map((name) => join(directory, name))
    .filter((path) => isPresent(join(path, 'plan.json')));
}

/** It began and did not come to an end: something may be half-changed. A run without a journal has done nothing yet. */
export function isUnfinished(root: string, runId: string): boolean {
  const folder = join(runsDirectory(root), runId);
  return isPresent(join(folder, 'journal.sqlite')) && !isPresent(join(folder, 'result.json'));
}
