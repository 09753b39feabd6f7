// What every holder of files must do: appear whole or not at all, keep mode and owner, and survive being called again.
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { filesNode } from '../../src/adapters/files-node.js';

const files = filesNode();
const root = mkdtempSync(join(tmpdir(), 'files-'));
afterAll(() => rmSync(root, { recursive: true }));
let made = 0;
const fresh = (): string => {
  const directory = join(root, `d${made++}`);
  mkdirSync(directory);
  return directory;
};
const left = (directory: string): string[] => readdirSync(directory).filter((name) => name.includes('routerctl-tmp'));
/** What a writer that was killed leaves: its process number is one that no process has. */
const leftover = (directory: string, name: string): string => join(directory, `.${name}.routerctl-tmp-4194305-abcdef`);

test('a replaced file keeps the mode of the old one, and a new one is private', async () => {
  const directory = fresh();
  const path = join(directory, 'a');
  await files.replace(path, 'one');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  chmodSync(path, 0o664);
  await files.replace(path, 'two');
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, left(directory)]).toEqual(['two', 0o664, []]);
});

test('a replacement is another file under the old name, so that a reader of the old one is not disturbed', async () => {
  const path = join(fresh(), 'a');
  writeFileSync(path, 'old');
  linkSync(path, `${path}.reader`);
  await files.replace(path, 'new');
  expect(readFileSync(`${path}.reader`, 'utf8')).toBe('old');
});

test('a link is not replaced by a file, nor a file by a link', async () => {
  const directory = fresh();
  writeFileSync(join(directory, 'file'), 'x');
  symlinkSync('file', join(directory, 'link'));
  await expect(files.replace(join(directory, 'link'), 'y')).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  await expect(files.pointLink(join(directory, 'file'), 'link')).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('x');
});

test('leftovers of a killed writer go with the next write, those of a living one stay', async () => {
  const directory = fresh();
  writeFileSync(leftover(directory, 'a'), 'half');
  writeFileSync(leftover(directory, 'b'), 'of another name');
  const living = join(directory, `.a.routerctl-tmp-${process.ppid}-abcdef`);
  writeFileSync(living, 'half');
  await files.replace(join(directory, 'a'), 'whole');
  expect(left(directory).sort()).toEqual([living, leftover(directory, 'b')].map((path) => path.slice(directory.length + 1)).sort());
});

test('a copy never takes a name that is taken', async () => {
  const directory = fresh();
  writeFileSync(join(directory, 'from'), 'x', { mode: 0o640 });
  await files.copyNew(join(directory, 'from'), join(directory, 'to'), { mode: 0o600 });
  expect([readFileSync(join(directory, 'to'), 'utf8'), statSync(join(directory, 'to')).mode & 0o777]).toEqual(['x', 0o600]);
  await expect(files.copyNew(join(directory, 'from'), join(directory, 'to'))).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  await expect(files.copyNew(join(directory, 'none'), join(directory, 'to2'))).rejects.toMatchObject({ code: 'FILE_MISSING' });
  expect([existsSync(join(directory, 'to2')), left(directory)]).toEqual([false, []]);
});

test('a link is repointed in one step, also when it dangles', async () => {
  const path = join(fresh(), 'current');
  await files.pointLink(path, 'versions/1');
  const before = lstatSync(path).ino;
  await files.pointLink(path, 'versions/2');
  expect([readlinkSync(path), lstatSync(path).ino === before]).toEqual(['versions/2', false]);
  expect(await files.readLink(path)).toBe('versions/2');
  expect(await files.realPath(path)).toBeNull();
});

test('a move may be called again after a kill, and overwrites nothing', async () => {
  const directory = fresh();
  const [from, to] = [join(directory, 'from'), join(directory, 'to')];
  mkdirSync(from);
  await files.move(from, to);
  await files.move(from, to);
  mkdirSync(from);
  await expect(files.move(from, to)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  expect(statSync(to).isDirectory()).toBe(true);
});

test('removing a tree does not follow its links, and nothing there is fine', async () => {
  const directory = fresh();
  mkdirSync(join(directory, 'kept'));
  writeFileSync(join(directory, 'kept', 'file'), 'x');
  mkdirSync(join(directory, 'tree'));
  symlinkSync(join(directory, 'kept'), join(directory, 'tree', 'link'));
  await files.remove(join(directory, 'tree'));
  await files.remove(join(directory, 'tree'));
  await files.remove(join(directory, 'never', 'there'));
  expect(readdirSync(directory)).toEqual(['kept']);
  expect(readdirSync(join(directory, 'kept'))).toEqual(['file']);
});

test('a directory is made with its mode, whatever the umask, and an existing one is left as it is', async () => {
  const path = join(fresh(), 'a', 'b');
  await files.makeDirectory(path, { mode: 0o700 });
  expect(statSync(path).mode & 0o777).toBe(0o700);
  chmodSync(path, 0o755);
  await files.makeDirectory(path, { mode: 0o700 });
  expect(statSync(path).mode & 0o777).toBe(0o755);
});

test('reads say what is wrong in one code', async () => {
  const directory = fresh();
  const path = join(directory, 'a');
  writeFileSync(path, 'abc');
  await expect(files.readText(join(directory, 'none'))).rejects.toMatchObject({ code: 'FILE_MISSING' });
  await expect(files.read(path, { maxBytes: 2 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  await expect(files.read(directory)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  expect(await files.stat(join(path, 'below'))).toBeNull();
  expect(await files.sha256(path)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(await files.list(join(directory, 'none'))).toEqual([]);
});

test('space is that of the nearest existing parent, and this disk is local', async () => {
  const space = await files.space(join(root, 'not', 'there', 'yet'));
  expect(space.freeBytes).toBeGreaterThan(0);
  expect([space.network, space.device]).toEqual([false, statSync(root).dev]);
});

test('what may be written is told of the directory, or of the nearest one above it that exists', async () => {
  const directory = fresh();
  const file = join(directory, 'file');
  writeFileSync(file, '');
  expect(
    await Promise.all([directory, join(directory, 'not', 'yet'), file, join(file, 'below'), '/proc/1'].map((path) => files.mayWrite(path))),
  ).toEqual([true, true, false, false, false]);
});
