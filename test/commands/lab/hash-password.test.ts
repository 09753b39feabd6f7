import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { isPassword, parsePasswordHash } from '../../../src/router/access/password-hash.js';

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
const hash = (input: string, ...args: string[]) => execa('node', [program, 'lab', 'hash-password', ...args], { input, reject: false });

test('the hash of a password from stdin is one that the router takes, and is another one each time', async () => {
  const [first, second, json] = await Promise.all([
    hash('correct horse\n'),
    hash('correct horse'),
    hash('correct horse\nsecond line', '--json'),
  ]);
  const hashes = [first.stdout, second.stdout, (JSON.parse(json.stdout) as { hash: string }).hash];

  expect(new Set(hashes).size).toBe(3);
  for (const text of hashes) {
    const parsed = parsePasswordHash(text);
    expect(parsed).toMatchObject({ cost: 32_768, blockSize: 8, parallelization: 3 });
    expect(parsed !== null && (await isPassword('correct horse', parsed))).toBe(true);
  }
});

test('no password, an endless one, and one as an argument are refused', async () => {
  const ended = await Promise.all([hash(''), hash('\n'), hash('x'.repeat(1001)), hash('', 'canary-password')]);

  expect(ended.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2]);
  expect(ended[0]?.stderr).toBe(
    'error: there is no password on stdin\n  hint: for example: systemd-ask-password | routerctl lab hash-password',
  );
  expect(ended.slice(0, 3).map(({ stdout }) => stdout)).toEqual(['', '', '']);
});
