// Tools that we did not write accept our reports, and reject them after one changed byte.
import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Workshop, workshop, write } from './report-folder.js';

const run = promisify(execFile);
const has = async (tool: string): Promise<boolean> => run('sh', ['-c', `command -v ${tool}`]).then(() => true, () => false);
const cosign = await has('cosign');
const jq = await has('jq');

async function sh(script: string, cwd: string): Promise<{ readonly ok: boolean; readonly out: string }> {
  const outcome = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd }).then(({ stdout, stderr }) => ({ ok: true, out: stdout + stderr }), (error: { stdout?: string; stderr?: string }) => ({ ok: false, out: `${error.stdout ?? ''}${error.stderr ?? ''}` }));
  return outcome;
}

const recipes = {
  ssh: 'ssh-keygen -Y verify -f ../allowed_signers -I release@acme.test -n routerctl-report@v1 -s SHA256SUMS.sig < SHA256SUMS && sha256sum -c SHA256SUMS',
  openssl: `B=report.sigstore.json; T=$(mktemp -d); jq -rj .dsseEnvelope.payload $B | base64 -d > $T/st.json; jq -rj '.dsseEnvelope.signatures[0].sig' $B | base64 -d > $T/s.bin
{ printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < $T/st.json)"; cat $T/st.json; } > $T/pae.bin
openssl dgst -sha256 -verify ../keys/release.pem.pub.pem -signature $T/s.bin $T/pae.bin && jq -r '.subject[] | .digest.sha256 + "  " + .name' $T/st.json | sha256sum -c -`,
  cosign: 'for FILE in report.json report.html journal.jsonl; do cosign verify-blob-attestation --key ../keys/release.pem.pub.pem --bundle report.sigstore.json --insecure-ignore-tlog --type https://routerctl.dev/attestation/deployment-report/v1 "$FILE"; done',
};

/** One byte of the middle, changed. */
async function damaged(shop: Workshop, file: string): Promise<string> {
  const copy = join(shop.home, `damaged-${file}`);
  await cp(join(shop.home, 'report'), copy, { recursive: true });
  const bytes = await readFile(join(copy, file));
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = bytes[middle] === 0x41 ? 0x42 : 0x41;
  await writeFile(join(copy, file), bytes);
  return copy;
}

describe.each(['p256', 'ed25519'] as const)('a report signed with %s', (algorithm) => {
  let shop: Workshop;
  beforeAll(async () => {
    shop = await workshop(algorithm);
    const written = await write(shop);
    expect(written).toMatchObject({ signed: true });
  });

  test('ssh-keygen and sha256sum accept it', async () => {
    expect(await sh(recipes.ssh, join(shop.home, 'report'))).toMatchObject({ ok: true, out: expect.stringContaining('Good "routerctl-report@v1" signature for release@acme.test') as string });
  });

  test.each(['report.json', 'report.html', 'journal.jsonl', 'report.sigstore.json', 'SHA256SUMS', 'SHA256SUMS.sig'])('ssh-keygen and sha256sum reject it when one byte of %s changed', async (file) => {
    expect((await sh(recipes.ssh, await damaged(shop, file))).ok).toBe(false);
  });

  test('ssh-keygen prints the fingerprint that the report names', async () => {
    const { out } = await sh('ssh-keygen -lf keys/release.pem.pub', shop.home);
    expect(out).toContain(shop.key.fingerprint);
  });

  test.skipIf(!jq || algorithm === 'ed25519')('jq and openssl accept it, and reject one changed byte', async () => {
    const good = await sh(recipes.openssl, join(shop.home, 'report'));
    expect(good).toMatchObject({ ok: true, out: expect.stringContaining('Verified OK') as string });
    for (const file of ['report.md', 'journal.jsonl', 'report.sigstore.json']) expect((await sh(recipes.openssl, await damaged(shop, file))).ok, file).toBe(false);
  });

  test.skipIf(!cosign)(cosign ? 'cosign accepts it, and rejects one changed byte' : 'skipped: cosign missing, bin/provision installs it', async () => {
    const good = await sh(recipes.cosign, join(shop.home, 'report'));
    expect(good, good.out).toMatchObject({ ok: true });
    for (const file of ['report.html', 'journal.jsonl', 'report.sigstore.json']) expect((await sh(recipes.cosign, await damaged(shop, file))).ok, file).toBe(false);
    const readiness = `printf 'package 1.1.0' > ../package; cosign verify-blob-attestation --key ../keys/release.pem.pub.pem --bundle readiness.sigstore.json --insecure-ignore-tlog --type https://in-toto.io/attestation/test-result/v0.1 ../package`;
    const ready = await sh(readiness, join(shop.home, 'report'));
    expect(ready, ready.out).toMatchObject({ ok: true });
  });
});

test('an encrypted key is read by openssl and ssh-keygen with its passphrase only', async () => {
  const shop = await workshop('p256', 'correct horse battery');
  const [good, bad] = [await sh('openssl pkey -in keys/release.pem -passin pass:"correct horse battery" -pubout | diff - keys/release.pem.pub.pem', shop.home), await sh('openssl pkey -in keys/release.pem -passin pass:wrong -pubout', shop.home)];
  expect([good.ok, bad.ok]).toEqual([true, false]);
  const ssh = await sh('ssh-keygen -y -P "correct horse battery" -f keys/release.pem', shop.home);
  expect(ssh.out.split(' ').slice(0, 2).join(' ').trim()).toBe(shop.key.allowedSignersLine.split(' ').slice(2).join(' '));
});

test('what ssh-keygen signs, we verify', async () => {
  const { parseAllowedSigners } = await import('../../src/report/allowed-signers.js');
  const { sshVerify } = await import('../../src/report/ssh-signature.js');
  const shop = await workshop();
  for (const type of ['ed25519', 'ecdsa']) {
    const { ok, out } = await sh(`ssh-keygen -q -t ${type} -N '' -f id_${type}; printf 'a plan' > plan; ssh-keygen -Y sign -n routerctl-plan@v1 -f id_${type} plan; mv plan.sig plan.${type}.sig`, shop.home);
    expect(ok, out).toBe(true);
    const allowed = parseAllowedSigners(`bob@acme.test ${await readFile(join(shop.home, `id_${type}.pub`), 'utf8')}`);
    const signature = await readFile(join(shop.home, `plan.${type}.sig`), 'utf8');
    expect(sshVerify('routerctl-plan@v1', Buffer.from('a plan'), signature, allowed, { identity: 'bob@acme.test', atMs: 0 })).toMatchObject({ ok: true, identity: 'bob@acme.test' });
    expect(sshVerify('routerctl-report@v1', Buffer.from('a plan'), signature, allowed, { atMs: 0 })).toMatchObject({ ok: false });
    expect(sshVerify('routerctl-plan@v1', Buffer.from('a plan.'), signature, allowed, { atMs: 0 })).toMatchObject({ ok: false, reason: 'the signature does not fit the signed bytes' });
  }
});
