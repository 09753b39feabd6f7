// The router compiled from its sources as they are now, once for each state of the sources, shared by parallel test workers.
// Packages need JavaScript files, and `dist` may be older than the sources.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = join(root, 'src', 'router');
export const cacheDirectory = join(tmpdir(), 'routerctl-test-cache');

/** Directory with `program.js`; made anew only when a source or the lockfile changed. */
export async function compiledRouter(): Promise<string> {
  return routerMadeBy('router', compile);
}

/** The same program as one file beside its native module: for tests that install, copy and start it hundreds of times. */
export async function bundledRouter(): Promise<string> {
  return routerMadeBy('bundle', bundle);
}

type Make = (files: readonly string[], into: string) => void | Promise<void>;

async function routerMadeBy(name: string, make: Make): Promise<string> {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort();
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(process.versions.modules);
  for (const path of files) hash.update(path).update(readFileSync(join(sources, path)));
  const ready = join(cacheDirectory, `${name}-${hash.digest('hex').slice(0, 24)}`);
  if (!existsSync(ready)) {
    const directory = newCacheEntry();
    await make(files, join(directory, 'router'));
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }\n');
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    publish(directory, ready);
  }
  return join(ready, 'router');
}

async function compile(files: readonly string[], into: string): Promise<void> {
  const { default: typescript } = await import('typescript');
  const { ModuleKind, ScriptTarget } = typescript;
  for (const path of files) {
    const { outputText } = typescript.transpileModule(readFileSync(join(sources, path), 'utf8'), {
      compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2023, verbatimModuleSyntax: true },
    });
    const file = join(into, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, outputText);
  }
}

async function bundle(_files: readonly string[], into: string): Promise<void> {
  const { rolldown } = await import('rolldown');
  const input = {
    program: join(sources, 'program.ts'),
    // A thread is a program of its own, found beside the one that starts it.
    'report-worker': join(sources, 'reports', 'report-worker.ts'),
    'usage-worker': join(sources, 'usage', 'usage-worker.ts'),
    'lab/upstream-program': join(sources, 'lab', 'upstream-program.ts'),
  };
  const bundled = await rolldown({ input, platform: 'node', external: [/^node:/, 'better-sqlite3'], logLevel: 'silent' });
  await bundled.write({ dir: into, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name].js' });
  await bundled.close();
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
