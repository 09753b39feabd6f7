// The compiled part of better-sqlite3, judged before it is loaded: one that was compiled with the headers of Node 24.19 or later aborts
// the process at some later moment, and a refusal now is better than a dead runner in the middle of an upgrade.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RouterctlError } from '../core/errors.js';

const resolve = createRequire(import.meta.url).resolve;
const replacement = fileURLToPath(new URL('../../../native/object-wrap.h', import.meta.url));

/** Where npm puts what it fetched or compiled. */
export const bindingPath = (): string => join(dirname(resolve('better-sqlite3/package.json')), 'build/Release/better_sqlite3.node');

/** Only Node 24 aborts; elsewhere nothing is read. A file that is not there is told by the load itself. */
export function refuseAbortingBinding(path = bindingPath(), node = process.versions.node): void {
  if (!node.startsWith('24.') || !calls(path, 'RemoveEnvironmentCleanupHook')) return;
  throw new RouterctlError('DATABASE_BINDING', `better-sqlite3 was compiled here in a way that makes Node ${node} abort: ${path}`, {
    hint: `in the directory that holds node_modules: CXXFLAGS='-include "${replacement}"' npm rebuild better-sqlite3 --build-from-source`,
  });
}

function calls(path: string, name: string): boolean {
  try {
    return readFileSync(path).includes(name);
  } catch {
    return false;
  }
}
