import { describe, expect, test } from 'vitest';
import { createRedactor, maskJson, type Redactor, secretsInJson } from '../../src/core/redaction.js';
import { canaries, encodings, givesAway } from './canaries.js';

const registered = (): Redactor => {
  const redactor = createRedactor();
  for (const [label, secret] of Object.entries(canaries)) redactor.register(label === 'caller' ? `"${secret}"\n` : secret, label);
  return redactor;
};
const maskerOff: Redactor = { register: () => undefined, mask: (text) => text, scan: () => [], ranges: () => [] };

function leaks(redactor: Redactor): string[] {
  const found: string[] = [];
  for (const [name, secret] of Object.entries(canaries)) {
    for (const [encoding, encode] of Object.entries(encodings)) {
      const text = encode(secret);
      if (givesAway(redactor.mask(text), text)) found.push(`${name} as ${encoding}`);
    }
  }
  return found;
}

describe('canaries', () => {
  test('no registered secret leaves in any of its spellings', () => {
    expect(leaks(registered())).toEqual([]);
  });

  test('the control run with the masker off finds every one of them', () => {
    expect(Object.keys(canaries).length).toBeGreaterThanOrEqual(14);
    expect(leaks(maskerOff)).toHaveLength(Object.keys(canaries).length * Object.keys(encodings).length);
  });

  test('the scanner names the secret in every spelling', () => {
    const redactor = registered();
    for (const [name, secret] of Object.entries(canaries)) {
      for (const [encoding, encode] of Object.entries(encodings))
        expect(redactor.scan(encode(secret)), `${name} as ${encoding}`).not.toEqual([]);
    }
  });

  test('masking twice changes nothing more, and the masked text scans clean', () => {
    const redactor = registered();
    for (const secret of Object.values(canaries)) {
      const once = redactor.mask(`Authorization: Bearer ${secret} password=${secret} https://u:${secret}@h.test/?token=abc`);
      expect(redactor.mask(once)).toBe(once);
      expect(redactor.scan(once)).toEqual([]);
    }
  });
});

describe('shapes that nobody registered', () => {
  test.each(['openai', 'anthropic', 'caller', 'google', 'huggingface', 'perplexity', 'bedrock', 'azure', 'github', 'groq'])(
    'a key like that of %s is masked and found',
    (name) => {
      const redactor = createRedactor();
      const secret = canaries[name] ?? '';
      expect(redactor.mask(`key is ${secret}.`)).not.toContain(secret.slice(10, 30));
      expect(redactor.scan(`key is ${secret}.`)).not.toEqual([]);
    },
  );

  test.each([
    ['-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA\nabc\n-----END EC PRIVATE KEY-----\nrest', '***private-key***\nrest'],
    ['-----BEGIN PRIVATE KEY-----\nMHcCAQEEIA and then the log ends', '***private-key***'],
    ['Authorization: Bearer abcdefgh12345678', 'Authorization: ***secret-name***'],
    ['{"api_key":"abc","max_tokens":12,"prompt_tokens": 7}', '{"api_key":"***secret-name***","max_tokens":12,"prompt_tokens": 7}'],
    ['{"body":"{\\"password\\":\\"hunter2\\"}"}', '{"body":"{\\"password\\":\\"***secret-name***\\"}"}'],
    ['OPENAI_API_KEY=abc', 'OPENAI_API_KEY=***secret-name***'],
    ['client_secret: Zx9', 'client_secret: ***secret-name***'],
    ['credential: env:ROUTER_KEY', 'credential: env:ROUTER_KEY'],
    ['the token: missing', 'the token: missing'],
    ['a bearer credential is needed', 'a bearer credential is needed'],
    ['postgres://user:hunter2@db.test/usage', 'postgres://***url-user***@db.test/usage'],
    ['GET /x?key=abcdef&q=1', 'GET /x?key=***url-query***&q=1'],
    ['data:image/png;base64,iVBORw0KGgo=', '[base64 25 bytes redacted]'],
    [`x ${'QUJD'.repeat(80)} y`, 'x [base64 240 bytes redacted] y'],
    ['a'.repeat(200), 'a'.repeat(200)],
    ['Authorization: Basic cm91dGVyOmh1bnRlcjI=', 'Authorization: ***secret-name***'],
    ['proxy said Basic cm91dGVyOmh1bnRlcjI= to us', 'proxy said Basic ***basic*** to us'],
    ['Basic requirements of version1', 'Basic requirements of version1'],
    ['Authorization: Bearer $ROUTER_TOKEN', 'Authorization: Bearer $ROUTER_TOKEN'],
    ['database_password=hunter2', 'database_password=***secret-name***'],
    ['DB_PASS=hunter2 next', 'DB_PASS=***secret-name*** next'],
    ['OPENAI_KEY_2=abc', 'OPENAI_KEY_2=***secret-name***'],
    ['OPENAI_KEY_EU: abc1', 'OPENAI_KEY_EU: ***secret-name***'],
    ['PASSWORD_1=abc', 'PASSWORD_1=***secret-name***'],
    ['MYSQL_PWD=abc', 'MYSQL_PWD=***secret-name***'],
    ['{"encryption_key":"0f1e2d3c4b5a"}', '{"encryption_key":"***secret-name***"}'],
    ['{"sort_key":"name"}', '{"sort_key":"name"}'],
    ['Server=db;Uid=sa;Pwd=hunter2;Pooling=true', 'Server=db;Uid=sa;Pwd=***secret-name***;Pooling=true'],
    ['PWD=/srv/router', 'PWD=/srv/router'],
    ['OPENAI_KEY_FILE=/run/secrets/openai', 'OPENAI_KEY_FILE=/run/secrets/openai'],
    ['3 pass, 1 fail; pass: yes', '3 pass, 1 fail; pass: yes'],
    ['<td>set password=</td>', '<td>set password=</td>'],
  ])('%s', (text, masked) => {
    expect(createRedactor().mask(text)).toBe(masked);
  });
});

test('a short secret is refused with a warning that names it and not its value', () => {
  const warnings: string[] = [];
  const redactor = createRedactor({ onWarning: (message) => warnings.push(message) });
  redactor.register('abc123', 'env:SHORT');
  expect(warnings).toEqual([expect.stringContaining('env:SHORT')]);
  expect(warnings.join()).not.toContain('abc123');
  expect(redactor.mask('abc123')).toBe('abc123');
});

test('a document keeps its shape, its keys and its numbers', () => {
  const redactor = registered();
  const secret = canaries['caller'] ?? '';
  expect(maskJson({ tokens: 12, password: 'x', list: [secret, 1, null, true], credential: 'env:NAME' }, redactor)).toEqual({
    tokens: 12,
    password: '***secret-name***',
    list: ['***caller***', 1, null, true],
    credential: 'env:NAME',
  });
});

test('what masking would change in a document is named, and digests under a secret name are what undo data consist of', () => {
  const redactor = registered();
  const digest = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
  expect(secretsInJson({ tokens: 12, list: ['postgres://u:p@h/x', canaries['caller'] ?? ''] }, redactor)).toEqual(['url-user', 'caller']);
  expect(secretsInJson({ db: { password: 'x' } }, redactor)).toEqual(['secret-name']);
  expect(secretsInJson({ keys: { OPENAI_API_KEY: digest }, note: 'set password=' }, redactor)).toEqual([]);
  expect(secretsInJson(maskJson({ password: 'x', list: ['postgres://u:p@h/x'] }, redactor), redactor)).toEqual([]);
});

test('what was masked is counted by rule', () => {
  const redactor = createRedactor();
  redactor.register('correct horse battery', 'phrase');
  redactor.mask('correct horse battery, correct horse battery');
  expect(redactor.counts()).toEqual({ phrase: 2 });
});
