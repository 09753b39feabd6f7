// The router made from its sources as they are now, once for each state of the sources, shared by parallel test workers: `dist` may be
// older than they are.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleRouter, bundleState } from '../../bin/router-bundle.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = join(root, 'src', 'router');
export const cacheDirectory = join(tmpdir(), 'routerctl-test-cache');

/** Directory with the files that operators run, made as a build makes them. */
export async function bundledRouter(): Promise<string> {
  return routerMadeBy('bundle', (into) => bundleRouter(root, into));
}

/** Directory with one file for each source: for tests that load a single one into a thread or a process of its own. */
export async function compiledRouter(): Promise<string> {
  return routerMadeBy('router', compile);
}

async function routerMadeBy(name: string, make: (into: string) => unknown): Promise<string> {
  // Packages of it lie beside it, with a native module for this Node.
  const ready = join(cacheDirectory, `${name}-${bundleState(root).slice(0, 24)}-${process.versions.modules}`);
  if (!existsSync(ready)) {
    const directory = newCacheEntry();
    await make(join(directory, 'router'));
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }\n');
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    publish(directory, ready);
  }
  return join(ready, 'router');
}

async function compile(into: string): Promise<void> {
  const { default: typescript } = await import('typescript');
  const { ModuleKind, ScriptTarget } = typescript;
  for (const path of readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.ts'))) {
    const { outputText } = typescript.transpileModule(readFileSync(join(sources, path), 'utf8'), {
      compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2023, verbatimModuleSyntax: true },
    });
    const file = join(into, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, outputText);
  }
}

export function newCacheEntry(): string {
  mkdirSync(cacheDirectory, { recursive: true, mode: 0o700 });
  return mkdtempSync(join(cacheDirectory, 'new-'));
}

/** Two workers may build the same thing at the same time; the first to rename wins and the other's is thrown away. */
export function publish(directory: string, ready: string): void {
  try {
    renameSync(directory, ready);
  } catch (error) {
    if (!existsSync(ready)) throw error;
    rmSync(directory, { recursive: true, force: true });
  }
}
