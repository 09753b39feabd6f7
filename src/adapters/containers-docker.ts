// A container engine of Docker's kind: its images and containers as it tells them. What is done to them is in container-acts-docker.ts.
import type {
  ContainerActs,
  ContainerFacts,
  ContainerImage,
  ContainerReads,
  EngineAddress,
  EngineFacts,
} from '../core/ports/containers.js';
import type { Redactor } from '../core/redaction.js';
import { containerActsDocker } from './container-acts-docker.js';
import { containerAnswer, engineFacts, imageAnswer, infoAnswer, listAnswer, type ToldContainer, versionAnswer } from './docker-answers.js';
import { EngineClient } from './docker-engine-client.js';
import { enginePath } from './docker-engine-http.js';
import type { Patience } from './docker-engine-watch.js';
import { logLines } from './docker-log-lines.js';

const usualPatience: Patience = { stillMs: 10_000, pingMs: 10_000 };

/** `patience`: with an engine that stands still while an image is loaded or saved. */
export function containersDocker(redactor: Redactor, patience = usualPatience): ContainerReads & ContainerActs {
  const client = new EngineClient(redactor);
  const reads: ContainerReads = {
    host: 'local',
    engine: (at) => engineOf(client, at),
    image: (at, reference) => client.read(at, `show the image ${reference}`, `/images/${enginePath(reference)}/json`, imageAnswer),
    images: (at) => imagesOf(client, at),
    containers: (at, labels) => containersOf(client, at, labels),
    logTail: (at, containerId, lines) => logTailOf(client, at, containerId, lines),
  };
  return { ...reads, ...containerActsDocker(client, reads, patience) };
}

async function engineOf(client: EngineClient, at: EngineAddress): Promise<EngineFacts> {
  const version = await client.read(at, 'tell its version', '/version', versionAnswer);
  const info = await client.read(at, 'tell about itself', '/info', infoAnswer);
  if (version === null || info === null) throw client.stranger(at);
  return engineFacts(version, info);
}

async function imagesOf(client: EngineClient, at: EngineAddress): Promise<readonly ContainerImage[]> {
  const listed = (await client.read(at, 'list its images', '/images/json', listAnswer)) ?? [];
  const images: ContainerImage[] = [];
  for (const { Id: id } of listed) {
    const image = await client.read(at, `show the image ${id}`, `/images/${enginePath(id)}/json`, imageAnswer);
    // One that went between the two questions is none of them.
    if (image !== null) images.push(image);
  }
  return images;
}

async function containersOf(
  client: EngineClient,
  at: EngineAddress,
  labels: Readonly<Record<string, string>>,
): Promise<readonly ContainerFacts[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) }));
  const listed = (await client.read(at, 'list its containers', `/containers/json?all=1&filters=${filters}`, listAnswer)) ?? [];
  const containers: ToldContainer[] = [];
  for (const { Id: id } of listed) {
    const container = await client.read(at, `show the container ${id}`, `/containers/${enginePath(id)}/json`, containerAnswer);
    if (container !== null) containers.push(container);
  }
  return containers.toSorted((one, other) => one.createdAtMs - other.createdAtMs).map(({ facts }) => facts);
}

async function logTailOf(client: EngineClient, at: EngineAddress, containerId: string, lines: number): Promise<readonly string[]> {
  const what = `show the log of the container ${containerId}`;
  const path = `/containers/${enginePath(containerId)}`;
  const container = await client.read(at, what, `${path}/json`, containerAnswer);
  const bytes = container === null ? null : await client.bytes(at, what, `${path}/logs?stdout=1&stderr=1&tail=${lines}`);
  if (container === null || bytes === null) throw client.refused(at, what, 'there is no such container');
  return logLines(bytes, container.hasTerminal).slice(-lines);
}
