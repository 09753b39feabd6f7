import { appendFile, chmod, cp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createReportFiles } from '../../src/adapters/report-files-node.js';
import { createSigningKeys } from '../../src/adapters/signing-keys-node.js';
import { listKeys } from '../../src/app/list-keys.js';
import { openSigner, proveSigning } from '../../src/app/sign-report.js';
import { signReportFolder } from '../../src/app/sign-report-folder.js';
import { verifyReportFolder } from '../../src/app/verify-report.js';
import { createRedactor } from '../../src/core/redaction.js';
import { parseAllowedSigners } from '../../src/report/allowed-signers.js';
import { signBundle, verifyBundle } from '../../src/report/dsse.js';
import type { NamedFiles } from '../../src/report/report-files.js';
import { noRevocations, parseRevocations } from '../../src/report/revocations.js';
import { planNamespace, reportNamespace, sshSign, sshVerify } from '../../src/report/ssh-signature.js';
import { type TrustGiven, verifyReport } from '../../src/report/verify.js';
import { identity, type Workshop, workshop, write } from './report-folder.js';

let shop: Workshop;
let files: NamedFiles;
let trust: TrustGiven;
beforeAll(async () => {
  shop = await workshop();
  await write(shop);
  files = await createReportFiles().read(join(shop.home, 'report'));
  trust = { allowed: parseAllowedSigners(await readFile(shop.allowedSigners, 'utf8')), revoked: noRevocations, identity };
});

const changed = (name: string, change: (bytes: Buffer) => Uint8Array | null): NamedFiles => {
  const copy = new Map(files);
  const next = change(Buffer.from(files.get(name) ?? []));
  if (next === null) copy.delete(name);
  else copy.set(name, next);
  return copy;
};

describe('a report', () => {
  test('verifies whole, names its signer and its run, and warns that the time is self-stated', () => {
    expect(verifyReport(files, trust)).toMatchObject({
      ok: true,
      identity,
      runId: '7k2m',
      exitCode: 0,
      fingerprint: shop.key.fingerprint,
      warnings: [expect.stringContaining("signer's own word")],
    });
    expect([...files.keys()].sort()).toEqual([
      'SHA256SUMS',
      'SHA256SUMS.sig',
      'journal.jsonl',
      'junit.xml',
      'readiness.sigstore.json',
      'report.html',
      'report.json',
      'report.md',
      'report.sigstore.json',
    ]);
  });

  test.each(['SHA256SUMS', 'SHA256SUMS.sig'])('fails after a flip of any bit of any byte of %s', (name) => {
    const { length } = files.get(name) ?? [];
    for (let at = 0; at < length; at += 1) {
      for (const bit of [0, 1, 3, 5, 7]) {
        const flipped = changed(name, (bytes) => {
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
          return bytes;
        });
        if (verifyReport(flipped, trust).ok) throw new Error(`${name} byte ${at} bit ${bit} still verifies`);
      }
    }
  });

  test.each(['report.json', 'report.md', 'report.html', 'junit.xml', 'journal.jsonl', 'report.sigstore.json', 'readiness.sigstore.json'])(
    'fails after a flip in %s, a missing or a longer one',
    (name) => {
      const { length } = files.get(name) ?? [];
      for (let at = 0; at < length; at += Math.ceil(length / 60)) {
        const flipped = changed(name, (bytes) => {
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          return bytes;
        });
        expect(verifyReport(flipped, trust)).toMatchObject({ ok: false });
      }
      expect(
        verifyReport(
          changed(name, () => null),
          trust,
        ),
      ).toMatchObject({ ok: false });
      expect(
        verifyReport(
          changed(name, (bytes) => Buffer.concat([bytes, Buffer.from(' ')])),
          trust,
        ),
      ).toMatchObject({ ok: false });
    },
  );

  test('fails when a file was added, or came from another run', async () => {
    expect(verifyReport(new Map([...files, ['extra.txt', Buffer.from('x')]]), trust)).toMatchObject({
      ok: false,
      reason: 'extra.txt is not covered by the signature',
    });
    await write(shop, { ending: 'dead', name: 'other' });
    const other = await createReportFiles().read(join(shop.home, 'other'));
    for (const name of ['journal.jsonl', 'report.sigstore.json', 'SHA256SUMS', 'SHA256SUMS.sig'])
      expect(
        verifyReport(
          changed(name, () => other.get(name) ?? null),
          trust,
        ),
        name,
      ).toMatchObject({ ok: false });
  });

  test('fails for another identity, an unknown key, a foreign namespace, a key out of its time, and a revoked one', async () => {
    const line = shop.key.allowedSignersLine;
    const key = line.split(' ').slice(2).join(' ');
    const against = (text: string, revoked = ''): unknown =>
      verifyReport(files, { allowed: parseAllowedSigners(text), revoked: parseRevocations(revoked), identity });
    expect(against(line.replace(identity, 'mallory@acme.test'))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('is not that of release@acme.test'),
    });
    expect(against('')).toMatchObject({ ok: false, reason: expect.stringContaining('not in the allowed signers') });
    expect(against(`${identity} namespaces="git" ${key}`)).toMatchObject({ ok: false, reason: expect.stringContaining('may not sign') });
    expect(against(`${identity} valid-before="20200101Z" ${key}`)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('no longer valid'),
    });
    expect(against(`${identity} valid-after="20300101Z" ${key}`)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('not valid yet'),
    });
    expect(against(`${identity} valid-after="20250101Z",valid-before="20300101Z" ${key}`)).toMatchObject({ ok: true });
    expect(against(`*@acme.test,!mallory@acme.test ${key}`)).toMatchObject({ ok: true });
    for (const list of [`# gone\n${shop.key.fingerprint} 2026-01-01\n`, `${key} # stolen`])
      expect(against(line, list)).toMatchObject({ ok: false, code: 'KEY_REVOKED' });
    expect(against(line, 'nonsense')).toMatchObject({ ok: false, reason: expect.stringContaining('cannot be read') });
  });

  test('a key lying beside it counts for nothing', async () => {
    const copy = join(shop.home, 'with-key');
    await cp(join(shop.home, 'report'), copy, { recursive: true });
    await writeFile(join(copy, 'allowed_signers'), await readFile(shop.allowedSigners));
    const empty = join(shop.home, 'empty_signers');
    await writeFile(empty, '');
    expect(await verifyReportFolder(createReportFiles(), copy, { allowedSigners: empty })).toMatchObject({ ok: false });
  });

  test('a link in the folder is refused', async () => {
    const copy = join(shop.home, 'with-link');
    await cp(join(shop.home, 'report'), copy, { recursive: true });
    await symlink('/etc/hostname', join(copy, 'x'));
    await expect(createReportFiles().read(copy)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});

test.each(['p256', 'ed25519'] as const)('every changed byte of a small %s bundle fails or means the same', async (algorithm) => {
  const own = await workshop(algorithm);
  const { key, trust: ownTrust } = await openSigner(own.tools, own.signing);
  const statement = Buffer.from('{"small":true}');
  const text = Buffer.from(signBundle(statement, key));
  const question = { revoked: noRevocations, atMs: () => 0, identity };
  expect(verifyBundle(text.toString(), ownTrust.allowed, question)).toMatchObject({ ok: true });
  for (let at = 0; at < text.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const flipped = Buffer.from(text);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
      const verification = verifyBundle(flipped.toString('utf8'), ownTrust.allowed, question);
      if (verification.ok && JSON.stringify(JSON.parse(flipped.toString('utf8'))) !== JSON.stringify(JSON.parse(text.toString('utf8'))))
        throw new Error(`byte ${at} bit ${bit}`);
    }
  }
});

test('a signature over a plan never passes for one over a report', async () => {
  const { key, trust: own } = await openSigner(shop.tools, shop.signing);
  const message = Buffer.from('the same bytes');
  const signature = sshSign(planNamespace, message, key);
  expect(sshVerify(planNamespace, message, signature, own.allowed, { identity, atMs: 0 })).toMatchObject({ ok: true });
  expect(sshVerify(reportNamespace, message, signature, own.allowed, { identity, atMs: 0 })).toMatchObject({ ok: false });
});

describe('signing', () => {
  test('is proven beforehand, and says what is wrong otherwise', async () => {
    const atMs = Date.parse('2026-11-20T00:00:00Z');
    const own = await workshop('p256', 'correct horse battery');
    const pass = join(own.home, 'pass');
    await writeFile(pass, 'correct horse battery\n', { mode: 0o600 });
    const signing = { ...own.signing, passphrase: `file:${pass}` };
    expect(await proveSigning(own.tools, signing, atMs)).toEqual({ signing: `${identity} ${own.key.fingerprint}` });
    expect(await proveSigning(own.tools, undefined, atMs)).toEqual({ signing: 'not configured: reports stay unsigned' });
    expect(await proveSigning(own.tools, own.signing, atMs)).toMatchObject({ refused: expect.stringContaining('no passphrase was given') });
    expect(await proveSigning(own.tools, { ...signing, identity: 'bob@acme.test' }, atMs)).toMatchObject({
      refused: expect.stringContaining('is not that of bob@acme.test'),
    });
    const revoked = join(own.home, 'revoked');
    await writeFile(revoked, own.key.fingerprint);
    expect(await proveSigning(own.tools, { ...signing, revoked }, atMs)).toMatchObject({ refused: expect.stringContaining('was revoked') });
    await chmod(own.key.path, 0o640);
    expect(await proveSigning(own.tools, signing, atMs)).toMatchObject({
      refused: expect.stringContaining('can be read by others (mode 0640)'),
      hint: expect.stringContaining('chmod 600'),
    });
  });

  test('a report that could not be signed is kept aside and can be signed later', async () => {
    const own = await workshop();
    await chmod(own.key.path, 0o644);
    const written = await write(own, { ending: 'rolled-back' });
    expect(written).toMatchObject({
      signed: false,
      problem: { code: 'KEY_UNSAFE' },
      verdictLine: expect.stringContaining('ROLLED BACK, VERIFIED'),
    });
    await chmod(own.key.path, 0o600);
    const signed = await signReportFolder(own.tools, join(own.home, 'report'), own.signing, createRedactor());
    expect(await verifyReportFolder(createReportFiles(), signed, { allowedSigners: own.allowedSigners })).toMatchObject({ ok: true });
    expect(await readdir(signed)).not.toContain('unsigned');
  });

  test('a report without a configured key is written, unsigned and without a problem', async () => {
    const own = await workshop();
    const written = await write(own, { signing: null });
    expect(written).toMatchObject({ signed: false, directory: join(own.home, 'report') });
    expect(written).not.toHaveProperty('problem');
  });

  test('keys are listed with fingerprints and dangers, refused when of another kind, and never overwritten', async () => {
    const own = await workshop('ed25519');
    const keys = createSigningKeys();
    const directory = join(own.home, 'keys');
    expect(await listKeys(keys, directory)).toEqual([
      { path: own.key.path, type: 'ssh-ed25519', fingerprint: own.key.fingerprint, identity, encrypted: false, unsafe: false },
    ]);
    expect((await stat(own.key.path)).mode & 0o777).toBe(0o600);
    await expect(keys.generate(own.key.path, 'p256', null)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    const { generateKeyPairSync } = await import('node:crypto');
    const rsa = join(directory, 'rsa.pem');
    await writeFile(rsa, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }), {
      mode: 0o600,
    });
    await expect(keys.load(rsa, null)).rejects.toMatchObject({ code: 'KEY_INVALID', message: expect.stringContaining('of the kind rsa') });
    await appendFile(own.key.path, '');
    await expect(keys.load(join(directory, 'gone.pem'), null)).rejects.toMatchObject({ code: 'FILE_MISSING' });
  });
});
