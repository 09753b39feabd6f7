// Sends the one image of a file to a container engine, under one name. The engine never sees the file's own list of names: a new archive is
// written to it, of the config, the layers that the list needs, and a list with nothing but this name. What was not read here is not sent.
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { OpenedImagePackage } from '../core/image-package.js';
import { z } from '../core/zod.js';
import { answerTo } from './docker-engine-http.js';
import { tarBlockBytes, tarFileHeader, walkTar } from './tar-walk.js';

/** Resolves with the engine's answer, which may come before everything is sent. */
export async function sendImage(
  request: ClientRequest,
  file: string,
  image: OpenedImagePackage,
  name: string,
  moved: () => void,
): Promise<IncomingMessage> {
  let isOver = false;
  const answer = answerTo(request).finally(() => (isOver = true));
  answer.catch(() => undefined);
  try {
    for (const block of listed(image, name)) request.write(block);
    const missing = new Set(image.layerPaths);
    const keepUp = async (): Promise<void> => {
      moved();
      if (request.writableNeedDrain && !isOver) await drained(request);
      if (isOver) throw new Error('nobody reads any more');
    };
    await walkTar(file, (entry) => (missing.delete(entry.path) ? layer(request, image, entry) : undefined), { keepUp, links: 'listed' });
    if (missing.size > 0) throw new Error(`${file} was changed while it was sent`);
    request.write(Buffer.alloc(2 * tarBlockBytes));
    request.end();
  } catch (error) {
    if (!isOver) request.destroy();
    if (!isOver) throw error;
  }
  return answer;
}

const layerName = (image: OpenedImagePackage, path: string): string => `layer-${image.layerPaths.indexOf(path) + 1}.tar`;
const padding = (bytes: number): Buffer => Buffer.alloc(-bytes & (tarBlockBytes - 1));

function listed(image: OpenedImagePackage, name: string): readonly Buffer[] {
  const configName = `${image.facts.imageId.slice('sha256:'.length)}.json`;
  const manifest = [{ Config: configName, RepoTags: [name], Layers: image.layerPaths.map((path) => layerName(image, path)) }];
  return [['manifest.json', JSON.stringify(manifest)] as const, [configName, image.config] as const].flatMap(([path, text]) => {
    const bytes = Buffer.from(text);
    return [tarFileHeader(path, bytes.length), bytes, padding(bytes.length)];
  });
}

function layer(request: ClientRequest, image: OpenedImagePackage, { path, bytes }: { readonly path: string; readonly bytes: number }) {
  request.write(tarFileHeader(layerName(image, path), bytes));
  return { chunk: (part: Uint8Array) => void request.write(part), end: () => void request.write(padding(bytes)) };
}

/** Also when nobody will ever read again. */
function drained(request: ClientRequest): Promise<void> {
  const events = ['drain', 'response', 'error', 'close'] as const;
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) request.off(event, done);
      resolve();
    };
    for (const event of events) request.on(event, done);
  });
}

const told = z.looseObject({ error: z.string().optional(), errorDetail: z.looseObject({ message: z.string() }).optional() });

/** The first error that is told in the midst of an answer that began well; null when there is none. */
export function errorWithin(text: string): string | null {
  for (const line of text.split('\n')) {
    const message = told.safeParse(parsed(line)).data;
    const words = message?.errorDetail?.message ?? message?.error;
    if (words !== undefined) return words;
  }
  return null;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
