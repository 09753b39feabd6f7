// Has compose make a service's container anew, of one certain image. It is the live moment of an upgrade, and it runs once more, from the
// restored files, when the upgrade is taken back.
import { defineChange } from '../core/change.js';
import { composeOptions, recreateWords } from '../core/compose-line.js';
import type { Json } from '../core/json.js';
import type { ContainerFacts } from '../core/ports/containers.js';
import type { HostReadPorts } from '../core/ports/ports.js';
import { fail, pass } from '../core/verdict.js';
import { z } from '../core/zod.js';
import { composeCycle } from './compose-cycle.js';
import { type ComposedService, composedService, containersOf, resolvedService } from './composed-service.js';
import { refusedOutcome } from './refused-outcome.js';
import { shellWord } from './shell-word.js';

const spec = z.strictObject({
  image: z.string().min(1).describe('name of the image that the compose files must come to: repository:tag'),
  image_id: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'an image id is sha256: and 64 digits')
    .describe('id of the image that this name must mean'),
});
type Spec = z.infer<typeof spec>;

const undoShape = z.object({
  project: z.string(),
  /** Of the service before: none, the one that served, or what an earlier interruption has left. */
  containers: z.array(z.string()),
  /** What served; null when nothing did. */
  image: z.object({ name: z.string(), id: z.string() }).nullable(),
});
type Undo = z.infer<typeof undoShape>;

export const composeUp = defineChange<Spec>({
  kind: 'compose-up',
  title: 'Make the container of a compose service anew',
  role: 'activate',
  impact: 'live',
  reversal: 'exact',
  subject: ['component'],
  spec,
  plan: async ({ image }, ports, context) => {
    const composed = composedService(context);
    const host = ports.on(composed.subject.host);
    const { projectName, wanted } = await resolvedService(composed, host);
    const serving = servingOf(await containersOf(composed, projectName, host));
    const from = serving === null ? 'nothing' : `${serving.imageName} (${short(serving.imageId)})`;
    const stopS = wanted.stopGraceMs / 1000;
    const text = `${projectName}/${composed.service}: ${from} -> ${image}, up to ${stopS} s to stop, up to ${composed.deployment.start / 1000} s to be ready`;
    return { diff: [{ sign: '~', text }], effects: { container: null, imageId: null } };
  },
  prepare: async ({ image_id: imageId }, ports, context) => {
    const composed = composedService(context);
    const host = ports.on(composed.subject.host);
    const { projectName } = await resolvedService(composed, host);
    const containers = await containersOf(composed, projectName, host);
    const serving = servingOf(containers);
    const undo: Undo = {
      project: projectName,
      containers: containers.map(({ id }) => id),
      image: serving === null ? null : { name: serving.imageName, id: serving.imageId },
    };
    return { undo, expects: { imageId } };
  },
  apply: (input, prepared, ports, context, record) =>
    refusedOutcome(async () => {
      const composed = composedService(context);
      const image = { name: input.image, id: input.image_id };
      const old = undoShape.parse(prepared.undo).containers;
      return await composeCycle({ composed, old, image, prefix: '' }, ports, context, record);
    }),
  inspect: async (input, prepared, facts, ports, context) => {
    const now = await containersNow(prepared.undo, composedService(context), ports.on(composedService(context).subject.host));
    const { containers: old } = undoShape.parse(prepared.undo);
    const [only] = now;
    if (now.length === 1 && only !== undefined && !old.includes(only.id))
      return only.imageId === input.image_id && only.state === 'running' ? 'present' : 'partial';
    const isUntouched = now.length === old.length && now.every(({ id }) => old.includes(id));
    return isUntouched && facts['stopping'] === undefined ? 'absent' : 'partial';
  },
  checkUndo: async (value, ports, context) => {
    const { image } = undoShape.parse(value);
    const composed = composedService(context);
    if (image === null) return pass('nothing is known to have run before; the service will be made anew from the restored files');
    const there = await ports.on(composed.subject.host).containers.image(composed.project.engine, image.id);
    return there === null
      ? fail(`the image that serves now is not in the engine: ${image.name} (${short(image.id)})`, {
          hint: 'somebody has removed it; load it again before the upgrade',
        })
      : pass(`${image.name} (${short(image.id)}) can be started again`);
  },
  revert: (_input, value, facts, ports, context, record) =>
    refusedOutcome(async () => {
      const composed = composedService(context);
      const { containers: before, image } = undoShape.parse(value);
      const now = await containersNow(value, composed, ports.on(composed.subject.host));
      const undisturbed = now.length === before.length && now.every(({ id, state }) => before.includes(id) && state === 'running');
      if (facts['stopping'] === undefined && undisturbed && before.length > 0)
        return { status: 'unchanged', summary: 'the old container was never stopped and still runs' };
      if (image === null)
        return {
          status: 'failed',
          summary: 'which image ran before is not known, so that none was started',
          hint: `make it anew from the restored files: ${byHandLine(composed)}`,
        };
      const known = z.array(z.string()).safeParse(facts['back-from']);
      // Recorded first: called twice, the second call must not replace the container that the first one has made.
      const old = known.success ? known.data : now.map(({ id }) => id);
      if (!known.success) await record('back-from', [...old]);
      return await composeCycle({ composed, old, image, prefix: 'back-' }, ports, context, record);
    }),
  byHand: (_input, _undo, context) => [byHandLine(composedService(context))],
});

function byHandLine({ project, service }: ComposedService): string {
  const words = ['docker', 'compose', ...composeOptions(project), ...recreateWords(service)];
  return `DOCKER_HOST=${shellWord(project.engine)} ${words.map(shellWord).join(' ')}`;
}

async function containersNow(undo: Json, composed: ComposedService, host: HostReadPorts): Promise<readonly ContainerFacts[]> {
  // By the name of then: the files may not resolve while they are being restored.
  return await containersOf(composed, undoShape.parse(undo).project, host);
}

/** The one that runs; where an interruption has left two, the older one is the one that served. */
function servingOf(containers: readonly ContainerFacts[]): ContainerFacts | null {
  return containers.find(({ state }) => state === 'running') ?? containers[0] ?? null;
}

const short = (imageId: string): string => imageId.replace(/^sha256:/, '').slice(0, 12);
