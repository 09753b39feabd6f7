// What a container image in a file says about itself, read without an engine: the tar that `docker save` writes. Which image it is, is the
// digest of its config, and the config lists the digests of its layers: so one id stands for every byte.
// Source: Docker Image Specification v1.2.0, "Combined Image JSON + Filesystem Changeset Format".
import { createHash } from 'node:crypto';
import { RouterctlError } from './errors.js';
import type { Archives } from './ports/archives.js';
import { z } from './zod.js';

export interface ImagePackage {
  /** `sha256:` and the digest of the config: the name under which an engine knows it once it is loaded. */
  readonly imageId: string;
  /** `repository:tag`, each: what the file would have it called. */
  readonly repositoryTags: readonly string[];
  /** As engines name it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly operatingSystem: string;
  readonly labels: Readonly<Record<string, string>>;
  /** null when the file does not say. */
  readonly created: string | null;
  readonly layers: number;
  /** Of its layers, as they lie in the file. */
  readonly bytes: number;
}

/** The same with what is needed to hand the image on. */
export interface OpenedImagePackage {
  readonly facts: ImagePackage;
  readonly config: string;
  /** The entries of its layers, the lowest first; one may be there twice. */
  readonly layerPaths: readonly string[];
  /** Digests of the unpacked layers, in the same order. */
  readonly layerDigests: readonly string[];
}

type Reader = Pick<Archives, 'list' | 'readText' | 'examine'>;

const reading = { links: 'listed', maxBytes: 4 * 1024 * 1024 } as const;
const manifestSpec = z.array(
  z.looseObject({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()).nullish() }),
);
const configSpec = z.looseObject({
  architecture: z.string().min(1),
  os: z.string().min(1),
  created: z.string().nullish(),
  config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
  rootfs: z.looseObject({ diff_ids: z.array(z.string().regex(/^sha256:[0-9a-f]{64}$/)).nullish() }),
});

export async function readImagePackage(path: string, archives: Reader): Promise<ImagePackage> {
  return (await openImagePackage(path, archives)).facts;
}

/** Throws PACKAGE_UNREADABLE for what is not one image, PACKAGE_MISMATCH for one that lacks something or is not what it says. */
export async function openImagePackage(path: string, archives: Reader): Promise<OpenedImagePackage> {
  const entries = await archives.list(path, reading);
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  if (!byPath.has('manifest.json')) throw unreadable(path, 'it holds no manifest.json');
  const images = parsed(manifestSpec, await archives.readText(path, 'manifest.json', reading));
  if (images === null) throw unreadable(path, 'its manifest.json does not fit');
  const [image] = images;
  if (image === undefined || images.length > 1) throw unreadable(path, `it holds ${images.length} images instead of one`);
  const configPath = plainPath(image.Config);
  if (byPath.get(configPath)?.kind !== 'file') throw incomplete(path, `the config ${image.Config} is missing`);
  const config = await archives.readText(path, configPath, reading);
  const digest = sha256(config);
  if (!agrees(configPath, digest)) throw incomplete(path, `its config has another digest than its name ${configPath} says`);
  const said = parsed(configSpec, config);
  if (said === null) throw unreadable(path, 'its config does not fit');
  const layers = (image.Layers ?? []).map((name) => {
    const entry = byPath.get(plainPath(name));
    const layer = entry?.leadsTo === undefined ? entry : byPath.get(entry.leadsTo);
    if (layer?.kind !== 'file') throw incomplete(path, `the layer ${name} is missing`);
    return layer;
  });
  const layerDigests = (said.rootfs.diff_ids ?? []).map((name) => name.slice('sha256:'.length));
  if (layerDigests.length !== layers.length)
    throw incomplete(path, `it holds ${layers.length} layers, and its config lists ${layerDigests.length}`);
  const facts = {
    imageId: `sha256:${digest}`,
    repositoryTags: image.RepoTags ?? [],
    architecture: said.architecture,
    operatingSystem: said.os,
    labels: said.config?.Labels ?? {},
    created: said.created ?? null,
    layers: layers.length,
    bytes: [...new Set(layers)].reduce((sum, { bytes }) => sum + bytes, 0),
  };
  return { facts, config, layerPaths: layers.map((layer) => layer.path), layerDigests };
}

/** Reads every byte: each layer whose digest is not the one that the config lists, in words; empty for a whole image. */
export async function imagePackageFaults(path: string, archives: Reader): Promise<readonly string[]> {
  const { layerPaths, layerDigests } = await openImagePackage(path, archives);
  const found = new Map((await archives.examine(path, undefined, reading)).map((finding) => [finding.path, finding]));
  return layerPaths.flatMap((layerPath, index) => {
    const { sha256: digest = '', head = new Uint8Array() } = found.get(layerPath) ?? {};
    if (digest === layerDigests[index]) return [];
    // The config lists digests of unpacked layers: a compressed one can only be held against its own name, and the engine does the rest.
    if (isCompressed(head) && namedDigest(layerPath) === digest) return [];
    return [`layer ${index + 1} (${layerPath}) has the digest ${digest}, not ${layerDigests[index] ?? ''}`];
  });
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const plainPath = (path: string): string => path.replace(/^(\.\/)+/, '');
const namedDigest = (path: string): string | undefined => /[0-9a-f]{64}/.exec(path)?.[0];
const agrees = (path: string, digest: string): boolean => (namedDigest(path) ?? digest) === digest;

/** gzip, and zstd. */
const isCompressed = ([first, second, third, fourth]: Uint8Array): boolean =>
  (first === 0x1f && second === 0x8b) || (first === 0x28 && second === 0xb5 && third === 0x2f && fourth === 0xfd);

function parsed<Spec>(spec: z.ZodType<Spec>, text: string): Spec | null {
  try {
    const fitting = spec.safeParse(JSON.parse(text));
    return fitting.success ? fitting.data : null;
  } catch {
    return null;
  }
}

const unreadable = (path: string, problem: string): RouterctlError =>
  new RouterctlError('PACKAGE_UNREADABLE', `${path} is not an image as docker save writes it: ${problem}`, {
    hint: 'write it with docker save, one image to a file',
  });

const incomplete = (path: string, problem: string): RouterctlError =>
  new RouterctlError('PACKAGE_MISMATCH', `${path} is not a whole image: ${problem}`, {
    hint: 'copy or download the image again and compare its digest with the published one',
  });
