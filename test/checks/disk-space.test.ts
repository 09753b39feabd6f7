import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { diskSpace } from '../../checks/disk-space.js';
import type { Json } from '../../src/core/json.js';
import { askCheck, openRoom } from './check-room.js';
import { makePackage } from './make-package.js';

const room = openRoom();
const recipient = 'age1test';
const mib = 1024 * 1024;

function site() {
  const config = join(room.directory, 'config.yaml');
  writeFileSync(config, 'x'.repeat(1000));
  const path = join(room.directory, 'usage.db');
  new Database(path).exec('CREATE TABLE IF NOT EXISTS t (x)').close();
  const { name, bytes } = makePackage();
  writeFileSync(join(room.directory, name), bytes);
  const component = {
    files: { config, licenseState: join(room.directory, 'absent') },
    artifact: { kind: 'binary', program: 'r', versions: join(room.directory, 'versions'), current: join(room.directory, 'current') },
  };
  const target = room.target(
    { backup: { directory: join(room.directory, 'backups'), recipients: [recipient] }, databases: { usage: { kind: 'sqlite', path } } },
    component,
  );
  return { target, artifact: join(room.directory, name) };
}
const ask = async (spec: object, target = site().target) => await askCheck(diskSpace, spec, room, room.context(target));
const devices = (observation: Json | null) =>
  (observation as { devices: { needBytes: number; needInodes: number; why: string[]; freeBytes: number }[] }).devices;

test('needs follow from the target and the package, added up per file system', async () => {
  const { target, artifact } = site();
  const { verdict, observation } = await ask({ artifact, factor: 1 }, target);
  expect(verdict).toMatchObject({ status: 'pass', summary: expect.stringMatching(/^[\d.]+ MiB needed, [\d.]+ [KMGT]iB free at /) });
  const [only, second] = devices(observation);
  expect(second).toBeUndefined();
  expect(only?.why.map((text) => text.split(':')[0])).toEqual(['journal, undo and report', 'restore proof', 'backup', 'unpacked package']);
  // 32 MiB of reserve, and twice the config (1,000 bytes) and the database (8 KiB), and the files of the package.
  expect(only?.needBytes).toBeGreaterThan(32 * mib + 2 * 9192);
  expect(only?.needBytes).toBeLessThan(33 * mib);
});

test('the copy that proves the backup is counted where it will lie: below the root, not beside the backup', async () => {
  const { target } = site();
  // Another file system on every machine; nothing is written there.
  const elsewhere = { ...target, backup: { directory: '/proc/backups', recipients: [recipient], keep: 1 } };
  const { verdict, observation } = await ask({ factor: 1 }, elsewhere);
  const why = devices(observation).map((device) => device.why.map((text) => text.replace(/: [\d.]+ \w+ at /, ' at ')));
  expect(why).toEqual([[`journal, undo and report at ${target.root}`, `restore proof at ${target.root}`], ['backup at /proc/backups']]);
  expect(verdict).toMatchObject({ status: 'fail', hint: expect.stringMatching(/backup\.directory/) as string });
});

test('where the root is too small, another place for the backup is no advice', async () => {
  const { verdict } = await ask({ factor: 1, needs: [{ path: '/proc', bytes: mib, why: 'scratch of a hook' }] });
  expect(verdict).toMatchObject({ status: 'fail', hint: expect.not.stringMatching(/backup\.directory/) as string });
});

test('the factor multiplies, and needs of the step are added', async () => {
  const plain = devices((await ask({ factor: 1 })).observation)[0]?.needBytes ?? 0;
  expect(devices((await ask({ factor: 2 })).observation)[0]?.needBytes).toBe(2 * plain);
  const more = await ask({ factor: 1, needs: [{ path: room.directory, bytes: 5 * mib, why: 'import' }] });
  expect(devices(more.observation)[0]?.needBytes).toBe(plain + 5 * mib);
});

test('more than there is fails, with need, free space and what it is for', async () => {
  const { verdict } = await ask({ needs: [{ path: room.directory, bytes: 2 ** 52, why: 'the whole internet' }] });
  expect(verdict).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/: [\d.]+ TiB needed, [\d.]+ [KMGT]iB free$/),
    details: expect.arrayContaining([expect.stringMatching(/the whole internet/)]),
    hint: expect.stringMatching(/backup\.directory/),
  });
});

const room1 = { path: '/a', freeBytes: 100, freeInodes: 10, needBytes: 50, needInodes: 5, why: ['backup: 50 B at /a'] };

test.each<[string, object[], string, RegExp]>([
  ['enough everywhere', [room1, { ...room1, path: '/b', freeBytes: 60 }], 'pass', /^50 B needed, 60 B free at \/b$/],
  ['just enough', [{ ...room1, needBytes: 100, needInodes: 10 }], 'pass', /100 B needed, 100 B free/],
  ['one byte short', [room1, { ...room1, path: '/b', freeBytes: 49 }], 'fail', /^\/b: 50 B needed, 49 B free$/],
  ['one inode short', [{ ...room1, freeInodes: 4 }], 'fail', /^\/a: 5 inodes needed, 4 free$/],
])('%s', (_, list, status, words) => {
  const verdict = diskSpace.judge({ devices: list } as never, { needs: [], factor: 1 }, room.context(room.target()));
  expect(verdict).toMatchObject({ status, summary: expect.stringMatching(words) });
});

test('a package that cannot be read leaves the need unmeasured', async () => {
  const artifact = join(room.directory, 'broken.tar.gz');
  writeFileSync(artifact, 'nothing');
  expect((await ask({ artifact })).verdict).toMatchObject({
    status: 'inconclusive',
    summary: expect.stringMatching(/need cannot be told: .*not a tar archive/),
  });
});
