import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkConfigFile } from '../../src/router/config/check-config-file.js';
import { ConfigError, loadConfig } from '../../src/router/config/config-file.js';
import { modeWarnings } from '../../src/router/config/file-modes.js';

const whole = `listen: { port: 4000 }
database: { path: data/usage.sqlite }
providers:
  primary:
    base_url: http://127.0.0.1:4100/v1
    models:
      small: { input_price_per_million_usd: 1 }
models:
  chat: { targets: [{ provider: primary, model_ref: small }] }
callers:
  - { id: me, token_sha256: ${'a'.repeat(64)}, allow: [chat] }
`;
let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'routerctl-config-'));
  file = join(directory, 'config.yaml');
});
afterAll(() => rmSync(directory, { recursive: true }));

function findings(text: string): readonly string[] {
  writeFileSync(file, text);
  try {
    loadConfig(file);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.findings.map((finding) => finding.replace(`${file}:`, ''));
  }
}

test('a small config is enough, and relative paths are taken from its directory', () => {
  writeFileSync(file, whole);

  expect(loadConfig(file).config).toMatchObject({
    product: 'reference-router',
    listen: { host: '127.0.0.1', port: 4000 },
    database: { path: join(directory, 'data/usage.sqlite') },
    providers: { primary: { dialect: 'openai-chat' } },
    callers: [{ status: 'active' }],
  });
});

test.each([
  ['an unknown key', whole.replace('listen:', 'listne: 1\nlisten:'), ['1:1 config: unrecognized key: "listne"']],
  ['a wrong type', whole.replace('4000', 'many'), ['1:17 listen.port: invalid input: expected number, received string']],
  [
    'a group with an unknown provider',
    whole.replace('provider: primary', 'provider: second'),
    ['9:33 models.chat.targets.0.provider: no provider is named "second"'],
  ],
  [
    'a group with an unknown model',
    whole.replace('model_ref: small', 'model_ref: tiny'),
    ['9:53 models.chat.targets.0.model_ref: provider "primary" has no model "tiny"'],
  ],
  ['a caller with an unknown group', whole.replace('[chat]', '[chta]'), ['11:102 callers.0.allow: no model group is named "chta"']],
  [
    'a token instead of its digest',
    whole.replace('a'.repeat(64), 'rt-secret'),
    ['11:29 callers.0.token_sha256: the SHA-256 of the token, 64 lower-case hex digits'],
  ],
  ...['http://user:word@127.0.0.1/v1', 'http://127.0.0.1/v1?key=x', 'http://127.0.0.1/v1#x'].map(
    (url) =>
      [
        `a base URL like ${url}`,
        whole.replace('http://127.0.0.1:4100/v1', url),
        ['5:15 providers.primary.base_url: must end with its path: no query, fragment, user or password'],
      ] as [string, string, string[]],
  ),
  [
    'a key among the headers',
    whole.replace('    models:', '    headers: { Authorization: Bearer sk-x }\n    models:'),
    [expect.stringContaining('the key goes into api_key, api_key_env or api_key_file')],
  ],
  [
    'a header that would become two',
    whole.replace('    models:', '    headers: { x-a: "b\\nc: d" }\n    models:'),
    [expect.stringContaining('printable ASCII')],
  ],
  ...['Content-Length: "3"', 'transfer-encoding: chunked', 'Expect: 100-continue', 'Accept-Encoding: gzip'].map(
    (header) =>
      [
        `a header that is the router's own, ${header}`,
        whole.replace('    models:', `    headers: { ${header} }\n    models:`),
        [expect.stringMatching(/^6:\d+ providers\.primary\.headers\.[\w-]+: the router writes this header itself$/)],
      ] as [string, string, string[]],
  ),
  ...['upstream: { first_byte_timeout_ms: 2147483648 }', 'upstream: { total_timeout_ms: 99999999999 }', 'limits: { drain_ms: 3e9 }'].map(
    (line) =>
      [
        `a time that no timer can hold, ${line}`,
        `${whole}${line}\n`,
        [expect.stringMatching(/^12:\d+ \S+_ms: must be at most 2147483647, which is 24 days$/)],
      ] as [string, string, string[]],
  ),
  [
    'a default span that no report may have',
    `${whole}admin_reports: { default_since: 90d }\n`,
    ['12:33 admin_reports.default_since: must be a span of time within max_range_days'],
  ],
  ['a default span of nothing', `${whole}admin_reports: { default_since: 0m }\n`, [expect.stringContaining('must be a span of time')]],
  [
    'one token for two callers',
    `${whole}  - { id: second, token_sha256: ${'a'.repeat(64)}, allow: ["*"] }\n`,
    [expect.stringContaining('another caller has this token')],
  ],
  ...['caller:me2', 'basic:ada2'].map(
    (subject) =>
      [
        `a grant to ${subject}, who is not there`,
        `${whole}admin_auth:\n  users: [{ username: ada, password_hash_env: ADA }]\n  policy:\n${[
          'basic:ada',
          'role:none',
          'caller:me',
          subject,
        ]
          .map((who) => `    - { subject: "${who}", domain: "*", object: metrics, action: read }\n`)
          .join('')}`,
        [
          `18:18 admin_auth.policy.3.subject: no ${subject.startsWith('b') ? 'administrator' : 'caller'} is named "${subject.split(':')[1]}"`,
        ],
      ] as [string, string, string[]],
  ),
  [
    'a role of somebody who is not there',
    `${whole}admin_auth:\n  roles:\n    - { subject: "basic:eve", role: "role:none", domain: "*" }\n`,
    ['14:18 admin_auth.roles.0.subject: no administrator is named "eve"'],
  ],
  ['a key given twice', `${whole}listen: { port: 1 }\n`, ['12:1 the key "listen" is written twice; keep one']],
])('%s is an error with its place', (_, text, expected) => {
  expect(findings(text)).toEqual(expected);
});

test('a text that is not YAML, or far too deep, is an error and no crash', () => {
  expect(findings('a: [').length).toBeGreaterThan(0);
  expect(findings('a:\n '.repeat(50_000))).toHaveLength(50);
  for (const deep of ['[', '{a: ', '- ', '? '])
    expect(findings(deep.repeat(Math.ceil(1_048_576 / deep.length))), deep).toEqual([expect.stringMatching(/^\d+:\d+ ./)]);
  expect(findings('x'.repeat(4 * 1024 * 1024 + 1))).toEqual(['1:1 the file is 4194305 bytes; at most 4194304 are read']);
  expect(
    findings(
      `a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n`,
    ),
  ).toEqual([expect.stringContaining('aliases')]);
  expect(findings('a: *nobody')).toEqual([expect.stringContaining('an alias (*name) names nothing')]);
  expect(findings('a: 1\n---\nb: 2\n')).toEqual([expect.stringContaining('a second document')]);
  expect(findings(Array.from({ length: 3000 }, (_, index) => `unknown${index}: [`).join('\n')).length).toBeLessThanOrEqual(50);
});

test('the digest is that of the bytes in the file, with the mark that some editors put in front', () => {
  const bytes = Buffer.from(`\ufeff${whole}`);
  writeFileSync(file, bytes);

  expect(loadConfig(file).digest).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('a file that is no UTF-8 is an error', () => {
  writeFileSync(file, Buffer.from('product: caf\u00e9', 'latin1'));

  expect(() => loadConfig(file)).toThrow(/not text in UTF-8/);
});

test.each(['', '# later\n', '---\n', 'null\n'])('a file that says nothing (%j) is told what it must name', (text) => {
  writeFileSync(file, text);

  expect(() => loadConfig(file)).toThrow(`${file}:1:1 the file is empty: name at least listen, database, providers, models and callers`);
});

test('all findings come at once, in every part of the file', () => {
  const broken = whole
    .replace('4000', 'many')
    .replace('provider: primary', 'provider: second')
    .replace('[chat]', '[chta]')
    .replace('price_per_million_usd: 1', 'price: 1')
    .concat('admin_auth: { policy: [{ subject: "basic:eve", domain: "*", object: metrics, action: read }] }\n');

  expect(findings(broken).map((finding) => finding.split(' ')[1])).toEqual([
    'listen.port:',
    'providers.primary.models.small:',
    'models.chat.targets.0.provider:',
    'callers.0.allow:',
    'admin_auth.policy.0.subject:',
  ]);
});

test('config and key files that everybody may read or change are warned about', () => {
  const key = join(directory, 'provider.key');
  const text = whole.replace('    models:', '    api_key_file: provider.key\n    models:');
  writeFileSync(file, text);
  writeFileSync(key, 'sk-x');
  const warningsWith = (configMode: number, keyMode: number): readonly string[] => {
    chmodSync(file, configMode);
    chmodSync(key, keyMode);
    return modeWarnings(file, loadConfig(file).config);
  };

  expect(warningsWith(0o640, 0o600)).toEqual([]);
  expect(warningsWith(0o644, 0o604)).toEqual([
    `${file} can be read by every user of this machine (mode 0644); give it 0640 or less`,
    `${key} can be read by every user of this machine (mode 0604); give it 0640 or less`,
  ]);
  expect(warningsWith(0o642, 0o600)).toEqual([`${file} can be changed by every user of this machine (mode 0642); give it 0640 or less`]);
});

test('an administrator whose password hash is not in the environment is warned about with its place', () => {
  const users = ['set', 'unset', 'wrong'].map((name) => `    - { username: ${name}, password_hash_env: HASH_${name.toUpperCase()} }\n`);
  writeFileSync(file, `${whole}admin_auth:\n  users:\n${users.join('')}`, { mode: 0o600 });
  chmodSync(file, 0o600);
  const hash = `scrypt:1024:8:1:${'a'.repeat(22)}:${'b'.repeat(43)}`;
  const place = (line: number, index: number): string => `${file}:${line}:45 admin_auth.users.${index}.password_hash_env:`;

  expect(checkConfigFile(file, { HASH_SET: hash, HASH_WRONG: 'correct horse' })).toMatchObject({
    findings: [],
    warnings: [
      `${place(15, 1)} HASH_UNSET is not set in this environment; "unset" cannot sign in`,
      `${place(16, 2)} HASH_WRONG does not hold a scrypt hash as lab hash-password prints it; "wrong" cannot sign in`,
    ],
  });
});

test('a file that is not there is named', () => {
  expect(() => loadConfig('/nowhere/config.yaml')).toThrow('/nowhere/config.yaml cannot be read: ENOENT');
});
