// A compose project, told by its directory. This version says that it found one and describes none: half a description would look like
// a deployment that can be upgraded.
import { join } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { FileReads } from '../core/ports/files.js';

/** As compose looks for them: the first that is there counts. */
const names = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** The file of the project in that directory; null without one. */
export async function composeFileIn(directory: string, files: Pick<FileReads, 'list'>): Promise<string | null> {
  const there = await files.list(directory).catch((): readonly string[] => []);
  const name = names.find((candidate) => there.includes(candidate));
  return name === undefined ? null : join(directory, name);
}

/** Throws ROUTER_NOT_FOUND: either there is none, or this version cannot describe it. */
export async function refuseCompose(directory: string, files: Pick<FileReads, 'list'>): Promise<never> {
  const file = await composeFileIn(directory, files);
  if (file === null)
    throw new RouterctlError('ROUTER_NOT_FOUND', `${directory} holds no compose project`, {
      details: names.map((name) => `tried ${join(directory, name)}`),
      hint: 'name the directory in which docker compose is run',
    });
  throw new RouterctlError('ROUTER_NOT_FOUND', `found the compose project of ${file}, which init cannot describe yet`, {
    hint: 'its router can be asked all the same: routerctl smoke URL',
  });
}
