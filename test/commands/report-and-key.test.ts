// The commands themselves, spawned: what they say and how they end when the input is bad.

import { existsSync } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSigningKeys } from '../../src/adapters/signing-keys-node.js';
import { RouterctlError } from '../../src/core/errors.js';
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
    const command = /signed; to verify it: routerctl (report verify .*)/.exec(out)?.[1] ?? '';
    expect(await routerctl(...command.replace('FILE', 'allowed_signers').split(' '))).toMatchObject({ exitCode: 0 });
    expect(exitCode).toBe(0);
    expect(JSON.parse((await routerctl('report', 'show', 'report', '--json')).out)).toMatchObject({
      schema: 'routerctl.report/v1',
      runId: '7k2m',
    });
  });

  test('a changed report.json is named, and a path that is not there is told with what to look at', async () => {
    const copy = join(shop.home, 'changed');
    await cp(join(shop.home, 'report'), copy, { recursive: true });
    await writeFile(join(copy, 'report.json'), 'no JSON');
    expect(await routerctl('report', 'verify', copy, '--allowed-signers', 'allowed_signers')).toMatchObject({
      exitCode: 3,
      out: expect.stringContaining('NOT VERIFIED: report.json is not JSON; was it changed or cut short?') as string,
    });
    await rm(copy, { recursive: true });
    for (const args of [
      ['gone', '--allowed-signers', 'allowed_signers'],
      ['report', '--allowed-signers', 'gone'],
      ['report', '--allowed-signers', '.'],
    ])
      expect(await routerctl('report', 'verify', ...args)).toMatchObject({ exitCode: 2, out: expect.stringContaining('hint: ') as string });
  });

  test('the command that a missing key names can be typed as it stands', async () => {
    const folder = await mkdtemp(join(shop.home, 'new-key-'));
    const refusal: unknown = await createSigningKeys()
      .load(join(folder, 'signing.pem'), null)
      .catch((error: unknown) => error);
    const out = refusal instanceof RouterctlError ? refusal.hint : undefined;
    const command = /routerctl (key generate .*)/.exec(out ?? '')?.[1] ?? 'no hint';
    const made = await execa('sh', ['-ec', `"$0" "$1" ${command} --no-passphrase`, process.execPath, resolve('bin/run.js')], {
      reject: false,
    });
    expect([made.exitCode, existsSync(join(folder, 'signing.pem'))], made.stderr).toEqual([0, true]);
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
