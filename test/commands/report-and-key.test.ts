// The commands themselves, spawned: what they say and how they end when the input is bad.

import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Workshop, workshop, write } from '../report/report-folder.js';

const built = existsSync('dist/src/commands/report/verify.js');
let shop: Workshop;
beforeAll(async () => {
  shop = await workshop();
  await write(shop, { ending: 'rolled-back' });
});

const routerctl = (...args: readonly string[]): Promise<{ exitCode: number; out: string }> =>
  execa(process.execPath, [resolve('bin/run.js'), ...args], {
    cwd: shop.home,
    reject: false,
    all: true,
    stdin: 'ignore',
    env: { HOME: shop.home, XDG_CONFIG_HOME: shop.home },
  }).then(({ exitCode, all }) => ({ exitCode: exitCode ?? -1, out: all }));

describe.skipIf(!built)(built ? 'report and key commands' : 'skipped: not built, npm run build', () => {
  test('a good report verifies with 0 whatever happened in the run', async () => {
    const { exitCode, out } = await routerctl('report', 'verify', 'report', '--allowed-signers', 'allowed_signers');
    expect(out).toContain('ROLLED BACK, VERIFIED: router @ gw-01 serves 1.0.0');
    expect(exitCode).toBe(0);
  });

  test('a revoked key ends with 6, another identity with 3, a missing folder with 2', async () => {
    await writeFile(join(shop.home, 'revoked'), `${shop.key.fingerprint} 2026-11-01\n`);
    const revoked = await routerctl('report', 'verify', 'report', '--allowed-signers', 'allowed_signers', '--revoked', 'revoked');
    expect(revoked).toMatchObject({
      exitCode: 6,
      out: expect.stringContaining(
        `NOT VERIFIED: SHA256SUMS.sig: the key ${shop.key.fingerprint} was revoked (since 2026-11-01)`,
      ) as string,
    });
    expect(await routerctl('report', 'verify', 'report', '--allowed-signers', 'allowed_signers', '--identity', 'mallory')).toMatchObject({
      exitCode: 3,
      out: expect.stringContaining('is not that of mallory') as string,
    });
    expect(await routerctl('report', 'verify', 'gone', '--allowed-signers', 'allowed_signers')).toMatchObject({
      exitCode: 2,
      out: expect.stringContaining('gone does not exist') as string,
    });
  });

  test('a report is shown from its folder', async () => {
    const { exitCode, out } = await routerctl('report', 'show', 'report');
    expect(out).toContain('signed; to verify it: routerctl report verify');
    expect(exitCode).toBe(0);
    expect(JSON.parse((await routerctl('report', 'show', 'report', '--json')).out)).toMatchObject({
      schema: 'routerctl.report/v1',
      runId: '7k2m',
    });
  });

  test('a key is made with a passphrase by reference, listed, and never without one by accident', async () => {
    const folder = await mkdtemp(join(shop.home, 'keys-'));
    await writeFile(join(folder, 'pass'), 'correct horse battery\n', { mode: 0o600 });
    const made = await routerctl(
      'key',
      'generate',
      '--identity',
      'ci@acme.test',
      '--out',
      join(folder, 'ci.pem'),
      '--passphrase',
      `file:${join(folder, 'pass')}`,
      '--json',
    );
    expect(made.exitCode).toBe(0);
    expect(await readFile(join(folder, 'ci.pem'), 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    await chmod(join(folder, 'ci.pem'), 0o644);
    expect(await routerctl('key', 'list', folder)).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/ci@acme\.test {2}encrypted, UNSAFE: others can read it/) as string,
    });
    expect(await routerctl('key', 'generate', '--identity', 'ci@acme.test', '--out', join(folder, 'b.pem'))).toMatchObject({
      exitCode: 2,
      out: expect.stringContaining('a key needs a passphrase') as string,
    });
    expect(await routerctl('key', 'generate', '--identity', 'a b', '--no-passphrase')).toMatchObject({ exitCode: 2 });
  });
});
