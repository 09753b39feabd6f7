// Tools that we did not write accept our reports, and reject them after one changed byte.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Workshop, workshop, write } from './report-folder.js';

const run = promisify(execFile);
const has = async (tool: string): Promise<boolean> =>
  run('sh', ['-c', `command -v ${tool}`]).then(
    () => true,
    () => false,
  );
const cosign = await has('cosign');
const jq = await has('jq');
const built = existsSync('dist/src/commands/report/verify.js');

async function sh(script: string, cwd: string): Promise<{ readonly ok: boolean; readonly out: string }> {
  const outcome = await run('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd }).then(
    ({ stdout, stderr }) => ({ ok: true, out: stdout + stderr }),
    (error: { stdout?: string; stderr?: string }) => ({ ok: false, out: `${error.stdout ?? ''}${error.stderr ?? ''}` }),
  );
  return outcome;
}

/** The very blocks of the docs, by the heading above them. */
async function recipe(page: string, heading: string): Promise<string> {
  const [, after = ''] = (await readFile(page, 'utf8')).split(`\n## ${heading}\n`);
  const block = /```sh\n([\s\S]*?)```/.exec(after)?.[1];
  if (block === undefined) throw new Error(`${page} has no block under ${heading}`);
  return block;
}
const guide = 'docs/guides/verify-a-report.md';
const recipes = {
  ssh: await recipe(guide, 'With OpenSSH'),
  openssl: await recipe(guide, 'With openssl and jq'),
  cosign: await recipe(guide, 'With cosign 3'),
  routerctl: await recipe(guide, 'With routerctl'),
  chain: await recipe('docs/reference/report-format.md', 'journal.jsonl'),
};

/** The reader's desk: trust files, and the report in which one byte of the middle of a file was changed. */
async function damaged(shop: Workshop, file: string): Promise<string> {
  const desk = await mkdtemp(join(shop.home, 'damaged-'));
  for (const name of ['report', 'allowed_signers', 'revoked_keys', 'pub.pem'])
    await cp(join(shop.home, name), join(desk, name), { recursive: true });
  const copy = join(desk, 'report');
  const bytes = await readFile(join(copy, file));
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = bytes[middle] === 0x41 ? 0x42 : 0x41;
  await writeFile(join(copy, file), bytes);
  return desk;
}

describe.each(['p256', 'ed25519'] as const)('a report signed with %s', (algorithm) => {
  let shop: Workshop;
  beforeAll(async () => {
    shop = await workshop(algorithm);
    const written = await write(shop);
    expect(written).toMatchObject({ signed: true });
    await cp(`${shop.key.path}.pub.pem`, join(shop.home, 'pub.pem'));
    await writeFile(join(shop.home, 'revoked_keys'), '# nobody yet\n');
  });

  test('ssh-keygen and sha256sum accept it', async () => {
    expect(await sh(recipes.ssh, shop.home)).toMatchObject({
      ok: true,
      out: expect.stringContaining('Good "routerctl-report@v1" signature for release@acme.test') as string,
    });
  });

  test.each(['report.json', 'report.html', 'journal.jsonl', 'report.sigstore.json', 'SHA256SUMS', 'SHA256SUMS.sig'])(
    'ssh-keygen and sha256sum reject it when one byte of %s changed',
    async (file) => {
      expect((await sh(recipes.ssh, await damaged(shop, file))).ok).toBe(false);
    },
  );

  test('ssh-keygen prints the fingerprint that the report names', async () => {
    const { out } = await sh('ssh-keygen -lf keys/release.pem.pub', shop.home);
    expect(out).toContain(shop.key.fingerprint);
  });

  // The recipe is the one for P-256, which every openssl can do.
  if (algorithm !== 'ed25519') {
    test.skipIf(!jq)('jq and openssl accept it, and reject one changed byte', async () => {
      const good = await sh(recipes.openssl, shop.home);
      expect(good).toMatchObject({ ok: true, out: expect.stringContaining('Verified OK') as string });
      for (const file of ['report.md', 'journal.jsonl', 'report.sigstore.json'])
        expect((await sh(recipes.openssl, await damaged(shop, file))).ok, file).toBe(false);
    });
  }

  test.skipIf(!built)('routerctl accepts it, and rejects one changed byte', async () => {
    const routerctl = `routerctl() { ${JSON.stringify(process.execPath)} ${JSON.stringify(resolve('bin/run.js'))} "$@"; }\n${recipes.routerctl}`;
    expect(await sh(routerctl, shop.home)).toMatchObject({
      ok: true,
      out: expect.stringContaining('VERIFIED: run 7k2m, signed by release@acme.test') as string,
    });
    expect(await sh(routerctl, await damaged(shop, 'report.md'))).toMatchObject({
      ok: false,
      out: expect.stringContaining('NOT VERIFIED: report.md was changed after it was signed') as string,
    });
  });

  test.skipIf(!jq)('the journal is a chain that can be followed by hand', async () => {
    expect(await sh(recipes.chain, shop.home)).toMatchObject({ ok: true });
  });

  test.skipIf(!cosign)(
    cosign ? 'cosign accepts it, and rejects one changed byte' : 'skipped: cosign missing, bin/provision installs it',
    async () => {
      const good = await sh(recipes.cosign, shop.home);
      expect(good, good.out).toMatchObject({ ok: true });
      for (const file of ['report.json', 'report.sigstore.json'])
        expect((await sh(recipes.cosign, await damaged(shop, file))).ok, file).toBe(false);
      const readiness = `printf 'package 1.1.0' > package; cosign verify-blob-attestation --key pub.pem --bundle report/readiness.sigstore.json --insecure-ignore-tlog --type https://in-toto.io/attestation/test-result/v0.1 package`;
      const ready = await sh(readiness, shop.home);
      expect(ready, ready.out).toMatchObject({ ok: true });
    },
  );
});

test('an encrypted key is read by openssl and ssh-keygen with its passphrase only', async () => {
  const shop = await workshop('p256', 'correct horse battery');
  const [good, bad] = [
    await sh('openssl pkey -in keys/release.pem -passin pass:"correct horse battery" -pubout | diff - keys/release.pem.pub.pem', shop.home),
    await sh('openssl pkey -in keys/release.pem -passin pass:wrong -pubout', shop.home),
  ];
  expect([good.ok, bad.ok]).toEqual([true, false]);
  const ssh = await sh('ssh-keygen -y -P "correct horse battery" -f keys/release.pem', shop.home);
  expect(ssh.out.split(' ').slice(0, 2).join(' ').trim()).toBe(shop.key.allowedSignersLine.split(' ').slice(2).join(' '));
});

test('what ssh-keygen signs, we verify', async () => {
  const { parseAllowedSigners } = await import('../../src/report/allowed-signers.js');
  const { sshVerify } = await import('../../src/report/ssh-signature.js');
  const shop = await workshop();
  for (const type of ['ed25519', 'ecdsa']) {
    const { ok, out } = await sh(
      `ssh-keygen -q -t ${type} -N '' -f id_${type}; printf 'a plan' > plan; ssh-keygen -Y sign -n routerctl-plan@v1 -f id_${type} plan; mv plan.sig plan.${type}.sig`,
      shop.home,
    );
    expect(ok, out).toBe(true);
    const allowed = parseAllowedSigners(`bob@acme.test ${await readFile(join(shop.home, `id_${type}.pub`), 'utf8')}`);
    const signature = await readFile(join(shop.home, `plan.${type}.sig`), 'utf8');
    expect(sshVerify('routerctl-plan@v1', Buffer.from('a plan'), signature, allowed, { identity: 'bob@acme.test', atMs: 0 })).toMatchObject(
      { ok: true, identity: 'bob@acme.test' },
    );
    expect(sshVerify('routerctl-report@v1', Buffer.from('a plan'), signature, allowed, { atMs: 0 })).toMatchObject({ ok: false });
    expect(sshVerify('routerctl-plan@v1', Buffer.from('a plan.'), signature, allowed, { atMs: 0 })).toMatchObject({
      ok: false,
      reason: 'the signature does not fit the signed bytes',
    });
  }
});
