import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listBackups, locateBackup } from '../../../src/app/list-backups.js';
import { restoreBackup } from '../../../src/app/restore-backup.js';
import { verifyBackup } from '../../../src/app/verify-backup.js';
import { backup } from '../../../src/changes/backup.js';
import { backupTools } from '../../../src/cli/backup-tools.js';
import BackupList from '../../../src/commands/backup/list.js';
import BackupRestore from '../../../src/commands/backup/restore.js';
import BackupVerify from '../../../src/commands/backup/verify.js';
import { Deployment, Step } from '../../changes/real-deployment.js';

let deployment: Deployment;
const tools = backupTools();
const key = (): string => deployment.at('key.txt');
let runs = 0;
async function made(): Promise<string> {
  const context = deployment.context('backup', { runId: `r${runs++}`, runStartedAtMs: 1_800_000_000_000 + runs * 1000 });
  const outcome = await (await new Step(backup, {}, context).prepare(deployment.ports)).apply(deployment.ports);
  return String('effects' in outcome ? outcome.effects?.['backup'] : '');
}
beforeAll(async () => {
  deployment = await Deployment.make();
  writeFileSync(key(), `# made for a test\n${deployment.identity}\n`, { mode: 0o600 });
});
afterAll(async () => await deployment.stop());

test('backups are listed newest first, and parts of one are no backup', async () => {
  const [first, second] = [await made(), await made()];
  mkdirSync(deployment.at('backups/x.partial'));
  mkdirSync(deployment.at('backups/unrelated'));
  const listed = await listBackups(tools.host.files, deployment.at('backups'));
  expect(listed.map(({ directory }) => directory)).toEqual([second, first]);
  expect(listed[0]).toMatchObject({ component: 'router', problem: null, verifiedAt: expect.stringMatching(/^\d{4}-/) as string });
  expect(listed[0]?.bytes).toBeGreaterThan(1000);
});

test('a backup is found by id and by path, and an unknown one is told', async () => {
  const path = await made();
  const id = path.slice(deployment.at('backups').length + 1);
  expect(await locateBackup(tools.host.files, id, deployment.at('backups'), '/')).toBe(path);
  expect(await locateBackup(tools.host.files, `backups/${id}`, null, deployment.root)).toBe(path);
  await expect(locateBackup(tools.host.files, 'none', deployment.at('backups'), '/')).rejects.toMatchObject({ code: 'BACKUP_UNKNOWN' });
});

test('the operator verifies with a private key file only, and no plaintext stays', async () => {
  const path = await made();
  expect(await verifyBackup(tools, path, key())).toMatchObject({ problems: [], databases: [{ rows: 50 }] });
  expect(JSON.parse(readFileSync(join(path, 'verified.json'), 'utf8'))).toMatchObject({ by: 'backup verify' });
  expect(readdirSync(deployment.at('backups')).filter((name) => name.startsWith('.'))).toEqual([]);
  chmodSync(key(), 0o644);
  await expect(verifyBackup(tools, path, key())).rejects.toMatchObject({ code: 'SECRET_UNREADABLE', hint: `chmod 600 ${key()}` });
  chmodSync(key(), 0o600);
});

test('a damaged backup is red, and its old mark of verification is not renewed', async () => {
  const path = await made();
  const before = readFileSync(join(path, 'verified.json'), 'utf8');
  writeFileSync(join(path, 'license.age'), 'x');
  expect((await verifyBackup(tools, path, key())).problems.join()).toContain('license.age is 1 bytes instead of');
  expect(readFileSync(join(path, 'verified.json'), 'utf8')).toBe(before);
});

test('a restore gives back bytes and modes in an empty directory, and touches nothing live', async () => {
  const path = await made();
  const into = deployment.at('restored');
  const items = await restoreBackup(tools, path, key(), into);
  for (const item of items.filter(({ name }) => !name.startsWith('database'))) {
    expect([item.name, readFileSync(item.path).equals(readFileSync(item.source)), statSync(item.path).mode & 0o777]).toEqual([
      item.name,
      true,
      statSync(item.source).mode & 0o777,
    ]);
  }
  const database = new Database(items.find(({ name }) => name === 'database-usage')?.path, { readonly: true });
  expect(database.prepare('SELECT count(*) AS n FROM request_usage').get()).toEqual({ n: 50 });
  database.close();
  expect(readdirSync(into).filter((name) => name.startsWith('.'))).toEqual([]);
  await expect(restoreBackup(tools, path, key(), into)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
});

test('a restore of a damaged backup, or with another key, leaves nothing behind', async () => {
  const path = await made();
  const other = deployment.at('other.txt');
  writeFileSync(other, (await tools.host.acts.vault.newKeyPair()).identity, { mode: 0o600 });
  await expect(restoreBackup(tools, path, other, deployment.at('never'))).rejects.toMatchObject({ code: 'BACKUP_UNOPENABLE', exitCode: 3 });
  writeFileSync(join(path, 'license.age'), 'x');
  await expect(restoreBackup(tools, path, key(), deployment.at('never'))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED', exitCode: 3 });
  expect(existsSync(deployment.at('never')) ? readdirSync(deployment.at('never')) : []).toEqual([]);
});

/** Runs a command in this process and hands back what it printed. */
async function run(
  command: { run(argv: string[], options: unknown): Promise<unknown> },
  argv: string[],
): Promise<{ code: unknown; out: string; error: string }> {
  const printed = { out: '', error: '' };
  const [write, complain] = [process.stdout.write, process.stderr.write];
  process.stdout.write = ((text: string) => {
    printed.out += text;
    return true;
  }) as typeof process.stdout.write;
  process.stderr.write = ((text: string) => {
    printed.error += text;
    return true;
  }) as typeof process.stderr.write;
  try {
    await command.run(argv, import.meta.url);
    return { code: process.exitCode, ...printed };
  } finally {
    process.stdout.write = write;
    process.stderr.write = complain;
    process.exitCode = undefined;
  }
}

test('a directory that was typed and is not there is told, not taken for an empty one', async () => {
  const list = (directory: string) =>
    execa(process.execPath, [resolve('bin/run.js'), 'backup', 'list', '--directory', directory], { reject: false });
  expect(await list(deployment.at('nope'))).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringContaining('is no directory that is there'),
  });
  mkdirSync(deployment.at('empty'));
  expect(await list(deployment.at('empty'))).toMatchObject({ exitCode: 0, stdout: `no backups in ${deployment.at('empty')}` });
});

test('the commands answer in text and JSON with their exit codes', async () => {
  const path = await made();
  const id = path.slice(deployment.at('backups').length + 1);
  const place = ['--directory', deployment.at('backups')];
  expect((await run(BackupList, place)).out).toContain(`${id}  20`);
  expect(JSON.parse((await run(BackupList, [...place, '--json'])).out)).toMatchObject({ directory: deployment.at('backups') });
  expect(await run(BackupVerify, [id, ...place, '--identity', key()])).toMatchObject({
    code: 0,
    out: expect.stringContaining('VERIFIED') as string,
  });
  expect(await run(BackupRestore, [path, '--identity', key(), '--into', deployment.at('out')])).toMatchObject({
    code: 0,
    out: expect.stringContaining('RESTORED 4 items') as string,
  });
  expect(await run(BackupRestore, [path, '--identity', key(), '--into', deployment.at('out')])).toMatchObject({
    code: 2,
    error: expect.stringContaining('not an empty directory') as string,
  });
  expect(await run(BackupVerify, ['none', ...place, '--identity', key()])).toMatchObject({ code: 2 });
  writeFileSync(join(path, 'config.age'), 'x');
  expect(await run(BackupVerify, [path, '--identity', key()])).toMatchObject({
    code: 3,
    out: expect.stringContaining('NOT RESTORABLE') as string,
  });
});
