// What is done to the images of a container engine. An image is only ever named, sent or written after it was shown which one it is, and an
// act ends well only when the engine afterwards tells the same.
import { type OpenedImagePackage, openImagePackage } from '../core/image-package.js';
import type { Archives } from '../core/ports/archives.js';
import type { ContainerActs, ContainerReads, EngineAddress } from '../core/ports/containers.js';
import { archivesTar } from './archives-tar.js';
import type { EngineClient } from './docker-engine-client.js';
import { answerTo, enginePath, openCall, wholeAnswer } from './docker-engine-http.js';
import { type Patience, watched } from './docker-engine-watch.js';
import { errorWithin, sendImage } from './docker-load.js';
import { familiarName, repositoryAndTag } from './docker-names.js';
import { writeAnswer, wrongWith } from './docker-save.js';
import { aside, publishNew, statOrNull, taken } from './durable-file.js';

export function containerActsDocker(client: EngineClient, reads: ContainerReads, patience: Patience): ContainerActs {
  const acts = new EngineActs(client, reads, patience);
  return {
    host: reads.host,
    load: (at, file, name, signal) => acts.load(at, file, name, signal),
    save: (at, imageId, file, name, signal) => acts.save(at, imageId, file, name, signal),
    tag: (at, imageId, name) => acts.tag(at, imageId, name),
    untag: (at, name) => acts.untag(at, name),
  };
}

class EngineActs {
  readonly #client: EngineClient;
  readonly #reads: ContainerReads;
  readonly #patience: Patience;
  readonly #archives: Archives = archivesTar();

  constructor(client: EngineClient, reads: ContainerReads, patience: Patience) {
    this.#client = client;
    this.#reads = reads;
    this.#patience = patience;
  }

  async load(at: EngineAddress, file: string, name: string, signal?: AbortSignal): Promise<void> {
    repositoryAndTag(name);
    const image = await openImagePackage(file, this.#archives);
    const { imageId } = image.facts;
    if ((await this.#reads.image(at, imageId)) === null) await this.#send(at, file, image, name, signal);
    else await this.tag(at, imageId, name);
    const loaded = (await this.#reads.image(at, name))?.id;
    if (loaded === imageId) return;
    throw this.#client.refused(
      at,
      `load ${file}`,
      loaded === undefined ? 'it has no such image afterwards' : `${name} is ${loaded} afterwards`,
    );
  }

  async #send(at: EngineAddress, file: string, image: OpenedImagePackage, name: string, signal: AbortSignal | undefined): Promise<void> {
    const { imageIds } = await this.#reads.engine(at);
    if (imageIds === 'manifest')
      throw this.#client.refused(at, `load ${file}`, 'it keeps images in containerd and gives them ids that cannot be told from the file');
    const watching = { ...this.#patience, signal, what: `the load of ${file}` };
    const { status, bytes } = await watched(at, watching, async (ending, moved) => {
      const headers = { 'content-type': 'application/x-tar' };
      const request = openCall(at, { method: 'POST', path: '/images/load?quiet=1', headers, signal: ending });
      return wholeAnswer(await sendImage(request, file, image, name, moved));
    });
    this.#client.demandYes(at, `load ${file}`, { status, bytes });
    const words = errorWithin(bytes.toString('utf8'));
    if (words !== null) throw this.#client.refused(at, `load ${file}`, words);
  }

  async save(at: EngineAddress, imageId: string, file: string, name: string, signal?: AbortSignal): Promise<void> {
    if ((await statOrNull(file)) !== null) throw taken(file);
    const what = `save ${name}`;
    const pointsTo = (await this.#reads.image(at, name))?.id ?? null;
    if (pointsTo !== imageId) throw this.#client.refused(at, what, pointsTo === null ? 'there is no such image' : `it is ${pointsTo}`);
    await aside(file, async (temporary) => {
      const watching = { ...this.#patience, signal, what };
      await watched(at, watching, async (ending, moved) => {
        const request = openCall(at, { method: 'GET', path: `/images/${enginePath(name)}/get`, signal: ending });
        request.end();
        const answer = await answerTo(request);
        if (answer.statusCode !== 200) return this.#client.demandYes(at, what, await wholeAnswer(answer));
        await writeAnswer(answer, temporary, file, moved);
      });
      const wrong = await wrongWith(temporary, imageId, this.#archives);
      if (wrong !== null) throw this.#client.refused(at, what, wrong);
      await publishNew(temporary, file);
    });
  }

  async tag(at: EngineAddress, imageId: string, name: string): Promise<void> {
    const { repository, tag } = repositoryAndTag(name);
    const path = `/images/${enginePath(imageId)}/tag?repo=${encodeURIComponent(repository)}&tag=${encodeURIComponent(tag)}`;
    const what = `name an image ${name}`;
    if (!(await this.#client.act(at, what, 'POST', path))) throw this.#client.refused(at, what, `it has no image ${imageId}`);
  }

  async untag(at: EngineAddress, name: string): Promise<void> {
    repositoryAndTag(name);
    const image = await this.#reads.image(at, name);
    // The engine would take an id or the beginning of one just as well, and the image with it.
    if (image?.tags.includes(familiarName(name)) !== true) return;
    await this.#client.act(at, `take the name ${name} away`, 'DELETE', `/images/${enginePath(name)}`);
  }
}
