import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { secretsNode } from '../../src/adapters/secrets-node.js';
import { createRedactor } from '../../src/core/redaction.js';

const directory = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(directory, { recursive: true }));
const redactor = createRedactor();
const environment = { PATH: process.env['PATH'], CALLER: 'value-from-environment' };
const secrets = secretsNode({ redactor, baseDirectory: directory, environment });
writeFileSync(join(directory, 'private'), 'value-from-a-file\n', { mode: 0o600 });
writeFileSync(join(directory, 'public'), 'value-for-everyone\n');
chmodSync(join(directory, 'public'), 0o644);

test.each([
  ['env:CALLER', 'value-from-environment'],
  ['file:private', 'value-from-a-file'],
  [`file:${join(directory, 'private')}`, 'value-from-a-file'],
  ['command:["printf", "value from a command"]', 'value from a command'],
])('%s is read, and masked from then on', async (reference, value) => {
  expect(await secrets.read(reference)).toBe(value);
  expect(redactor.mask(`it is ${value}.`)).not.toContain(value);
});

test.each([
  ['env:MISSING', /env:MISSING is not set/],
  ['file:none', /does not exist/],
  ['file:public', /can be read by others \(mode 644\)/],
  ['command:["false"]', /failed \(1\)/],
  ['command:["true"]', /is empty/],
  ['command:[1]', /not a list of words/],
  ['command:["sh", "-c", "echo half-a-secret; exit 3"]', /failed \(3\)/],
])('%s is refused in words that hold no value', async (reference, message) => {
  const failure = await secrets.read(reference).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'SECRET_UNREADABLE', message: expect.stringMatching(message) as string });
});

test('a file that others can read is refused with the line that repairs it', async () => {
  await expect(secrets.read('file:public')).rejects.toMatchObject({ hint: `chmod 600 ${join(directory, 'public')}` });
});

test('a command gets nothing of the environment but PATH, HOME and LANG', async () => {
  const seen = await secrets.read('command:["sh", "-c", "env | grep -c CALLER || echo none-of-it"]');
  expect(seen).toContain('none-of-it');
});
