// What a program of Node needs to run where there is nothing else: the node that runs here, its loader and its libraries, as the
// dynamic linker itself names them.
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import type { LayerFile } from './image-archive.js';
import { LabError } from './lab-error.js';

export const nodeInImage = '/usr/local/bin/node';

/** For the node of this machine and the given native modules. */
export function runtimeFiles(nativeModules: readonly string[]): readonly LayerFile[] {
  const node = realpathSync(process.execPath);
  const libraries = new Set([node, ...nativeModules].flatMap(librariesOf));
  return [
    { path: nodeInImage.slice(1), content: { file: node }, executable: true },
    ...[...libraries].map((path) => ({ path: path.slice(1), content: { file: realpathSync(path) }, executable: true })),
  ];
}

/** Absolute paths, as they are looked for when the program starts. */
function librariesOf(program: string): readonly string[] {
  let said: string;
  try {
    said = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch {
    throw new LabError('FILE_MISSING', `the libraries of ${program} could not be found with ldd`, 'make images on a Linux with glibc');
  }
  return said.split('\n').flatMap((line) => /(?:^|=>)\s*(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}
