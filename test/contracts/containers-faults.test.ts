import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll as afterEverything, expect, test } from 'vitest';
import { archivesTar } from '../../src/adapters/archives-tar.js';
import { containersDocker } from '../../src/adapters/containers-docker.js';
import { engineFailure } from '../../src/adapters/docker-engine-http.js';
import { createRedactor } from '../../src/core/redaction.js';
import { freePort } from '../../src/router/lab/free-port.js';
import { smallImage, textLayer, withManifest } from './image-files.js';
import { afterAll, brokenOff, early, json, pretendedEngine, silence } from './pretended-engine.js';

// A short name: paths of sockets have at most 107 bytes.
const scratch = mkdtempSync(join(tmpdir(), 'f-'));
afterEverything(() => rmSync(scratch, { recursive: true }));
const at = (name: string): string => join(scratch, name);
const redactor = createRedactor();
redactor.register('hunter2-of-the-registry', 'registry password');
const containers = containersDocker(redactor);
/** Asks at once whether the engine lives. */
const watchful = containersDocker(redactor, { stillMs: 30, pingMs: 60_000 });
/** And believes at once that it does not. */
const impatient = containersDocker(redactor, { stillMs: 100, pingMs: 100 });
const image = smallImage(at('image.tar'), 'given:by-the-file');
/** More than what sockets take without a reader. */
const large = smallImage(at('large.tar'), 'large:x', { layers: [textLayer('large', 'x'.repeat(16 * 1024 * 1024))] });
const told = (id: string, ...tags: readonly string[]) => json({ Id: id, RepoTags: tags, Architecture: 'amd64', Os: 'linux', Size: 1 });

test('an address where no engine listens is told with what to do', async () => {
  writeFileSync(at('file'), '');
  const deaf = createServer();
  await new Promise<void>((done) => deaf.listen(at('deaf.sock'), done));
  const addresses: readonly [string, RegExp, RegExp][] = [
    [`unix://${at('none.sock')}`, /no such socket/, /is the engine running/],
    [`unix://${at('file')}`, /does not listen|is not a socket/, /engine/],
    [`unix://${at('file/below.sock')}`, /is not a socket/, /name the socket/],
    [`tcp://127.0.0.1:${await freePort()}`, /does not listen/, /is the engine running/],
    ['/var/run/docker.sock', /no address/, /unix:\/\//],
    ['tcp://user:word@host:1', /no address/, /tcp:\/\//],
  ];
  for (const [address, words, hint] of addresses) {
    await expect(containers.engine(address), address).rejects.toMatchObject({
      ...{ code: 'ENGINE_UNREACHABLE', message: expect.stringMatching(words), hint: expect.stringMatching(hint) },
    });
  }
  expect(engineFailure('unix:///s', Object.assign(new Error('connect'), { code: 'EACCES' }))).toMatchObject({
    ...{ code: 'ENGINE_UNREACHABLE', message: expect.stringContaining('by this user'), hint: expect.stringContaining('group') },
  });
  deaf.close();
});

test('what is no engine is not believed', async () => {
  const { address } = await pretendedEngine(scratch, {
    'GET /version': (_, response) => void response.end('<html>'),
    'GET /images/': json({ Id: 5 }),
    'GET /containers/json': brokenOff,
  });

  await expect(containers.engine(address)).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  await expect(containers.image(address, 'a:1')).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  await expect(containers.containers(address, {})).rejects.toMatchObject({
    ...{ code: 'ENGINE_UNREACHABLE', message: expect.stringContaining('broke the connection off') },
  });
});

test('what the engine refuses is told in its words, without secrets', async () => {
  const { address } = await pretendedEngine(scratch, {
    'GET /images/': json({ message: 'pull with hunter2-of-the-registry first\u001b[2J' }, 500),
  });
  const error: Error = await containers.image(address, 'a:1').then(
    () => new Error('it was not refused'),
    (refused: Error) => refused,
  );

  expect(error).toMatchObject({ code: 'ENGINE_REFUSED', message: expect.stringMatching(/show the image a:1: pull with .* first\\u001b/) });
  expect(error.message).not.toContain('hunter2');
});

test('an engine gets one name and what the image needs, and nothing else that a file holds', async () => {
  const linked = withManifest(image.file, at('tagged.tar'), ([one]) => [{ ...one, RepoTags: ['in-use:1', 'in-use:2'], more: 'x' }]);
  let isLoaded = false;
  const { address } = await pretendedEngine(scratch, {
    [`GET /images/wanted`]: (request, response) => (isLoaded ? told(image.imageId, 'wanted:1') : json({}, 404))(request, response),
    'POST /images/load': afterAll((body, response) => {
      writeFileSync(at('sent.tar'), body);
      isLoaded = true;
      response.end('{"stream":"Loaded image: wanted:1\\n"}\n');
    }),
  });
  await containers.load(address, linked, 'wanted:1');

  const archives = archivesTar();
  const config = `${image.imageId.slice('sha256:'.length)}.json`;
  expect((await archives.list(at('sent.tar'))).map(({ path }) => path)).toEqual(['manifest.json', config, 'layer-1.tar', 'layer-2.tar']);
  expect(JSON.parse(await archives.readText(at('sent.tar'), 'manifest.json'))).toEqual([
    { Config: config, RepoTags: ['wanted:1'], Layers: ['layer-1.tar', 'layer-2.tar'] },
  ]);
  expect(readFileSync(at('sent.tar'), 'latin1')).not.toContain('in-use');
});

test('an error in the midst of an answer that began well counts, and so does an image that is not there afterwards', async () => {
  const answering = (text: string) => pretendedEngine(scratch, { 'POST /images/load': afterAll((_, response) => void response.end(text)) });
  const full = await answering(
    '{"status":"Loading"}\r\n{"errorDetail":{"message":"write /var: no space left on device"},"error":"write"}\r\n',
  );
  const mute = await answering('');

  await expect(containers.load(full.address, image.file, 'a:1')).rejects.toMatchObject({
    ...{ code: 'ENGINE_REFUSED', message: expect.stringContaining('no space left'), hint: expect.stringContaining('free disk space') },
  });
  await expect(containers.load(mute.address, image.file, 'a:1')).rejects.toMatchObject({
    ...{ code: 'ENGINE_REFUSED', message: expect.stringContaining('no such image afterwards') },
  });
});

test('an engine that says no while much is still to be sent is heard', async () => {
  const { address } = await pretendedEngine(scratch, { 'POST /images/load': early({ message: 'not today' }, 503) });

  await expect(containers.load(address, large.file, 'a:1')).rejects.toMatchObject({
    ...{ code: 'ENGINE_REFUSED', message: expect.stringContaining('not today') },
  });
});

test('an engine that keeps images in containerd is refused before anything is sent', async () => {
  const driver = ['driver-type', 'io.containerd.snapshotter.v1'];
  const { address, asked } = await pretendedEngine(scratch, { 'GET /info': json({ DockerRootDir: '/d', DriverStatus: [driver] }) });

  expect((await containers.engine(address)).imageIds).toBe('manifest');
  await expect(containers.load(address, image.file, 'a:1')).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  expect(asked.filter((call) => call.startsWith('POST'))).toEqual([]);
});

test.each([
  ['breaks off', brokenOff, brokenOff],
  ['reads nothing and does not answer', silence, silence],
  ['reads everything and falls silent', afterAll(silence as () => undefined), silence],
])('an engine that %s in the midst of a load is not waited for', async (_, load, ping) => {
  const { address } = await pretendedEngine(scratch, { 'POST /images/load': load, 'GET /_ping': ping });

  await expect(impatient.load(address, large.file, 'a:1')).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
});

test('an engine that lives may take its time, until somebody stops the load', async () => {
  let pings = 0;
  const stop = new AbortController();
  const { address } = await pretendedEngine(scratch, {
    'POST /images/load': silence,
    'GET /_ping': (_, response) => {
      pings += 1;
      if (pings === 3) stop.abort();
      response.end('OK');
    },
  });

  await expect(watchful.load(address, large.file, 'a:1', stop.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(pings).toBeGreaterThan(2);
});

test('a load that was stopped before it began sends nothing', async () => {
  const { address, asked } = await pretendedEngine(scratch, {});

  await expect(containers.load(address, image.file, 'a:1', AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(asked.filter((call) => call.startsWith('POST'))).toEqual([]);
});

test.each([
  ['breaks off', 'ENGINE_UNREACHABLE', (bytes: Buffer) => bytes.subarray(0, 2000), true],
  ['sends a part and calls it whole', 'ENGINE_REFUSED', (bytes: Buffer) => bytes.subarray(0, 2000), false],
  ['sends another image', 'ENGINE_REFUSED', () => readFileSync(large.file), false],
  [
    'sends a layer with other bytes',
    'ENGINE_REFUSED',
    (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('upper\n', 'UPPER\n'), 'latin1'),
    false,
  ],
  [
    'appends its error',
    'ENGINE_REFUSED',
    (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 2048), Buffer.from('{"message":"gone"}')]),
    false,
  ],
])('of an engine that %s while an image is saved, no file is left', async (what, code, bytes, isBrokenOff) => {
  const { address } = await pretendedEngine(scratch, {
    'GET /images/kept%3A1/json': told(image.imageId, 'kept:1'),
    'GET /images/kept%3A1/get': (_, response) => {
      response.write(bytes(readFileSync(image.file)), () => {
        if (isBrokenOff) response.destroy();
        else response.end();
      });
    },
  });
  const directory = mkdtempSync(at('save-'));

  await expect(containers.save(address, image.imageId, join(directory, 'kept.tar'), 'kept:1'), what).rejects.toMatchObject({ code });
  expect(readdirSync(directory)).toEqual([]);
});

test('saving ends when it is told to, when the engine dies, and where there is no directory', async () => {
  const stop = new AbortController();
  const { address } = await pretendedEngine(scratch, {
    'GET /images/kept%3A1/json': told(image.imageId, 'kept:1'),
    'GET /images/kept%3A1/get': (_, response) => void response.write('x', () => void sleep(20).then(() => stop.abort())),
  });
  const dying = await pretendedEngine(scratch, {
    'GET /images/kept%3A1/json': told(image.imageId, 'kept:1'),
    'GET /images/kept%3A1/get': (_, response) => void response.write('x'),
    'GET /_ping': silence,
  });

  await expect(containers.save(address, image.imageId, at('kept.tar'), 'kept:1', stop.signal)).rejects.toMatchObject({
    code: 'INTERRUPTED',
  });
  await expect(impatient.save(dying.address, image.imageId, at('kept.tar'), 'kept:1')).rejects.toMatchObject({
    code: 'ENGINE_UNREACHABLE',
  });
  await expect(containers.save(dying.address, image.imageId, at('none/kept.tar'), 'kept:1')).rejects.toMatchObject({
    code: 'FILE_MISSING',
  });
  expect(readdirSync(scratch).filter((name) => name.includes('kept'))).toEqual([]);
});
