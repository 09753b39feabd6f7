import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decrypter, Encrypter } from 'age-encryption';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { targetSpec } from '../../../src/core/target.js';
import { labDown } from '../../../src/router/lab/lab-down.js';
import { startDetached, stopByPidFile } from '../../../src/router/lab/lab-process.js';
import type { LabRecord } from '../../../src/router/lab/lab-record.js';
import { labUp } from '../../../src/router/lab/lab-up.js';
import { unpackTarGz } from '../../../src/router/lab/package-archive.js';
import { packageRelease } from '../../../src/router/lab/package-release.js';
import { bundledRouter } from '../../lab/compiled-router.js';
import { type Lab, startLab } from '../../lab/lab.js';

let lab: Lab;

const rowsIn = (path: string): number => {
  const database = new Database(path, { readonly: true });
  const { rows } = database.prepare<[], { rows: number }>('SELECT count(*) AS rows FROM request_usage').get() ?? { rows: 0 };
  database.close();
  return rows;
};

beforeAll(async () => {
  lab = await startLab();
});
afterAll(async () => lab.stop());

const target = () => targetSpec.parse((parse(readFileSync(lab.paths.targetConfig, 'utf8')) as { targets: { lab: unknown } }).targets.lab);

test('routerctl.yaml is a target as routerctl defines it, and everything that it names is there', () => {
  const { components, databases, backup, signing, temporary, upstreams, root } = target();
  const router = components['router'];
  const binary = router?.artifact?.kind === 'binary' ? router.artifact : undefined;
  const deployment = router?.deployment?.kind === 'process' ? router.deployment : undefined;
  const paths = [
    root,
    backup?.directory,
    signing?.key,
    signing?.allowedSigners,
    ...temporary.roots,
    databases['usage']?.path,
    binary?.versions,
    binary?.current,
    deployment?.command[0],
    deployment?.environmentFile,
    deployment?.pidFile,
    deployment?.log,
    ...Object.values(router?.files ?? {}),
    router?.credentials['caller']?.slice('file:'.length),
  ];

  expect(paths.filter((path) => path === undefined || !existsSync(path))).toEqual([]);
  expect(router?.url).toBe(lab.url);
  expect(upstreams['primary']?.url).toBe(lab.upstreamUrl);
});

test('files with secrets are readable by their owner only', () => {
  const { callerToken, providerKey, adminPassword, signingKey, backupIdentity, environment, licenseState } = lab.paths;
  const modes = [callerToken, providerKey, adminPassword, signingKey, backupIdentity, environment, licenseState].map(
    (path) => statSync(path).mode & 0o777,
  );

  expect(new Set(modes)).toEqual(new Set([0o600]));
});

test('its administrator reads reports, metrics and the license with the password of the file, and its caller does not', async () => {
  const record = JSON.parse(readFileSync(lab.paths.record, 'utf8')) as LabRecord;
  const password = readFileSync(lab.paths.adminPassword, 'utf8').trim();
  const paths = ['/admin/reports/', '/admin/reports/export.md', '/admin/reports/api/summary', '/admin/license/status', '/metrics'];
  const statuses = (authorization: string) =>
    Promise.all(paths.map(async (path) => (await fetch(`${lab.url}${path}`, { headers: { authorization } })).status));

  expect(record.reportsUrl).toBe(`${lab.url}${paths[0]}`);
  expect(password).toHaveLength(32);
  expect(await statuses(`Basic ${btoa(`${record.administrator}:${password}`)}`)).toEqual([200, 200, 200, 200, 200]);
  expect(await statuses(`Bearer ${lab.token}`)).toEqual([403, 403, 403, 403, 403]);
  const elsewhere = [lab.paths.record, lab.paths.config, lab.paths.environment, lab.paths.targetConfig, lab.paths.routerLog];
  expect(elsewhere.filter((path) => readFileSync(path, 'utf8').includes(password))).toEqual([]);
});

test('ssh-keygen accepts the allowed_signers line for a signature of the signing key', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'routerctl-sign-'));
  const key = join(scratch, 'key');
  writeFileSync(key, readFileSync(lab.paths.signingKey), { mode: 0o600 });
  writeFileSync(join(scratch, 'report'), 'all is well\n');
  writeFileSync(`${key}.pub`, execFileSync('ssh-keygen', ['-y', '-f', key]));
  execFileSync('ssh-keygen', ['-Y', 'sign', '-f', key, '-n', 'routerctl-report@v1', join(scratch, 'report')], { stdio: 'pipe' });
  const verify = [
    '-Y',
    'verify',
    '-f',
    lab.paths.allowedSigners,
    '-I',
    'operator@lab',
    '-n',
    'routerctl-report@v1',
    '-s',
    join(scratch, 'report.sig'),
  ];

  expect(execFileSync('ssh-keygen', verify, { input: 'all is well\n', encoding: 'utf8' })).toContain(
    'Good "routerctl-report@v1" signature',
  );
  expect(() => execFileSync('ssh-keygen', verify, { input: 'all is lost\n', stdio: 'pipe' })).toThrow();
  rmSync(scratch, { recursive: true });
});

test('the kept identity opens what is encrypted to the recipient of routerctl.yaml', async () => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(target().backup?.recipients[0] ?? '');
  const decrypter = new Decrypter();
  decrypter.addIdentity(readFileSync(lab.paths.backupIdentity, 'utf8').trim());

  expect(await decrypter.decrypt(await encrypter.encrypt('usage'), 'text')).toBe('usage');
});

test('a second deployment in the same home is refused and harms nothing', async () => {
  await expect(labUp({ home: lab.home })).rejects.toMatchObject({
    code: 'FILE_EXISTS',
    message: `the practice deployment in ${lab.home} runs already`,
  });
  expect((await fetch(`${lab.url}/readyz`)).status).toBe(200);
});

test('a deployment that was stopped starts again as it was left, and takes no other version that way', async () => {
  const other = await startLab();
  const programDirectory = await bundledRouter();
  const ask = async (): Promise<number> => {
    const answer = await fetch(`${other.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${other.token}` },
      body: JSON.stringify({ model: other.models[0], messages: [{ role: 'user', content: 'hi' }] }),
    });
    await answer.text();
    return answer.status;
  };
  expect(await ask()).toBe(200);
  await labDown({ home: other.home });
  await expect(labUp({ home: other.home, version: '1.1.0', programDirectory })).rejects.toMatchObject({
    code: 'FILE_EXISTS',
    message: `${other.home} already holds a practice deployment`,
  });
  const again = await labUp({ home: other.home, programDirectory });

  expect(again).toEqual(JSON.parse(readFileSync(other.paths.record, 'utf8')));
  expect(await ask()).toBe(200);
  await labDown({ home: other.home });
  expect(rowsIn(other.paths.database)).toBe(2);
  await other.stop();
});

test.each([
  ['upstream', (lab: Lab) => lab.upstreamUrl, 'the scripted upstream ended at once'],
  ['router', (lab: Lab) => lab.url, 'is taken by another program'],
] as const)('a deployment whose %s cannot have its port again says so, and is not left half started', async (_, urlOf, message) => {
  const other = await startLab();
  await labDown({ home: other.home });
  // It answers as if it were what belongs there.
  const taken = createServer((_request, response) => response.end('{}')).listen(Number(new URL(urlOf(other)).port), '127.0.0.1');
  await once(taken, 'listening');
  await expect(labUp({ home: other.home, programDirectory: await bundledRouter() })).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining(message) as string,
  });
  taken.closeAllConnections();
  taken.close();

  expect(await labDown({ home: other.home })).toEqual({ router: false, upstream: false });
  await other.stop();
});

test('a deployment whose router does not start again takes its upstream down with it', async () => {
  const other = await startLab();
  await labDown({ home: other.home });
  writeFileSync(other.paths.config, 'listen: []\n');
  await expect(labUp({ home: other.home, programDirectory: await bundledRouter() })).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: 'the router ended instead of becoming ready',
  });

  expect(await labDown({ home: other.home })).toEqual({ router: false, upstream: false });
  await other.stop();
});

test('a deployment whose router alone was stopped starts it again beside its upstream, in the version that is installed now', async () => {
  const other = await startLab();
  const programDirectory = await bundledRouter();
  const newer = packageRelease({ version: '1.1.0', outDirectory: other.paths.packages, programDirectory }).file;
  unpackTarGz(newer, join(other.paths.versions, '1.1.0'));
  const upstream = readFileSync(other.paths.upstreamPid, 'utf8');
  await stopByPidFile(other.paths.routerPid, other.paths.config, 5000);
  unlinkSync(other.paths.current);
  symlinkSync(join('versions', '1.1.0'), other.paths.current);
  const environment = readFileSync(other.paths.environment, 'utf8');
  writeFileSync(other.paths.environment, environment.replace('_VERSION=1.0.0', '_VERSION=1.1.0'));
  const again = await labUp({ home: other.home, programDirectory });

  expect([again.version, again.upstreamUrl]).toEqual(['1.1.0', other.upstreamUrl]);
  expect(readFileSync(other.paths.upstreamPid, 'utf8')).toBe(upstream);
  expect(await (await fetch(`${other.url}/version`)).json()).toMatchObject({ version: '1.1.0' });
  await other.stop();
});

test('a directory that holds something else is refused and left alone', async () => {
  const home = mkdtempSync(join(tmpdir(), 'routerctl-taken-'));
  writeFileSync(join(home, 'thesis.txt'), 'years of work');

  await expect(labUp({ home })).rejects.toMatchObject({ code: 'FILE_EXISTS', message: `${home} is not empty` });
  expect(readFileSync(join(home, 'thesis.txt'), 'utf8')).toBe('years of work');
  rmSync(home, { recursive: true });
});

test('stopping ends both processes, and stopping again finds nothing', async () => {
  const other = await startLab();

  expect(await labDown({ home: other.home })).toEqual({ router: true, upstream: true });
  expect(await labDown({ home: other.home })).toEqual({ router: false, upstream: false });
  await expect(fetch(`${other.url}/healthz`)).rejects.toThrow();
  await other.stop();
});

test('a pid file that names another program ends nothing', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-pid-'));
  const at = (name: string): string => join(directory, name);
  const pid = startDetached({
    command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
    directory,
    environmentFile: null,
    pidFile: at('a.pid'),
    log: at('log'),
  });

  expect(await stopByPidFile(at('a.pid'), 'reference-router', 1000)).toBe(false);
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  expect(await stopByPidFile(at('a.pid'), 'setInterval', 1000)).toBe(true);
  rmSync(directory, { recursive: true });
});

test('a program that ends at once is reported with its log', async () => {
  const broken = await startLab();
  process.kill(broken.routerPid(), 'SIGTERM');
  writeFileSync(broken.paths.config, 'listen: []\n');

  await expect(broken.startRouter()).rejects.toMatchObject({ code: 'UNREACHABLE' });
  expect(readFileSync(broken.paths.routerLog, 'utf8')).toContain(`${broken.paths.config}:1:9 listen:`);
  await broken.stop();
});
