// Brings an image from a file into the engine. It arrives under a name of quarantine and gets its own only when it is proven to be the one
// that the file holds; the image that serves is kept by a name of ours and as a file, so that nobody's tidying takes the way back.
import { join } from 'node:path';
import { imageOf } from '../core/artifact-of.js';
import { type ChangeContext, defineChange, type Inspection, type Outcome } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import { type ImagePackage, readImagePackage } from '../core/image-package.js';
import type { HostPorts, HostReadPorts } from '../core/ports/ports.js';
import { fail, pass } from '../core/verdict.js';
import { z } from '../core/zod.js';
import { configured } from './component-subject.js';
import { composedService, containersOf, resolvedService } from './composed-service.js';
import { refusedOutcome } from './refused-outcome.js';
import { shellWord } from './shell-word.js';

const spec = z.strictObject({
  artifact: z.string().min(1).describe('path of the image: a file as `docker save` writes it'),
  version: z.string().min(1).optional().describe('what the image must say of itself, where it says anything'),
});
type Spec = z.infer<typeof spec>;

const undoShape = z.object({
  host: z.string(),
  engine: z.string(),
  name: z.string(),
  imageId: z.string(),
  quarantine: z.string(),
  /** The image that the name meant before; null when there was no such name. */
  before: z.string().nullable(),
  /** What serves, and how it is kept; null when nothing serves. */
  serving: z.object({ id: z.string(), name: z.string(), kept: z.string(), file: z.string() }).nullable(),
});
type Undo = z.infer<typeof undoShape>;

export const loadImage = defineChange<Spec>({
  kind: 'load-image',
  title: 'Load an image into the engine',
  role: 'stage',
  impact: 'staged',
  reversal: 'exact',
  subject: ['component'],
  spec,
  plan: async (input, ports, context) => {
    const { image, name, undo, architecture } = await look(input, ports.on(context.target.host), context);
    const facts = `${short(image.imageId)}, ${image.operatingSystem}/${image.architecture}, ${(image.bytes / 1024 / 1024).toFixed(1)} MiB`;
    const effects = { image: name, tag: tagOf(name), imageId: image.imageId, architecture };
    if (undo.before === image.imageId) return { diff: [{ sign: ' ', text: `${name} is loaded already: ${facts}` }], effects };
    if (undo.before === null) return { diff: [{ sign: '+', text: `${name}: ${facts}` }], effects };
    return { diff: [{ sign: '~', text: `${name}: ${short(undo.before)} -> ${facts}` }], effects };
  },
  prepare: async (input, ports, context) => {
    const { undo } = await look(input, ports.on(context.target.host), context);
    return { undo, expects: { artifactSha256: await ports.on(undo.host).files.sha256(input.artifact) } };
  },
  apply: (input, prepared, ports, context, record) =>
    refusedOutcome(async () => {
      const undo = undoShape.parse(prepared.undo);
      const host = ports.on(undo.host);
      const { containers, acts } = host;
      const artifactSha256 = await host.files.sha256(input.artifact);
      if (artifactSha256 !== z.object({ artifactSha256: z.string() }).parse(prepared.expects).artifactSha256)
        return { status: 'failed', summary: `${input.artifact} was replaced after this step was prepared`, hint: 'make a new plan' };
      const kept = await keepServing(undo, host, context);
      if (kept !== null) return kept;
      const effects = { image: undo.name, tag: tagOf(undo.name), imageId: undo.imageId };
      const evidence = { imageId: undo.imageId, artifactSha256, kept: undo.serving?.kept ?? null };
      if ((await containers.image(undo.engine, undo.name))?.id === undo.imageId) {
        await acts.containers.untag(undo.engine, undo.quarantine);
        return { status: 'unchanged', summary: `${undo.name} is ${short(undo.imageId)} already`, effects, evidence };
      }
      await record('loading', undo.quarantine);
      await acts.containers.load(undo.engine, input.artifact, undo.quarantine, context.signal);
      const fault = await loadedFault(undo, input, host);
      if (fault !== null) {
        await acts.containers.untag(undo.engine, undo.quarantine);
        return { status: 'failed', summary: `${fault}; ${undo.name} was not touched`, hint: 'fetch the package again', evidence };
      }
      await acts.containers.tag(undo.engine, undo.imageId, undo.name);
      await acts.containers.untag(undo.engine, undo.quarantine);
      return { status: 'done', summary: `${undo.name} is loaded as ${short(undo.imageId)}`, effects, evidence };
    }),
  inspect: async (_input, prepared, facts, ports): Promise<Inspection> => {
    const undo = undoShape.parse(prepared.undo);
    const { containers } = ports.on(undo.host);
    if ((await containers.image(undo.engine, undo.quarantine)) !== null) return 'partial';
    if ((await containers.image(undo.engine, undo.name))?.id === undo.imageId) return 'present';
    return facts['loading'] === undefined ? 'absent' : 'partial';
  },
  checkUndo: async (value, ports) => {
    const undo = undoShape.parse(value);
    if (undo.serving === null) return pass('nothing served before');
    const { id, name, file } = undo.serving;
    const host = ports.on(undo.host);
    if ((await host.containers.image(undo.engine, id)) !== null) return pass(`${name} (${short(id)}) is in the engine`);
    if ((await savedFault(file, id, host)) === null) return pass(`${name} (${short(id)}) can be loaded from ${file}`);
    return fail(`the image that serves is neither in the engine nor saved: ${name} (${short(id)})`, {
      hint: 'somebody has removed it; load it again before the upgrade',
    });
  },
  revert: (_input, value, _facts, ports, context) =>
    refusedOutcome(async () => await takeBack(undoShape.parse(value), ports.on(undoShape.parse(value).host), context)),
  byHand: (_input, value) => {
    const { engine, serving, before, name } = undoShape.parse(value);
    const docker = `DOCKER_HOST=${shellWord(engine)} docker`;
    const back = before === null || before === undoShape.parse(value).imageId ? [] : [`${docker} tag ${before} ${shellWord(name)}`];
    if (serving === null) return back;
    const there = `${docker} image inspect ${serving.id} >/dev/null 2>&1 || ${docker} load --input ${shellWord(serving.file)}`;
    return [there, `${docker} tag ${serving.id} ${shellWord(serving.name)}`, ...back.filter(() => before !== serving.id)];
  },
});

interface Look {
  readonly image: ImagePackage;
  readonly name: string;
  readonly architecture: string;
  readonly undo: Undo;
}

async function look(input: Spec, host: HostReadPorts, context: ChangeContext): Promise<Look> {
  const composed = composedService(context);
  const { subject, project } = composed;
  const { repository } = configured(imageOf(subject.component), subject, 'artifact');
  const image = await readImagePackage(input.artifact, host.archives);
  const name = image.repositoryTags.find((each) => each.startsWith(`${repository}:`));
  if (name === undefined) {
    const names = image.repositoryTags.join(', ') || 'no name';
    throw new RouterctlError('PACKAGE_UNREADABLE', `${input.artifact} holds ${names}, expected ${repository}:<tag>`, {
      hint: `is it an image of the component ${subject.name}? artifact.repository in routerctl.yaml says ${repository}`,
    });
  }
  const engine = await host.containers.engine(project.engine);
  if (image.architecture !== engine.architecture || image.operatingSystem !== engine.operatingSystem)
    throw new RouterctlError(
      'PACKAGE_UNREADABLE',
      `${input.artifact} is built for ${image.operatingSystem}/${image.architecture}, the engine runs ${engine.operatingSystem}/${engine.architecture}`,
      { hint: 'get the package for this machine' },
    );
  const { projectName } = await resolvedService(composed, host);
  const containers = await containersOf(composed, projectName, host);
  const running = containers.find(({ state }) => state === 'running') ?? containers[0];
  const kept = `routerctl/kept:${context.runId.toLowerCase()}`;
  const file = join(context.undoDirectory, `${context.stepId}-previous-image.tar`);
  const undo: Undo = {
    host: subject.host,
    engine: project.engine,
    name,
    imageId: image.imageId,
    quarantine: `routerctl/quarantine:${context.runId.toLowerCase()}`,
    before: (await host.containers.image(project.engine, name))?.id ?? null,
    serving: running === undefined ? null : { id: running.imageId, name: running.imageName, kept, file },
  };
  return { image, name, architecture: image.architecture, undo };
}

/** null when what serves is kept twice, or nothing serves. */
async function keepServing({ engine, serving }: Undo, host: HostPorts, { signal }: ChangeContext): Promise<Outcome | null> {
  if (serving === null) return null;
  const { containers, files, acts } = host;
  if ((await containers.image(engine, serving.kept))?.id !== serving.id) await acts.containers.tag(engine, serving.id, serving.kept);
  if ((await files.stat(serving.file)) === null) await acts.containers.save(engine, serving.id, serving.file, serving.kept, signal);
  const fault = await savedFault(serving.file, serving.id, host);
  if (fault === null) return null;
  return { status: 'failed', summary: `the image that serves could not be kept: ${fault}`, hint: 'nothing was loaded; try it again' };
}

/** null when the file can be read and holds this very image. */
async function savedFault(file: string, imageId: string, { files, archives }: HostReadPorts): Promise<string | null> {
  if ((await files.stat(file)) === null) return `${file} is not there`;
  try {
    const saved = await readImagePackage(file, archives);
    return saved.imageId === imageId ? null : `${file} holds ${short(saved.imageId)}, expected ${short(imageId)}`;
  } catch (error) {
    if (error instanceof RouterctlError && error.code.startsWith('PACKAGE_')) return error.message;
    throw error;
  }
}

async function loadedFault(
  { engine, quarantine, imageId }: Undo,
  { version }: Spec,
  { containers }: HostReadPorts,
): Promise<string | null> {
  const loaded = await containers.image(engine, quarantine);
  if (loaded === null) return 'the engine said that it loaded the image, but does not have it';
  if (loaded.id !== imageId) return `the engine has loaded ${short(loaded.id)}, expected ${short(imageId)}`;
  const facts = await containers.engine(engine);
  if (loaded.architecture !== facts.architecture) return `the loaded image is built for ${loaded.architecture}, not ${facts.architecture}`;
  const said = loaded.labels['org.opencontainers.image.version'];
  if (version !== undefined && said !== undefined && said !== version) return `the image says that it is ${said}, expected ${version}`;
  return null;
}

async function takeBack(undo: Undo, host: HostPorts, { signal }: ChangeContext): Promise<Outcome> {
  const { engine, name, before, imageId, quarantine, serving } = undo;
  const { containers, acts } = host;
  await acts.containers.untag(engine, quarantine);
  const brought = serving !== null && (await containers.image(engine, serving.id)) === null;
  if (brought) await acts.containers.load(engine, serving.file, serving.kept, signal);
  const missing = serving !== null && (await containers.image(engine, serving.id)) === null;
  if (missing) return { status: 'failed', summary: `the image that served could not be brought back: ${short(serving.id)}` };
  const [meant, served] = [await containers.image(engine, name), serving === null ? null : await containers.image(engine, serving.name)];
  // Only names that mean nothing, or what this run has loaded, are ours to move.
  if (before !== null && before !== imageId && meant?.id === imageId && (await containers.image(engine, before)) !== null)
    await acts.containers.tag(engine, before, name);
  if (serving !== null && served === null && !serving.name.includes('@') && !serving.name.startsWith('sha256:'))
    await acts.containers.tag(engine, serving.id, serving.name);
  if (serving !== null && served !== null && served.id !== serving.id && served.id !== imageId && serving.name.includes(':')) {
    const hint = `if that is not meant: docker tag ${serving.id} ${serving.name}`;
    return { status: 'conflict', summary: `${serving.name} was given to another image meanwhile, ${short(served.id)}`, hint };
  }
  const left = meant?.id === imageId && before === null ? `; ${name} stays loaded, unused` : '';
  if (brought) return { status: 'done', summary: `${serving.name} was gone and is loaded again from the saved file${left}` };
  return { status: 'unchanged', summary: `what served before is in the engine${left}` };
}

const tagOf = (name: string): string => name.slice(name.lastIndexOf(':') + 1);

const short = (imageId: string): string => imageId.replace(/^sha256:/, '').slice(0, 12);
