import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fingerprintsNode } from '../../src/adapters/fingerprints-node.js';

const roots: string[] = [];
const root = (): string => {
  roots.push(mkdtempSync(join(tmpdir(), 'fingerprints-')));
  return roots.at(-1) ?? '';
};
afterAll(() => {
  for (const path of roots) rmSync(path, { recursive: true });
});

test('equal content has equal prints on one deployment, and other ones elsewhere', async () => {
  const [here, there] = [root(), root()];
  const one = await fingerprintsNode(here).of('secret');
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(await fingerprintsNode(here).of(Buffer.from('secret'))).toBe(one);
  expect(await fingerprintsNode(here).of('secret ')).not.toBe(one);
  expect(await fingerprintsNode(there).of('secret')).not.toBe(one);
});

test('many first uses at once agree on one private key and leave nothing beside it', async () => {
  const here = root();
  const prints = await Promise.all(Array.from({ length: 20 }, () => fingerprintsNode(here).of('x')));
  expect(new Set(prints).size).toBe(1);
  expect(readdirSync(join(here, '.routerctl'))).toEqual(['fingerprint.key']);
  expect(statSync(join(here, '.routerctl', 'fingerprint.key')).mode & 0o777).toBe(0o600);
});

test('a key that others can read is refused with the line that repairs it', async () => {
  const here = root();
  await fingerprintsNode(here).of('x');
  chmodSync(join(here, '.routerctl', 'fingerprint.key'), 0o644);
  await expect(fingerprintsNode(here).of('x')).rejects.toMatchObject({
    code: 'KEY_UNSAFE',
    hint: `chmod 600 ${join(here, '.routerctl', 'fingerprint.key')}`,
  });
});
