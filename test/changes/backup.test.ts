import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backup } from '../../src/changes/backup.js';
import { type InnerManifest, innerManifest, openManifest } from '../../src/core/backup-manifest.js';
import { proveBackup } from '../../src/core/backup-proof.js';
import { startBusyWriter } from '../contracts/busy-writer.js';
import { Deployment, KilledHere, killedAt, Step } from './real-deployment.js';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.make();
});
afterAll(async () => await deployment.stop());

let steps = 0;
/** Each in a run of its own. */
const fresh = async (): Promise<Step<object>> => {
  const context = deployment.context('backup', { runId: `run${steps++}` });
  return await new Step(backup, {}, { ...context, undoDirectory: deployment.at(`run/${context.runId}/undo/backup`) }).prepare(
    deployment.ports,
  );
};
const directoryOf = (step: Step<object>): string => (step.prepared.undo as { directory: string }).directory;
const plaintextLeft = (step: Step<object>): string[] =>
  existsSync(step.context.undoDirectory)
    ? readdirSync(step.context.undoDirectory).filter((name) => !name.endsWith('.backup-identity'))
    : [];

test('the plan names what is saved and what is not there, and no secret', async () => {
  const { diff } = await backup.plan({}, deployment.ports, deployment.context('backup'));
  const text = diff.map((line) => line.text).join('\n');
  for (const name of ['config.age', 'provider-environment.age', 'license.age', 'database-usage.age', 'license-state is not there'])
    expect(text).toContain(name);
});

test('a backup under 200 writes a second is proven, private, and opened by the operator alone', async () => {
  const writer = await startBusyWriter(deployment.at('usage.sqlite'));
  try {
    const step = await fresh();
    const outcome = await step.apply(deployment.ports);
    expect(outcome).toMatchObject({
      status: 'done',
      effects: { backup: directoryOf(step) },
      evidence: { absent: ['license-state'], databases: [{ name: 'database-usage' }] },
    });
    expect(await step.inspect(deployment.ports)).toBe('present');
    expect([plaintextLeft(step), readdirSync(deployment.at('backups')).filter((name) => name.endsWith('.partial'))]).toEqual([[], []]);
    for (const name of readdirSync(directoryOf(step))) {
      expect(statSync(join(directoryOf(step), name)).mode & 0o077).toBe(0);
      expect(readFileSync(join(directoryOf(step), name), 'latin1')).not.toMatch(/sk-canary|a-config-secret|license-text/);
    }
    const proof = await proveBackup(
      { directory: directoryOf(step), identity: deployment.identity, scratch: deployment.at('run/scratch') },
      deployment.ports.on('local'),
      deployment.ports.clock,
    );
    expect([proof.problems, existsSync(deployment.at('run/scratch'))]).toEqual([[], false]);
    expect(await step.apply(deployment.ports)).toMatchObject({ status: 'done' });
    expect(await step.revert(deployment.ports)).toMatchObject({ status: 'unchanged', evidence: { backup: directoryOf(step) } });
    expect(existsSync(directoryOf(step))).toBe(true);
  } finally {
    await writer.stop();
  }
});

test('the identity of the run lies in its undo directory only, private', async () => {
  const step = await fresh();
  await step.apply(deployment.ports);
  const [name = ''] = readdirSync(step.context.undoDirectory);
  expect([readdirSync(step.context.undoDirectory).length, statSync(join(step.context.undoDirectory, name)).mode & 0o777]).toEqual([
    1, 0o600,
  ]);
});

/** Replaces the saved database by another file, with honest ciphertext digests, as an attacker or a bad disk could not. */
async function replaceDatabase(directory: string, change: (path: string) => void, honest: boolean): Promise<void> {
  const host = deployment.ports.on('local');
  const [plain, cipher] = [join(directory, '../plain'), join(directory, 'database-usage.age')];
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${plain}${suffix}`, { force: true });
  await host.acts.vault.decrypt(cipher, plain, deployment.identity);
  change(plain);
  rmSync(cipher);
  const recipients = deployment.target.backup?.recipients ?? [];
  const sealed = await host.acts.vault.encrypt(plain, cipher, recipients);
  const manifest = openManifest.parse(JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')));
  const entries = manifest.entries.map((entry) =>
    entry.name === 'database-usage' ? { ...entry, sha256: sealed.sha256, bytes: sealed.bytes } : entry,
  );
  let { inner } = manifest;
  if (honest) {
    const innerPlain = `${plain}.inner`;
    rmSync(innerPlain, { force: true });
    await host.acts.vault.decrypt(join(directory, 'inner-manifest.json.age'), innerPlain, deployment.identity);
    const document: InnerManifest = innerManifest.parse(JSON.parse(readFileSync(innerPlain, 'utf8')));
    const items = document.items.map((item) =>
      item.name === 'database-usage' ? { ...item, sha256: sealed.plaintextSha256, bytes: sealed.plaintextBytes } : item,
    );
    writeFileSync(innerPlain, JSON.stringify({ ...document, items }));
    rmSync(join(directory, 'inner-manifest.json.age'));
    inner = await host.acts.vault.encrypt(innerPlain, join(directory, 'inner-manifest.json.age'), recipients);
    rmSync(innerPlain);
  }
  rmSync(plain);
  writeFileSync(
    join(directory, 'manifest.json'),
    JSON.stringify({ ...manifest, entries, inner: { sha256: inner.sha256, bytes: inner.bytes } }),
  );
}

const edit =
  (sql: string) =>
  (path: string): void => {
    const database = new Database(path);
    database.exec(sql);
    database.close();
  };
const tornPage = (path: string): void => {
  const bytes = readFileSync(path);
  bytes.fill(0xff, bytes.length - 4096, bytes.length - 2048);
  bytes.fill(0xff, 4096, 4600);
  writeFileSync(path, bytes);
};
const otherDatabase = (path: string): void => {
  rmSync(path);
  edit('CREATE TABLE elsewhere (a)')(path);
};

const corruptions: readonly [string, (directory: string, honest: boolean) => Promise<void> | void, RegExp][] = [
  ['a torn page', (directory, honest) => replaceDatabase(directory, tornPage, honest), /integrity_check|cannot be read/],
  [
    'missing newest rows',
    (directory, honest) => replaceDatabase(directory, edit('DELETE FROM request_usage WHERE id > 40'), honest),
    /rows instead of|newest row/,
  ],
  ['an empty dump', (directory, honest) => replaceDatabase(directory, edit('DELETE FROM request_usage'), honest), /is empty, but was not/],
  [
    'a database truncated to nothing',
    (directory, honest) => replaceDatabase(directory, (path) => truncateSync(path, 0), honest),
    /has no rows|schema differs/,
  ],
  ['another database', (directory, honest) => replaceDatabase(directory, otherDatabase, honest), /schema differs/],
];

for (const honest of [false, true]) {
  test.each(corruptions)(
    `%s turns the proof red${honest ? ', even when every recorded digest was made to fit' : ''}`,
    async (_name, corrupt, reason) => {
      const step = await fresh();
      await step.apply(deployment.ports);
      await corrupt(directoryOf(step), honest);
      const proof = await proveBackup(
        { directory: directoryOf(step), identity: deployment.identity, scratch: deployment.at('run/scratch') },
        deployment.ports.on('local'),
        deployment.ports.clock,
      );
      expect(proof.problems.join('\n')).toMatch(reason);
      if (!honest) expect(proof.problems.join('\n')).toMatch(/sha256 differs/);
    },
  );
}

test.each<[string, (directory: string) => void, RegExp]>([
  [
    'a truncated ciphertext',
    (directory) => truncateSync(join(directory, 'database-usage.age'), 3000),
    /3000 bytes instead of|cannot be decrypted/,
  ],
  ['a missing item', (directory) => rmSync(join(directory, 'license.age')), /license\.age is missing/],
  [
    'an altered ciphertext',
    (directory) => writeFileSync(join(directory, 'config.age'), Buffer.alloc(statSync(join(directory, 'config.age')).size)),
    /config\.age differs from its recorded sha256/,
  ],
  ['a missing manifest', (directory) => rmSync(join(directory, 'manifest.json')), /manifest\.json is missing/],
  ['an item that was taken off the list', (directory) => dropEntry(directory), /name different things/],
])('%s turns the proof red', async (_name, corrupt, reason) => {
  const step = await fresh();
  await step.apply(deployment.ports);
  corrupt(directoryOf(step));
  const proof = await proveBackup(
    { directory: directoryOf(step), identity: deployment.identity, scratch: deployment.at('run/scratch') },
    deployment.ports.on('local'),
    deployment.ports.clock,
  );
  expect(proof.problems.join('\n')).toMatch(reason);
});

function dropEntry(directory: string): void {
  const path = join(directory, 'manifest.json');
  const manifest = openManifest.parse(JSON.parse(readFileSync(path, 'utf8')));
  writeFileSync(path, JSON.stringify({ ...manifest, entries: manifest.entries.slice(1) }));
}

test('the wrong key turns the proof red', async () => {
  const step = await fresh();
  await step.apply(deployment.ports);
  const { identity } = await deployment.ports.on('local').acts.vault.newKeyPair();
  const proof = await proveBackup(
    { directory: directoryOf(step), identity, scratch: deployment.at('run/scratch') },
    deployment.ports.on('local'),
    deployment.ports.clock,
  );
  expect(proof.problems.join('\n')).toMatch(/cannot be decrypted/);
});

test('a failed backup says so and leaves no plaintext and no directory', async () => {
  const step = await fresh();
  const path = deployment.at('usage.sqlite');
  renameSync(path, `${path}.away`);
  writeFileSync(path, 'x'.repeat(8192));
  expect(await step.apply(deployment.ports)).toMatchObject({ status: 'failed', evidence: { code: 'DATABASE_DAMAGED' } });
  rmSync(path);
  renameSync(`${path}.away`, path);
  expect([plaintextLeft(step), existsSync(directoryOf(step)), await step.inspect(deployment.ports)]).toEqual([[], false, 'absent']);
});

test('killed before or after any act it is taken up again, or taken back twice, and no plaintext stays', async () => {
  const counted = killedAt(deployment.ports, 0);
  await (await fresh()).apply(counted.ports);
  const points = counted.calls().length * 2;
  const seen = new Set<string>();
  for (let point = 1; point <= points; point += 1) {
    const step = await fresh();
    await expect(step.apply(killedAt(deployment.ports, point).ports)).rejects.toThrow(KilledHere);
    seen.add(await step.inspect(deployment.ports));
    if (point % 2 === 0) expect(await step.apply(deployment.ports)).toMatchObject({ status: 'done' });
    else for (const _time of [1, 2]) expect(await step.revert(deployment.ports)).toMatchObject({ status: 'unchanged' });
    expect([plaintextLeft(step), existsSync(`${directoryOf(step)}.partial`)]).toEqual([[], false]);
  }
  expect([...seen].sort()).toEqual(['absent', 'partial', 'present']);
});

test('the manifest tells sizes and digests of what lies there', async () => {
  const step = await fresh();
  await step.apply(deployment.ports);
  mkdirSync(deployment.at('run/x'), { recursive: true });
  const manifest = openManifest.parse(JSON.parse(readFileSync(join(directoryOf(step), 'manifest.json'), 'utf8')));
  for (const { name, sha256, bytes } of manifest.entries) {
    const content = readFileSync(join(directoryOf(step), `${name}.age`));
    expect([createHash('sha256').update(content).digest('hex'), content.length]).toEqual([sha256, bytes]);
  }
});
