// The shelf of this installation: shipped playbooks beside the compiled code, the reader's own below the working directory.
import { fileURLToPath } from 'node:url';
import { filesNode } from '../adapters/files-node.js';
import type { PlaybookShelf } from '../app/playbook-shelf.js';

/** From `dist/src/cli` as from `src/cli` the folder is found upwards, since only one of them has a `dist` between. */
const shipped = fileURLToPath(
  new URL(import.meta.url.includes('/dist/src/cli/') ? '../../../playbooks' : '../../playbooks', import.meta.url),
);

export function playbookShelf(workingDirectory: string): PlaybookShelf {
  return { files: filesNode(), shipped, workingDirectory };
}
