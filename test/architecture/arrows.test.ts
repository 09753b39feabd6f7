// The arrows hold only while dependency-cruiser really sees the tree: with an unsuited TypeScript it reports zero modules and exits 0.
// So one file per rule is planted in a copy of the skeleton, and every rule of the configuration must find its own.
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { sources } from './tree.js';

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { readonly from: string; readonly to: string; readonly rule: { readonly name: string } }[];
  };
}
interface Rule {
  readonly name: string;
  readonly comment?: string;
  readonly severity: string;
}

const root = resolve('.');
const config = resolve('.dependency-cruiser.cjs');
const { forbidden } = createRequire(import.meta.url)(config) as { readonly forbidden: readonly Rule[] };
const copy = await mkdtemp(join(tmpdir(), 'routerctl-arrows-'));
afterAll(() => rm(copy, { recursive: true, force: true }));

/** One violation per rule: the file that is planted, and what it imports (a path from the root, or a package). */
const planted: Readonly<Record<string, readonly [file: string, imports: string]>> = {
  'no-cycles': ['src/core/round.ts', 'src/core/trip.ts'],
  'core-imports-nothing': ['src/core/bad.ts', 'src/engine/seen.ts'],
  'playbook-imports-core-only': ['src/playbook/bad.ts', 'src/engine/seen.ts'],
  'engine-imports-core-only': ['src/engine/bad.ts', 'src/report/seen.ts'],
  'changes-imports-core-only': ['src/changes/bad.ts', 'src/engine/seen.ts'],
  'report-imports-core-only': ['src/report/bad.ts', 'src/engine/seen.ts'],
  'usage-imports-core-only': ['src/usage/bad.ts', 'src/engine/seen.ts'],
  'ui-imports-core-only': ['src/ui/bad.ts', 'src/engine/seen.ts'],
  'adapters-imports-core-only': ['src/adapters/bad.ts', 'src/engine/seen.ts'],
  'checks-import-core-only': ['checks/bad.ts', 'src/engine/seen.ts'],
  'app-gets-ports-as-arguments': ['src/app/bad.ts', 'src/changes/seen.ts'],
  'cli-wires': ['src/cli/bad.ts', 'src/router/seen.ts'],
  'commands-call-use-cases': ['src/commands/bad.ts', 'src/engine/seen.ts'],
  'router-stands-alone': ['src/router/bad.ts', 'src/core/seen.ts'],
  'router-is-for-the-lab': ['src/app/worse.ts', 'src/router/seen.ts'],
  'adapters-are-built-in-cli': ['src/app/builder.ts', 'src/adapters/seen.ts'],
  'ports-are-the-only-way-out': ['checks/opener.ts', 'node:fs/promises'],
  'no-vendor-in-checks-and-changes': ['src/changes/vendor.ts', 'zod'],
  'nothing-imports-tests': ['src/core/tested.ts', 'test/seen.ts'],
  'dev-packages-stay-out': ['src/engine/dev.ts', 'execa'],
  'everything-resolves': ['src/engine/lost.ts', 'src/engine/not-there.ts'],
  'owner-of-undici': ['src/adapters/other-undici.ts', 'undici'],
  'owner-of-better-sqlite3': ['src/adapters/other-sqlite.ts', 'better-sqlite3'],
  'owner-of-yaml': ['src/playbook/other-yaml.ts', 'yaml'],
  'owner-of-tar': ['src/adapters/other-tar.ts', 'tar'],
  'owner-of-listr2': ['src/cli/other-listr.ts', 'listr2'],
  'owner-of-cli-table3': ['src/cli/other-table.ts', 'cli-table3'],
  'owner-of-zod': ['src/playbook/other-zod.ts', 'zod'],
  'owner-of-age-encryption': ['src/adapters/other-age.ts', 'age-encryption'],
  'owner-of-pino': ['src/engine/other-log.ts', 'pino'],
  'owner-of-pngjs': ['src/router/lab/other-picture.ts', 'pngjs'],
  'owner-of-casbin': ['src/router/access/other-policy.ts', 'casbin'],
  'owner-of-prom-client': ['src/router/metrics/other-registry.ts', 'prom-client'],
  'owner-of-marked': ['src/router/docs-pages/other-markdown.ts', 'marked'],
  'owner-of-oclif-core': ['src/app/other-oclif.ts', '@oclif/core'],
  'owner-of-marcbachmann-cel-js': ['src/playbook/other-cel.ts', '@marcbachmann/cel-js'],
};

async function plant(): Promise<void> {
  for (const folder of ['core', 'engine', 'report', 'changes', 'router', 'adapters'])
    await write(`src/${folder}/seen.ts`, 'export const seen = 1;\n');
  await write('test/seen.ts', 'export const seen = 1;\n');
  await write('src/core/trip.ts', `export { found } from './round.js';\n`);
  for (const [file, imports] of Object.values(planted)) {
    const up = '../'.repeat(file.split('/').length - 1);
    const from = /^(src|test)\//.test(imports) ? `${up}${imports.replace(/\.ts$/, '.js')}` : imports;
    await write(file, `import * as found from '${from}';\nexport { found };\n`);
  }
  await cp('tsconfig.json', join(copy, 'tsconfig.json'));
  await cp('package.json', join(copy, 'package.json'));
  await cp(config, join(copy, '.dependency-cruiser.cjs'));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
}

async function write(file: string, content: string): Promise<void> {
  await mkdir(dirname(join(copy, file)), { recursive: true });
  await writeFile(join(copy, file), content);
}

async function cruise(cwd: string): Promise<Cruise> {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const folders = ['src', 'checks', 'test'];
  const { stdout } = await execa(
    'node',
    ['--preserve-symlinks', program, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders],
    { cwd, reject: false },
  );
  return JSON.parse(stdout) as Cruise;
}

test('every source is seen', async () => {
  const { summary } = await cruise(root);

  expect(summary.totalCruised).toBeGreaterThan(sources().length);
});

test('every rule has a reason, is an error and has a planted violation', () => {
  expect(forbidden.filter((rule) => (rule.comment ?? '').length < 20 || rule.severity !== 'error').map((rule) => rule.name)).toEqual([]);
  expect(Object.keys(planted).sort()).toEqual(forbidden.map((rule) => rule.name).sort());
});

test('every rule finds the violation that was planted for it', async () => {
  await plant();

  const { summary } = await cruise(copy);
  const found = new Set(summary.violations.map((violation) => `${violation.rule.name}: ${violation.from}`));

  const missed = Object.entries(planted)
    .map(([rule, [file]]) => `${rule}: ${file}`)
    .filter((violation) => !found.has(violation));
  expect(missed).toEqual([]);
});
