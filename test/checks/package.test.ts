import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { package as packageCheck } from '../../checks/package.js';
import { systemNode } from '../../src/adapters/system-node.js';
import { profileSpec } from '../../src/core/profile.js';
import { readProfile } from '../../src/playbook/profile.js';
import { makeTarGz } from '../contracts/make-tar.js';
import { askCheck, openRoom, profile, token } from './check-room.js';
import { elf, machines, makePackage, type PackageParts } from './make-package.js';

const room = openRoom();
const host = (await systemNode().architecture()) as 'amd64' | 'arm64';
const other = host === 'amd64' ? 'arm64' : 'amd64';
let made = 0;
const next = (): number => {
  made += 1;
  return made;
};

function save(bytes: Uint8Array, name: string): string {
  const directory = join(room.directory, `p${next()}`);
  mkdirSync(directory);
  writeFileSync(join(directory, name), bytes);
  return join(directory, name);
}
const ask = async (artifact: unknown, allow?: string) =>
  (
    await askCheck(
      packageCheck,
      { artifact, ...(allow === undefined ? {} : { allow }) },
      room,
      room.context(room.target(), { subject: { kind: 'none' } }),
    )
  ).verdict;
const saved = (parts: PackageParts = {}): string => {
  const { name, bytes } = makePackage({ architecture: host, ...parts });
  return save(bytes, name);
};

// Written in two parts, so that this file holds no secret shape itself.
const key = `sk-${'proj0123456789abcdefghij'}`;

test('a good package passes, named by path or by an object with a path', async () => {
  const path = saved();
  expect(await ask(path)).toMatchObject({
    status: 'pass',
    summary: expect.stringMatching(/^test-router-1\.1\.0-linux-\w+\.tar\.gz: 5 files, .* sha256 [0-9a-f]{12}$/),
    evidence: { release: { version: '1.1.0', migrations: 'none' } },
  });
  expect((await ask({ path, version: '1.1.0' })).status).toBe('pass');
});

test.each<[string, PackageParts, RegExp]>([
  ['another architecture in the release document', { release: { arch: other } }, /architecture is \w+ in the release document/],
  [
    'another version in the release document',
    { release: { version: '1.0.9' } },
    /version is 1\.0\.9 in the release document, 1\.1\.0 in the file name/,
  ],
  ['another product', { release: { product: 'other' } }, /product is other/],
  ['another system', { release: { os: 'darwin' } }, /os is darwin/],
  ['no commit', { release: { commit: '' } }, /names no commit \(missing\)/],
  ['a dirty commit', { release: { commit: 'abc-dirty' } }, /names no commit \(abc-dirty\)/],
  ['no build date', { release: { build_date: undefined } }, /names no build date/],
  ['a build date that is none', { release: { build_date: 'Nov 1' } }, /names no build date \(Nov 1\)/],
  ['no program', { release: { programs: [] } }, /names no program/],
  ['an unknown kind of migrations', { release: { migrations: 'maybe' } }, /migrations is maybe/],
  ['a development version', { version: '1.1.0-dev' }, /version 1\.1\.0-dev is no release/],
  ['a library of another architecture', { files: { 'lib/x.so': elf(machines[other]) } }, /lib\/x\.so is built for \w+, the file name says/],
  ['a library of an unknown machine', { files: { 'lib/x.so': elf(9999) } }, /built for e_machine 9999/],
  ['a big-endian library', { files: { 'lib/x.so': elf(22, 'big') } }, /built for s390x/],
  ['another root directory', { root: 'something-else' }, /holds something-else, expected the one directory/],
  ['a program that cannot be executed', { mode: 0o644 }, /bin\/test-router is missing or not executable/],
  ['a program that is not there', { release: { programs: ['missing'] } }, /bin\/missing is missing/],
  ['the setuid bit', { mode: 0o4755 }, /bin\/test-router has the setuid/],
  ['no release document', { leaveOut: ['RELEASE.json'] }, /release document is missing/],
  ['a release document that is no JSON', { files: { 'RELEASE.json': '{' } }, /release document is missing or no JSON/],
  ['no list of digests', { leaveOut: ['SHA256SUMS'] }, /list of digests is missing/],
  ['a list of digests in another format', { sums: () => ['not a list'] }, /list of digests is missing or not in the format/],
  ['a file that is not listed', { sums: (lines) => lines.slice(1) }, /RELEASE\.json is there but not listed/],
  [
    'a listed file that is missing',
    { sums: (lines) => [...lines, `${'0'.repeat(64)}  lib/gone.js`] },
    /lib\/gone\.js is listed but not there/,
  ],
  [
    'a file with another digest',
    { sums: (lines) => lines.map((line) => line.replace(/^.{8}(.*RELEASE_NOTES)/, '00000000$1')) },
    /RELEASE_NOTES\.md does not have its listed digest/,
  ],
])('%s is refused', async (_, parts, words) => {
  const verdict = await ask(saved(parts));
  expect(verdict.status).toBe('fail');
  expect([verdict.summary, ...(verdict.details ?? [])].join('\n')).toMatch(words);
});

test('a package for another machine is refused', async () => {
  expect(await ask(saved({ architecture: other }))).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(`built for ${other}, this machine is ${host}`),
  });
});

test('a package for another operating system is refused, though everything in it agrees', async () => {
  expect(await ask(saved({ os: 'darwin' }))).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching('built for darwin, this machine runs linux'),
  });
});

describe('secrets of the target', () => {
  const providerKey = 'a1b2c3d4-e5f6-unlike-any-known-shape';
  const environment = join(room.directory, 'service.env');
  writeFileSync(environment, `PROVIDER_KEY_2=${providerKey}\nAUTH_MODE=required\nDATABASE_URL=postgres://router:9-secret-word@db/x\n`);
  const target = (caller = 'env:ROUTER_TOKEN') => room.target({}, { credentials: { caller }, files: { providerEnvironment: environment } });
  const look = async (files: PackageParts['files'], of = target(), more = {}, allow?: string) =>
    (await askCheck(packageCheck, { artifact: saved({ files: files ?? {} }), allow }, room, room.context(of, more))).verdict;

  test('the token of a caller and what the env file holds are found by value, in any spelling, and named without it', async () => {
    const verdict = await look({
      'lib/a.js': `one\nconst t = '${token}'`,
      'lib/b.txt': Buffer.from(`user:${token}`).toString('base64'),
      'lib/c.env': `X=${providerKey}\n`,
      'lib/d.yaml': 'password is 9-secret-word',
      'lib/ordinary.md': 'The mode is required.',
    });
    expect(verdict.status).toBe('fail');
    expect(
      [verdict.summary, ...(verdict.details ?? [])].filter((line) => line.includes('holds')).map((line) => line.split(': ').at(-1)),
    ).toEqual([
      'lib/a.js:2 holds a secret of this target (env:ROUTER_TOKEN)',
      'lib/b.txt:1 holds a secret of this target (env:ROUTER_TOKEN)',
      `lib/c.env:1 holds a secret of this target (${environment}#PROVIDER_KEY_2)`,
      `lib/d.yaml:1 holds a secret of this target (${environment}#DATABASE_URL)`,
    ]);
    expect(JSON.stringify(verdict)).not.toMatch(/canary-token|a1b2c3d4|9-secret/);
  });

  test('the digest for the review gives nothing away about the value', async () => {
    const files = { 'lib/a.js': providerKey };
    const line = (await look(files)).details?.find((text) => text.startsWith('if reviewed')) ?? '';
    const digest = /[0-9a-f]{64}/.exec(line)?.[0] ?? '';
    for (const prefix of ['', 'own secret\n', `${environment}#PROVIDER_KEY_2\n`])
      expect(digest).not.toBe(
        createHash('sha256')
          .update(prefix + providerKey)
          .digest('hex'),
      );
    const reviews = join(room.directory, 'own.txt');
    writeFileSync(reviews, `${digest}  lib/a.js  a word of the manual\n`);
    expect((await look(files, target(), {}, reviews)).status).toBe('pass');
  });

  test('a secret that cannot be read cannot be looked for, and that is said', async () => {
    expect(await look({}, target('env:NOT_SET'))).toMatchObject({
      status: 'warn',
      summary: expect.stringMatching(/5 files/),
      details: ['not looked for, because it cannot be read: env:NOT_SET'],
    });
  });

  test('tokens in the form of the product are found, whoever they belong to', async () => {
    const form = { ...profile, tokens: { caller: 'rt-lab-[0-9a-f]{48}' } };
    const stray = `rt-lab-${'0123456789ab'.repeat(4)}`;
    const files = { 'doc/example.md': `curl -H 'X-API-Key: ${stray}'` };
    expect((await look(files)).status).toBe('pass');
    const verdict = await look(files, target(), { profile: form });
    expect(verdict).toMatchObject({
      status: 'fail',
      summary: expect.stringMatching(/doc\/example\.md:1 holds what looks like a secret \(caller token\)/),
    });
    expect(JSON.stringify(verdict)).not.toContain('0123456789ab');
    const shipped = readProfile('reference-router.yaml', readFileSync('playbooks/profiles/reference-router.yaml', 'utf8'));
    expect((await look(files, target(), { profile: { ...profile, tokens: shipped.tokens } })).status).toBe('fail');
  });

  test('a form that is no expression, or that fits the empty text, is an error of the profile', () => {
    expect(profileSpec.safeParse({ ...profile, tokens: { caller: 'x+' } }).success).toBe(true);
    expect(profileSpec.safeParse({ ...profile, tokens: { caller: '[' } }).success).toBe(false);
    expect(profileSpec.safeParse({ ...profile, tokens: { caller: 'x*' } }).success).toBe(false);
  });
});

test('a file with another name than a package has is refused', async () => {
  expect(await ask(save(makePackage({ architecture: host }).bytes, 'router.tar.gz'))).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/not named test-router-<version>-<os>-<architecture>/),
  });
});

test('a directory is accepted when it holds exactly one package', async () => {
  const path = saved();
  const directory = path.slice(0, path.lastIndexOf('/'));
  writeFileSync(join(directory, 'README'), 'x');
  expect((await ask(directory)).status).toBe('pass');
  writeFileSync(join(directory, makePackage({ architecture: host, version: '1.0.0' }).name), '');
  expect(await ask(directory)).toMatchObject({ status: 'fail', summary: expect.stringMatching(/holds 2 packages, expected exactly one/) });
  expect(await ask(join(room.directory, 'root'))).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/no package of test-router/),
  });
  await expect(ask(join(directory, 'gone.tar.gz'))).rejects.toMatchObject({ code: 'FILE_MISSING' });
});

test('truncated, foreign and unsafe archives are failures in the words of what is wrong', async () => {
  const { name, bytes } = makePackage({ architecture: host });
  expect(await ask(save(bytes.subarray(0, bytes.length - 20), name))).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/ends in the middle/),
    hint: expect.stringMatching(/download/),
  });
  expect(await ask(save(Buffer.from('<html>404</html>'), name))).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/not a tar archive/),
  });
  expect(await ask(save(makeTarGz([{ path: 'a', type: '2', link: '/etc' }]), name))).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/"a" is a link/),
  });
});

test('a provider key is found with file, line and pattern, and its value is nowhere', async () => {
  const verdict = await ask(
    saved({ files: { 'lib/config.js': `one\ntwo\nkey = "${key}"\n`, 'doc.txt': `Authorization: Bearer rt-${'0123456789abcdef'}\n` } }),
  );
  expect(verdict).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/lib\/config\.js:3 holds what looks like a secret \(sk-key\)/),
    details: expect.arrayContaining([expect.stringMatching(/doc\.txt:1 .*\(bearer\)/)]),
  });
  expect(JSON.stringify(verdict)).not.toMatch(/0123456789abc/);
});

test('a key is found wherever it lies, also across the borders of what is read at once', async () => {
  for (const at of [0, 65_500, 65_536 - 5, 65_536 + 4_096 - 3, 131_072 - 10, 200_000]) {
    const verdict = await ask(saved({ files: { 'big.txt': `${'.\n'.repeat(at / 2)} ${key} ${'.\n'.repeat(40_000)}` } }));
    expect(verdict.summary, `at ${at}`).toMatch(new RegExp(`big\\.txt:${Math.floor(at / 2) + 1} holds`));
    expect((verdict.evidence as { secrets: unknown[] }).secrets, `at ${at}`).toHaveLength(1);
  }
});

test('a reviewed finding is no failure, until it changes or the review has no reason', async () => {
  const parts = { files: { 'lib/example.js': `"${key}"\n` } };
  const verdict = await ask(saved(parts));
  const line =
    verdict.details?.find((text) => text.startsWith('if reviewed and harmless: '))?.replace('if reviewed and harmless: ', '') ?? '';
  const reviews = join(room.directory, 'reviewed.txt');
  writeFileSync(
    reviews,
    `# reviewed findings\n\n${line.replace('<reason>', 'an example in the docs')}\n${'0'.repeat(64)}  gone.js  was there once\n`,
  );
  expect(await ask(saved(parts), reviews)).toMatchObject({ status: 'pass', details: ['1 reviewed finding is no longer there'] });
  expect((await ask(saved({ files: { 'lib/example.js': `"${key}x"\n` } }), reviews)).status).toBe('fail');
  expect((await ask(saved({ files: { 'lib/moved.js': `"${key}"\n` } }), reviews)).status).toBe('fail');
  writeFileSync(reviews, `${line.replace('  <reason>', '')}\n`);
  await expect(ask(saved(parts), reviews)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringMatching(/reviewed\.txt:1/),
  });
});

test('many harmless findings never hide a new one', async () => {
  const many = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`lib/${String(index).padStart(3, '0')}.js`, `"${key}"\n`]));
  const first = await ask(saved({ files: many }));
  expect(first.details).toContain('and 230 more');
  const sha = /harmless: ([0-9a-f]{64})/.exec(first.details?.join('\n') ?? '')?.[1] ?? '';
  const reviews = join(room.directory, 'many.txt');
  writeFileSync(
    reviews,
    Object.keys(many)
      .map((path) => `${sha}  ${path}  example`)
      .join('\n'),
  );
  expect((await ask(saved({ files: many }), reviews)).status).toBe('pass');
  expect(await ask(saved({ files: { ...many, 'lib/zzz.js': `"${key}9"\n` } }), reviews)).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/lib\/zzz\.js:1/),
  });
});

test('a product without packages is skipped', async () => {
  const { package: _, ...without } = profile;
  expect((await askCheck(packageCheck, { artifact: 'x' }, room, room.context(room.target(), { profile: without }))).verdict.status).toBe(
    'skip',
  );
});
