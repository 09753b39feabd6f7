// What every reader of packages must do: say truly what is inside, and refuse what a release never holds.
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import type { Archives, Unpacking } from '../../src/core/ports/archives.js';
import { makeTar, makeTarGz, type TarEntry } from './make-tar.js';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const binary = Buffer.from(Array.from({ length: 150_000 }, (_, index) => (index * 7919) % 251));
const good: readonly TarEntry[] = [
  { path: 'p-1/', type: '5', mode: 0o755 },
  { path: 'p-1/a.txt', content: 'hello\n' },
  { path: 'p-1/bin/run', content: binary, mode: 0o755 },
  { path: './p-1/empty', content: '' },
];

const evil: readonly [string, TarEntry[], RegExp][] = [
  ['a path that leads outside', [{ path: 'p-1/../../etc/cron.d/x', content: 'x' }], /leads outside/],
  ['an absolute path', [{ path: '/etc/passwd', content: 'x' }], /absolute/],
  ['a symbolic link', [{ path: 'p-1/l', type: '2', link: '/etc' }], /link/],
  ['a hard link', [{ path: 'p-1/l', type: '1', link: 'p-1/a.txt' }], /link/],
  ['a fifo', [{ path: 'p-1/f', type: '6' }], /FIFO/],
  ['a device', [{ path: 'p-1/d', type: '3' }], /CharacterDevice/],
  [
    'a file twice',
    [
      { path: 'p-1/a', content: '1' },
      { path: './p-1/a', content: '2' },
    ],
    /twice/,
  ],
  [
    'a file that is also a directory',
    [
      { path: 'p-1/a', content: '1' },
      { path: 'p-1/a/b', content: '2' },
    ],
    /below/,
  ],
  [
    'a directory that is also a file',
    [
      { path: 'p-1/a/b', content: '1' },
      { path: 'p-1/a', content: '2' },
    ],
    /twice/,
  ],
  ['a backslash', [{ path: 'p-1\\a', content: '1' }], /plain path/],
  ['a control character', [{ path: 'p-1/a\u001b[2J', content: '1' }], /plain path/],
  [
    'an oversized extended header',
    [
      { path: 'x', type: 'x', content: 'y'.repeat(70_000) },
      { path: 'p-1/a', content: '' },
    ],
    /extended header/,
  ],
];

/** What this process has open. */
const openFiles = (): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      return [];
    }
  });

export function archivesContract(name: string, archives: Archives, unpacking: Unpacking): void {
  const directory = mkdtempSync(join(tmpdir(), 'archives-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  let made = 0;
  const next = (): number => {
    made += 1;
    return made;
  };
  const save = (bytes: Uint8Array): string => {
    const path = join(directory, `${next()}.tar.gz`);
    writeFileSync(path, bytes);
    return path;
  };
  const firstDigests = (entries: readonly TarEntry[]) =>
    Object.fromEntries([...entries].reverse().map(({ path, content = '' }) => [path.replace(/^(\.\/)?p-1\//, ''), sha256(content)]));
  const every = (path: string, entries: readonly TarEntry[]): readonly [string, () => Promise<unknown>][] => [
    ['list', () => archives.list(path)],
    ['readText', () => archives.readText(path, 'p-1/a.txt')],
    ['examine', () => archives.examine(path)],
    ['unpack', () => unpacking.unpack(path, join(directory, `out-${next()}`), firstDigests(entries), { stripPrefix: 'p-1' })],
  ];

  test.each([
    ['compressed', makeTarGz(good)],
    ['plain', makeTar(good)],
  ])(`${name}: a %s package is listed, read and examined`, async (_, bytes) => {
    const path = save(bytes);
    expect(await archives.list(path)).toEqual([
      { path: 'p-1', kind: 'directory', bytes: 0, mode: 0o755 },
      { path: 'p-1/a.txt', kind: 'file', bytes: 6, mode: 0o644 },
      { path: 'p-1/bin/run', kind: 'file', bytes: binary.length, mode: 0o755 },
      { path: 'p-1/empty', kind: 'file', bytes: 0, mode: 0o644 },
    ]);
    expect(await archives.readText(path, 'p-1/a.txt')).toBe('hello\n');
    const seen: Record<string, Uint8Array[]> = {};
    const findings = await archives.examine(path, (entry, chunk) => {
      seen[entry] = [...(seen[entry] ?? []), Uint8Array.from(chunk)];
    });
    expect(findings.map((finding) => [finding.path, finding.sha256])).toEqual([
      ['p-1/a.txt', sha256('hello\n')],
      ['p-1/bin/run', sha256(binary)],
      ['p-1/empty', sha256('')],
    ]);
    expect(Buffer.from(findings[1]?.head.subarray(0, 20) ?? [])).toEqual(binary.subarray(0, 20));
    expect(sha256(Buffer.concat(seen['p-1/bin/run'] ?? []))).toBe(sha256(binary));
  });

  test(`${name}: a missing or too large entry is named`, async () => {
    const path = save(makeTarGz(good));
    await expect(archives.readText(path, 'p-1/none')).rejects.toMatchObject({ code: 'FILE_MISSING' });
    await expect(archives.readText(path, 'p-1/bin/run', { maxBytes: 1000 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    await expect(archives.list(join(directory, 'none'))).rejects.toMatchObject({ code: 'FILE_MISSING' });
  });

  test(`${name}: a package that changes after it was listed is read anew`, async () => {
    const path = save(makeTarGz(good));
    await archives.list(path);
    expect(await archives.readText(path, 'p-1/a.txt')).toBe('hello\n');
    const other = makeTarGz([{ path: 'p-1/a.txt', content: 'another\n' }]);
    writeFileSync(path, other);
    expect(await archives.readText(path, 'p-1/a.txt')).toBe('another\n');
    expect((await archives.list(path)).map((entry) => entry.bytes)).toEqual([8]);
    writeFileSync(path, other.subarray(0, -20));
    await expect(archives.readText(path, 'p-1/a.txt')).rejects.toMatchObject({ code: 'PACKAGE_TRUNCATED' });
    await expect(archives.list(path)).rejects.toMatchObject({ code: 'PACKAGE_TRUNCATED' });
  });

  test.each(evil)(`${name}: %s is refused by every call`, async (_, entries, words) => {
    for (const [call, ask] of every(save(makeTarGz(entries)), entries)) {
      await expect(ask(), call).rejects.toMatchObject({ code: 'PACKAGE_UNSAFE', message: expect.stringMatching(words) });
    }
  });

  test(`${name}: a decompression bomb is refused before it is unpacked`, async () => {
    const path = save(makeTarGz([{ path: 'p-1/zeros', content: Buffer.alloc(40 * 1024 * 1024) }]));
    await expect(archives.examine(path)).rejects.toMatchObject({ code: 'PACKAGE_UNSAFE', message: expect.stringMatching(/100 times/) });
  });

  test(`${name}: wherever a package is cut, it is truncated or unreadable, never shorter`, async () => {
    const bytes = makeTarGz(good);
    const plain = makeTar(good);
    const cuts = [0, 1, 5, 20, bytes.length >> 1, bytes.length - 9, bytes.length - 1].map((at) => bytes.subarray(0, at));
    for (const cut of [...cuts, plain.subarray(0, 700), plain.subarray(0, 1536), gzipSync(makeTar(good, { end: false }))]) {
      await expect(archives.examine(save(cut)), `${cut.length} bytes`).rejects.toMatchObject({
        code: expect.stringMatching(/PACKAGE_(TRUNCATED|UNREADABLE)/),
      });
    }
    await expect(archives.list(save(bytes.subarray(0, bytes.length >> 1)))).rejects.toMatchObject({ code: 'PACKAGE_TRUNCATED' });
  });

  test(`${name}: what is not an archive is unreadable`, async () => {
    for (const bytes of [Buffer.from('<!doctype html><html>'), gzipSync('not a tar'), gzipSync(makeTarGz(good)), Buffer.alloc(2048, 65)]) {
      await expect(archives.list(save(bytes))).rejects.toMatchObject({ code: 'PACKAGE_UNREADABLE' });
    }
    const flipped = makeTarGz(good);
    flipped[40] = (flipped[40] ?? 0) ^ 0xff;
    await expect(archives.examine(save(flipped))).rejects.toMatchObject({ code: expect.stringMatching(/PACKAGE_/) });
  });

  const manifest = { 'a.txt': sha256('hello\n'), 'bin/run': sha256(binary), empty: sha256('') };

  test(`${name}: unpacking writes exactly the manifest, keeps executable bits and drops setuid`, async () => {
    const into = join(directory, 'unpacked');
    const entries = good.map((entry) => (entry.path === 'p-1/bin/run' ? { ...entry, mode: 0o4755 } : entry));
    await unpacking.unpack(save(makeTarGz(entries)), into, manifest, { stripPrefix: 'p-1' });
    expect(readFileSync(join(into, 'a.txt'), 'utf8')).toBe('hello\n');
    expect(readFileSync(join(into, 'bin/run'))).toEqual(binary);
    expect(lstatSync(join(into, 'bin/run')).mode & 0o7777).toBe(0o755);
    expect(lstatSync(join(into, 'a.txt')).mode & 0o7777).toBe(0o644);
  });

  test.each([
    ['an entry outside the manifest', good, { 'a.txt': manifest['a.txt'] }],
    ['a missing entry', good, { ...manifest, more: sha256('') }],
    ['another digest', good, { ...manifest, 'a.txt': sha256('other') }],
    ['an entry outside the prefix', [...good, { path: 'q/x', content: '' }], manifest],
  ] as const)(`${name}: unpacking refuses %s`, async (what, entries, list) => {
    const into = join(directory, `refused-${what.replaceAll(' ', '-')}`);
    await expect(unpacking.unpack(save(makeTarGz(entries)), into, list, { stripPrefix: 'p-1' })).rejects.toMatchObject({
      code: 'PACKAGE_MISMATCH',
    });
  });

  test(`${name}: unpacking holds few files open at once, and none afterwards, whole or broken off`, async () => {
    const many = Array.from({ length: 2000 }, (_, index) => ({ path: `p-1/d${index % 7}/f${index}`, content: `file ${index}\n` }));
    const list = Object.fromEntries(many.map(({ path, content }) => [path.slice('p-1/'.length), sha256(content)]));
    const path = save(makeTarGz(many));
    const open = (into: string): number => openFiles().filter((file) => file.startsWith(`${into}/`)).length;
    for (const [into, wanted] of [
      [join(directory, 'many'), list],
      [join(directory, 'many-broken'), { ...list, 'd6/f1490': sha256('other') }],
    ] as const) {
      let most = 0;
      const looking = setInterval(() => {
        most = Math.max(most, open(into));
      }, 1);
      const ended = await unpacking.unpack(path, into, wanted, { stripPrefix: 'p-1' }).catch((error: unknown) => error);
      clearInterval(looking);
      expect(ended === undefined).toBe(wanted === list);
      expect([most < 200, open(into)]).toEqual([true, 0]);
    }
    expect(readFileSync(join(directory, 'many/d3/f1998'), 'utf8')).toBe('file 1998\n');
  });

  test(`${name}: unpacking into a name that is taken is refused and touches nothing`, async () => {
    const into = join(directory, 'taken');
    writeFileSync(into, 'mine');
    await expect(unpacking.unpack(save(makeTarGz(good)), into, manifest, { stripPrefix: 'p-1' })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    expect(readFileSync(into, 'utf8')).toBe('mine');
  });
}
