// The reference router as the few files that its operators run, and its scripted upstream beside it. Shared by the build and by the
// tests, so that a test never sees another router than a release holds.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Packages whose native code cannot be put into a file of JavaScript. */
const leftOutside = ['better-sqlite3'];
export const licensesFile = 'THIRD-PARTY-LICENSES.txt';

/** Digest of everything that a bundle is made from. */
export function bundleState(root) {
  const sources = readdirSync(join(root, 'src/router'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join('src/router', path));
  const hash = createHash('sha256');
  for (const path of [...sources, 'package-lock.json', 'tsconfig.json', 'bin/router-bundle.js'].sort())
    hash
      .update(`${path}\n`)
      .update(readFileSync(join(root, path)))
      .update('\n');
  return hash.digest('hex');
}

/** Writes `program.js` with its workers, and `lab/upstream-program.js`, which no release holds; resolves with the modules of each. */
export async function bundleRouter(root, into) {
  const source = (path) => join(root, 'src/router', path);
  const router = await bundle(root, into, {
    program: source('program.ts'),
    // A thread is a program of its own, found beside the one that starts it.
    'report-worker': source('reports/report-worker.ts'),
    'usage-worker': source('usage/usage-worker.ts'),
  });
  const lab = await bundle(root, join(into, 'lab'), { 'upstream-program': source('lab/upstream-program.ts') });
  return { router, lab };
}

async function bundle(root, into, input) {
  const { rolldown } = await import('rolldown');
  const bundled = await rolldown({ cwd: root, input, platform: 'node', external: [/^node:/, ...leftOutside], logLevel: 'warn' });
  try {
    const { output } = await bundled.write({ dir: into, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name].js' });
    const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? Object.keys(chunk.modules) : []));
    writeFileSync(join(into, licensesFile), licensesOf(packagesOf(root, modules)));
    return modules;
  } finally {
    await bundled.close();
  }
}

/** Directories of the packages that the modules come from. */
function packagesOf(root, modules) {
  // The innermost package; what is no file of one is ours.
  const found = modules.flatMap((module) => /^.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? []);
  // The bundler adds helpers of its own.
  return [...new Set([...found, join(root, 'node_modules/rolldown')])];
}

function licensesOf(directories) {
  const sections = directories.map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    const texts = readdirSync(directory)
      .filter((file) => /^(licen[cs]e|notice|copying)([.-]|$)/i.test(file))
      .sort()
      .map((file) => readFileSync(join(directory, file), 'utf8').trim());
    if (texts.length === 0) throw new Error(`${name} ${version} would be bundled, and its licence text is not in ${directory}`);
    return `${'='.repeat(80)}\n${name} ${version}, ${license}\n${'='.repeat(80)}\n\n${texts.join('\n\n')}\n`;
  });
  return `These files hold parts of the packages below, each under its own licence.\n\n${sections.sort().join('\n')}`;
}
