// The arrows of docs/architecture.md as rules: who may import whom, and which one file owns a vendor package.
// test/architecture/arrows.test.ts plants one violation per rule and sees it fail, so that a blind tool cannot pass.
const { builtinModules } = require('node:module');

/** `from` may import `src/core`, itself and whatever `also` names; everything else of ours is an error. */
const only = (name, from, also, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: '^(src|checks|bin|fixtures)/', pathNot: [`^${from}/`, ...also.map((path) => `^${path}`)] },
});

/** A vendor package has one owner file outside of the router and, where named, one inside it; its types may be named beside it. */
const owner = (vendor, owners, comment) => ({
  name: `owner-of-${vendor.replace(/[@/]/g, '-').replace(/^-/, '')}`,
  comment,
  severity: 'error',
  from: { path: '^(src|checks)/', pathNot: owners },
  to: { path: `(^|/)node_modules/(@types/)?${vendor}/`, dependencyTypesNot: ['type-only'] },
});

const outside = builtinModules.filter((name) =>
  /^(fs|net|tls|dgram|http|https|http2|child_process|worker_threads|cluster|dns)(\/|$)/.test(name),
);
const router = '^src/router/';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'two files that import each other are one concept, or hide a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    only('core-imports-nothing', 'src/core', [], 'the words must be readable, and loadable, without anything else of ours'),
    ...['playbook', 'engine', 'changes', 'report', 'usage', 'ui', 'adapters'].map((folder) =>
      only(
        `${folder}-imports-core-only`,
        `src/${folder}`,
        ['src/core/'],
        'these rooms meet in app and cli; between each other they would grow together',
      ),
    ),
    only(
      'checks-import-core-only',
      'checks',
      ['src/core/'],
      'checks are written against the public contract, as an outsider would write them',
    ),
    only(
      'app-gets-ports-as-arguments',
      'src/app',
      ['core', 'playbook', 'engine', 'report', 'usage'].map((folder) => `src/${folder}/`),
      'a use case that builds an adapter, or knows one kind of check or change, cannot be tested with another',
    ),
    only(
      'cli-wires',
      'src/cli',
      ['core', 'playbook', 'engine', 'changes', 'report', 'usage', 'adapters', 'ui', 'app']
        .map((folder) => `src/${folder}/`)
        .concat('checks/'),
      'the wiring knows every room but the commands and the reference router',
    ),
    only(
      'commands-call-use-cases',
      'src/commands',
      ['src/app/', 'src/cli/', 'src/ui/', 'src/core/', 'src/router/'],
      'a command parses flags, calls one use case and renders; logic in it could not be reused by CI',
    ),
    only(
      'router-stands-alone',
      'src/router',
      ['$never/'],
      'router and checks share no code, so that one wrong assumption cannot hide on both sides',
    ),
    {
      name: 'router-is-for-the-lab',
      comment: 'the product must not lean on its own test partner',
      severity: 'error',
      from: { path: '^(src|checks)/', pathNot: ['^src/router/', '^src/commands/lab/'] },
      to: { path: '^src/router/' },
    },
    {
      name: 'adapters-are-built-in-cli',
      comment: 'one place decides what is real, so that every other room runs on ports',
      severity: 'error',
      from: { path: '^(src|checks)/', pathNot: ['^src/adapters/', '^src/cli/'] },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'ports-are-the-only-way-out',
      comment: 'a check or change that opens files or sockets itself escapes dry runs, the lease and the journal',
      severity: 'error',
      from: { path: '^(checks|src/changes)/' },
      to: { dependencyTypes: ['core'], path: `^(node:)?(${outside.join('|')})$` },
    },
    {
      name: 'no-vendor-in-checks-and-changes',
      comment: 'a vendor package is reached through a port, and zod through core/zod.ts',
      severity: 'error',
      from: { path: '^(checks|src/changes)/' },
      to: { path: '(^|/)node_modules/', pathNot: '(^|/)node_modules/@types/node/' },
    },
    {
      name: 'nothing-imports-tests',
      comment: 'what ships must not need what does not',
      severity: 'error',
      from: { path: '^(src|checks|bin)/' },
      to: { path: '^(test|fixtures)/' },
    },
    {
      name: 'dev-packages-stay-out',
      comment: 'a development dependency is not installed where routerctl runs; only what builds it may need one',
      severity: 'error',
      from: { path: '^(src|checks|bin)/', pathNot: '^bin/router-bundle\\.js$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'everything-resolves',
      comment: 'an import that cannot be found is an import that no rule can judge',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    owner(
      'undici',
      ['^src/adapters/http-undici\\.ts$', `${router}upstream/upstream-client\\.ts$`],
      'one file decides about timeouts, redirects, limits and TLS',
    ),
    owner(
      'better-sqlite3',
      ['^src/adapters/sqlite\\.ts$', `${router}usage/usage-database\\.ts$`],
      'one file decides how a database is opened',
    ),
    owner('yaml', ['^src/playbook/yaml-text\\.ts$', `${router}config/yaml-text\\.ts$`], 'YAML is hardened in one place'),
    owner('tar', ['^src/adapters/tar-walk\\.ts$', `${router}lab/package-archive\\.ts$`], 'what may come out of an archive is decided once'),
    owner('pngjs', [`${router}lab/upstream/png-pixels\\.ts$`], 'one file turns bytes into pixels, so that a picture has one meaning'),
    owner('listr2', ['^src/ui/'], 'listr2 renders only; the engine runs'),
    owner('cli-table3', ['^src/ui/'], 'tables are drawn by the viewer'),
    owner('zod', ['^src/core/zod\\.ts$', router], 'specs get zod from core, so that one file owns its version'),
    owner('age-encryption', ['^src/adapters/vault-age\\.ts$', `${router}lab/lab-keys\\.ts$`], 'encryption has one door'),
    owner('casbin', [`${router}access/casbin-policy\\.ts$`], 'one file turns the config into a policy'),
    owner('prom-client', [`${router}metrics/metric-registry\\.ts$`], 'metrics are spelt in one place'),
    owner('marked', [`${router}docs-pages/markdown\\.ts$`], 'what a release note may put on a page is decided in one place'),
    owner('pino', [router], 'only the router logs lines; routerctl has a journal'),
    owner('@oclif/core', ['^src/commands/', '^src/cli/'], 'the command line framework stays at the command line'),
    owner('@marcbachmann/cel-js', ['^src/playbook/expression\\.ts$'], 'one expression language, evaluated in one place'),
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    exclude: { path: '^(dist|\\.cache|coverage)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
