import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/router/config/config-file.js';

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
  ['an unknown key', whole.replace('listen:', 'listne: 1\nlisten:'), ['1:1 config: Unrecognized key: "listne"']],
  ['a wrong type', whole.replace('4000', 'many'), ['1:17 listen.port: Invalid input: expected number, received string']],
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
  ['a key given twice', `${whole}listen: { port: 1 }\n`, ['12:1 the key "listen" is written twice; keep one']],
  ['an empty file', '', ['1:1 config: Invalid input: expected object, received null']],
])('%s is an error with its place', (_, text, expected) => {
  expect(findings(text)).toEqual(expected);
});

test('a text that is not YAML, or far too deep, is an error and no crash', () => {
  expect(findings('a: [').length).toBeGreaterThan(0);
  expect(findings('['.repeat(100_000)).length).toBeGreaterThan(0);
});

test('a file that is not there is named', () => {
  expect(() => loadConfig('/nowhere/config.yaml')).toThrow('/nowhere/config.yaml cannot be read: ENOENT');
});
