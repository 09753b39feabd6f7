import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bindingPath, refuseAbortingBinding } from '../../src/adapters/sqlite-binding.js';

const directory = mkdtempSync(join(tmpdir(), 'binding-'));
afterAll(() => rmSync(directory, { recursive: true }));
const aborting = join(directory, 'aborting.node');
writeFileSync(aborting, Buffer.from('\x7fELF\0_ZN4node28RemoveEnvironmentCleanupHookEPN2v87IsolateE\0'));

test('the binding that these tests use does not abort', () => {
  expect(bindingPath()).toMatch(/better_sqlite3\.node$/);
  expect(() => refuseAbortingBinding(bindingPath(), '24.21.0')).not.toThrow();
});

test('a binding that takes cleanup hooks back is refused on Node 24, with the line that compiles another', () => {
  let refusal: unknown;
  try {
    refuseAbortingBinding(aborting, '24.21.0');
  } catch (error) {
    refusal = error;
  }

  expect(refusal).toMatchObject({
    code: 'DATABASE_BINDING',
    hint: expect.stringContaining('npm rebuild better-sqlite3 --build-from-source'),
  });
});

test.each(['20.20.2', '22.23.2', '26.4.0'])('Node %s lives with it', (node) => {
  expect(() => refuseAbortingBinding(aborting, node)).not.toThrow();
});
