// Files with secrets that everybody on the machine may read or change: worth a warning, not a refusal, since a container may
// mount them so and be alone on its machine.
import { statSync } from 'node:fs';
import type { RouterConfig } from './config.js';

const readByOthers = 0o004;
const writtenByOthers = 0o002;

/** One sentence for each file whose mode is too open; a file that is not there is no matter of its mode. */
export function modeWarnings(configPath: string, config: RouterConfig): readonly string[] {
  const keys = Object.values(config.providers).flatMap(({ api_key_file: path }) => (path === undefined ? [] : [path]));
  const { file, state_file: state, public_key_file: publicKey } = config.license ?? {};
  const writable = [file, state, publicKey].filter((path) => path !== undefined);
  return [
    ...[configPath, ...new Set(keys)].flatMap((path) => warningOf(path, readByOthers | writtenByOthers, '0640')),
    ...writable.flatMap((path) => warningOf(path, writtenByOthers, '0644')),
  ];
}

function warningOf(path: string, tooOpen: number, better: string): string[] {
  const mode = modeOf(path);
  if (mode === null || (mode & tooOpen) === 0) return [];
  const what = (mode & tooOpen & writtenByOthers) === 0 ? 'read' : 'changed';
  return [`${path} can be ${what} by every user of this machine (mode ${mode.toString(8).padStart(4, '0')}); give it ${better} or less`];
}

function modeOf(path: string): number | null {
  try {
    return statSync(path).mode & 0o777;
  } catch {
    return null;
  }
}
