// Where the router lies that this code belongs to: the few files that a build makes of it, which is what operators run. Kept apart,
// because what serves, packages and starts it must mean the same one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from './lab-error.js';

/** Beside the directory of the compiled sources. */
export const ownProgramDirectory = fileURLToPath(new URL('../../../reference-router', import.meta.url));

/** @throws LabError when nothing is built there */
export function programIn(directory: string): string {
  const program = join(directory, 'program.js');
  if (!existsSync(program)) throw new LabError('FILE_MISSING', `there is no compiled router in ${directory}`, 'run npm run build');
  return program;
}
