import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { archivesTar } from '../../src/adapters/archives-tar.js';
import { imagePackageFaults, readImagePackage } from '../../src/core/image-package.js';
import { makeTar, type TarEntry } from '../contracts/make-tar.js';

const scratch = mkdtempSync(join(tmpdir(), 'image-package-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const archives = archivesTar();
const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
const layers = ['lower', 'upper'].map((word) => makeTar([{ path: word, content: word }]));
const [lower, upper] = layers.map((layer) => sha256(layer)) as [string, string];
const config = (more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    architecture: 'arm64',
    os: 'linux',
    created: '2026-01-02T03:04:05Z',
    config: { Labels: { 'org.opencontainers.image.version': '1.1.0' } },
    rootfs: { type: 'layers', diff_ids: [`sha256:${lower}`, `sha256:${upper}`] },
    ...more,
  });
let made = 0;
const save = (entries: readonly TarEntry[]): string => {
  made += 1;
  const path = join(scratch, `${made}.tar`);
  writeFileSync(path, makeTar(entries));
  return path;
};
const listing = (name: string, paths: readonly string[], more: Record<string, unknown> = {}): TarEntry => ({
  path: 'manifest.json',
  content: JSON.stringify([{ Config: name, RepoTags: ['router:1.1.0', 'router:latest'], Layers: paths, ...more }]),
});
/** As engines up to 24 write it; `text` is the config. */
const older = (text: string, more: readonly TarEntry[] = []): readonly TarEntry[] => [
  { path: 'a/', type: '5' },
  { path: 'a/layer.tar', content: layers[0] ?? '' },
  { path: 'b/layer.tar', content: layers[1] ?? '' },
  { path: `${sha256(text)}.json`, content: text },
  listing(`${sha256(text)}.json`, ['a/layer.tar', 'b/layer.tar']),
  ...more,
];

test('an image tells its id, its names and what it was built for', async () => {
  const path = save(older(config()));

  expect(await readImagePackage(path, archives)).toEqual({
    imageId: `sha256:${sha256(config())}`,
    repositoryTags: ['router:1.1.0', 'router:latest'],
    architecture: 'arm64',
    operatingSystem: 'linux',
    labels: { 'org.opencontainers.image.version': '1.1.0' },
    created: '2026-01-02T03:04:05Z',
    layers: 2,
    bytes: layers.reduce((sum, layer) => sum + layer.length, 0),
  });
  expect(await imagePackageFaults(path, archives)).toEqual([]);
});

test('an image in the layout of newer engines is read alike, compressed layers too', async () => {
  const packed = gzipSync(layers[1] ?? '');
  const blob = (content: string | Uint8Array): TarEntry => ({ path: `blobs/sha256/${sha256(content)}`, content });
  const entries = [blob(config()), blob(layers[0] ?? ''), blob(packed)];
  const [name = '', ...paths] = entries.map((entry) => entry.path);
  const more = [
    { path: 'index.json', content: '{}' },
    { path: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
  ];
  const path = save([...entries, ...more, listing(name, paths, { RepoTags: null })]);

  expect(await readImagePackage(path, archives)).toMatchObject({ imageId: `sha256:${sha256(config())}`, repositoryTags: [], layers: 2 });
  expect(await imagePackageFaults(path, archives)).toEqual([]);
});

test('a layer that is a link to another is that other', async () => {
  const text = config({ rootfs: { type: 'layers', diff_ids: [lower, upper, lower].map((digest) => `sha256:${digest}`) } });
  const paths = ['a/layer.tar', 'b/layer.tar', 'c/layer.tar'];
  const entries = older(text).filter(({ path }) => path !== 'manifest.json');
  const path = save([...entries, { path: 'c/layer.tar', type: '2', link: '../a/layer.tar' }, listing(`${sha256(text)}.json`, paths)]);

  expect(await readImagePackage(path, archives)).toMatchObject({ layers: 3, bytes: layers.reduce((sum, layer) => sum + layer.length, 0) });
  expect(await imagePackageFaults(path, archives)).toEqual([]);
});

test('a config without labels, date or layers is one all the same', async () => {
  const text = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' } });
  const path = save([{ path: 'c', content: text }, listing('./c', [], { Layers: null })]);

  expect(await readImagePackage(path, archives)).toMatchObject({ imageId: `sha256:${sha256(text)}`, labels: {}, created: null, layers: 0 });
});

const without = (name: string) => older(config()).filter(({ path }) => path !== name);
const instead = (entry: TarEntry) => [...without(entry.path), entry];
const manifestOf = (value: unknown) => instead({ path: 'manifest.json', content: JSON.stringify(value) });
const one = { Config: `${sha256(config())}.json`, RepoTags: null, Layers: ['a/layer.tar', 'b/layer.tar'] };

test.each([
  ['no manifest', without('manifest.json'), 'PACKAGE_UNREADABLE', /no manifest.json/],
  ['a manifest that is no JSON', instead({ path: 'manifest.json', content: '<html>' }), 'PACKAGE_UNREADABLE', /manifest.json does not fit/],
  ['another manifest', manifestOf({ schemaVersion: 2 }), 'PACKAGE_UNREADABLE', /manifest.json does not fit/],
  ['no image', manifestOf([]), 'PACKAGE_UNREADABLE', /0 images/],
  ['two images', manifestOf([one, one]), 'PACKAGE_UNREADABLE', /2 images/],
  ['no config', without(one.Config), 'PACKAGE_MISMATCH', /config .* is missing/],
  ['an altered config', instead({ path: one.Config, content: config({ os: 'plan9' }) }), 'PACKAGE_MISMATCH', /another digest/],
  ['a config that does not fit', older('{"architecture":"amd64"}'), 'PACKAGE_UNREADABLE', /config does not fit/],
  ['a missing layer', without('b/layer.tar'), 'PACKAGE_MISMATCH', /layer b\/layer.tar is missing/],
  ['a layer too few', manifestOf([{ ...one, Layers: ['a/layer.tar'] }]), 'PACKAGE_MISMATCH', /1 layers, and its config lists 2/],
  ['a link to nothing', instead({ path: 'b/layer.tar', type: '2', link: '../none' }), 'PACKAGE_MISMATCH', /b\/layer.tar is missing/],
  ['a link that leads outside', older(config(), [{ path: 'x', type: '2', link: '../../etc/passwd' }]), 'PACKAGE_UNSAFE', /leads outside/],
  ['an absolute link', older(config(), [{ path: 'x', type: '2', link: '/etc/passwd' }]), 'PACKAGE_UNSAFE', /leads outside/],
])('a file with %s is refused', async (_, entries, code, message) => {
  await expect(readImagePackage(save(entries), archives)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('layers with other bytes than the config lists are named', async () => {
  const swapped = save(instead({ path: 'b/layer.tar', content: layers[0] ?? '' }));
  const packed = save(instead({ path: 'b/layer.tar', content: gzipSync(layers[1] ?? '') }));

  expect(await imagePackageFaults(swapped, archives)).toEqual([`layer 2 (b/layer.tar) has the digest ${lower}, not ${upper}`]);
  expect(await imagePackageFaults(packed, archives)).toEqual([expect.stringContaining('layer 2 (b/layer.tar)')]);
});
