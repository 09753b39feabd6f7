// What runs of a compose project: one container for the service, of the expected image, never started again by the engine, healthy where
// it says so; and no other service of the project left down.
// Stands alone because a router may answer while its container dies and comes back every minute.
import { type CheckContext, defineCheck, type JudgeContext } from '../src/core/check.js';
import { composeOf } from '../src/core/compose-of.js';
import type { ReadPorts } from '../src/core/ports/ports.js';
import { fail, measured, pass, skip, type Verdict } from '../src/core/verdict.js';
import { z } from '../src/core/zod.js';

const spec = z.strictObject({
  /** Id of the image that must run; without it the one that its name means now. */
  image_id: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'an image id is sha256: and 64 digits')
    .nullish(),
});
type Spec = z.infer<typeof spec>;

const containerShape = z.object({
  id: z.string(),
  name: z.string(),
  imageId: z.string(),
  imageName: z.string(),
  state: z.string(),
  health: z.string().nullable(),
  restarts: z.number(),
  exitCode: z.number(),
  outOfMemory: z.boolean(),
  startedAtMs: z.number().nullable(),
});
type Seen = z.infer<typeof containerShape>;

const observationShape = z.object({
  project: z.string(),
  service: z.string(),
  containers: z.array(containerShape),
  /** What the files come to now: the image's name, and which one that is; null where there is none. */
  wanted: z.object({ name: z.string().nullable(), id: z.string().nullable() }),
  others: z.array(
    z.object({ service: z.string(), isOneShot: z.boolean(), hasHealthCheck: z.boolean(), containers: z.array(containerShape) }),
  ),
});
type Project = z.infer<typeof observationShape>;
type Observation = { readonly left: string } | Project;

export const containers = defineCheck<Spec, Observation>({
  kind: 'containers',
  title: 'one container runs, of the expected image, and stays',
  why: 'A container that was not made anew, or that dies and comes back, serves the wrong version or none.',
  subject: ['component'],
  effects: 'none',
  spec,
  async observe(_spec, ports, context) {
    const composed = context.subject.kind === 'component' ? composeOf(context.target, context.subject.name) : null;
    if (composed === null) return measured({ left: 'the component is not deployed by compose' });
    return measured(await look(composed, ports, context));
  },
  judge(observation, input, context) {
    if ('left' in observation) return skip(observation.left);
    const { containers: own, service, project } = observation;
    const [one, second] = own;
    if (one === undefined) return fail(`${project} has no container of ${service}`, { hint: 'See what is there: docker compose ps --all' });
    if (second !== undefined)
      return fail(`${own.length} containers of ${service} are there: ${own.map(({ name, state }) => `${name} (${state})`).join(', ')}`, {
        evidence: observation,
        hint: 'An interrupted recreation leaves two; docker compose up --detach puts it right.',
      });
    const fault = lifeFault(one) ?? imageFault(one, observation, input, context);
    if (fault !== null) return { ...fault, evidence: observation };
    const down = observation.others.flatMap(othersFault);
    if (down.length > 0)
      return fail(down[0] ?? '', { details: down.slice(1), evidence: observation, hint: `See their logs: docker compose logs --tail 50` });
    const since = one.startedAtMs === null ? '' : ` since ${new Date(one.startedAtMs).toISOString()}`;
    const health = one.health === null ? '' : `, ${one.health}`;
    return pass(`${one.name} runs ${one.imageName} (${short(one.imageId)})${since}${health}`, { evidence: observation });
  },
});

async function look(composed: NonNullable<ReturnType<typeof composeOf>>, ports: ReadPorts, context: CheckContext): Promise<Project> {
  const { subject, target } = context;
  const host = ports.on(subject.kind === 'component' ? (subject.component.host ?? target.host) : target.host);
  const { project, service } = composed;
  const { name, services } = await host.compose.resolve(project);
  const of = async (each: string): Promise<Seen[]> => {
    const labels = {
      'com.docker.compose.project': name,
      'com.docker.compose.service': each,
      'com.docker.compose.oneoff': 'False',
    };
    return (await host.containers.containers(project.engine, labels)).map((container) => containerShape.parse(container));
  };
  const wantedName = services[service]?.image ?? null;
  const wantedImage = wantedName === null ? null : await host.containers.image(project.engine, wantedName);
  const others = Object.entries(services).filter(([each]) => each !== service);
  return {
    project: name,
    service,
    containers: await of(service),
    wanted: { name: wantedName, id: wantedImage?.id ?? null },
    others: await Promise.all(
      others.map(async ([each, { isOneShot, hasHealthCheck }]) => ({
        service: each,
        isOneShot,
        hasHealthCheck,
        containers: await of(each),
      })),
    ),
  };
}

function lifeFault({ name, state, health, restarts, exitCode, outOfMemory }: Seen): Verdict | null {
  const why = outOfMemory ? 'out of memory' : `exit code ${exitCode}`;
  const hint = `See why: docker logs --tail 50 ${name}`;
  if (restarts > 0) return fail(`${name} does not stay: the engine has started it again ${times(restarts)} (${why})`, { hint });
  if (state !== 'running') return fail(`${name} is ${state} (${why})`, { hint });
  return health === 'unhealthy' ? fail(`${name} runs, but its own health check fails`, { hint }) : null;
}

function imageFault(one: Seen, { wanted }: Project, { image_id: given }: Spec, { mode, baseline }: JudgeContext): Verdict | null {
  if (mode === 'restored') {
    const before = observationShape.safeParse(baseline);
    const [was] = before.success ? before.data.containers : [];
    if (was === undefined || was.imageId === one.imageId) return null;
    return fail(`${one.name} runs ${short(one.imageId)}, before the change it was ${short(was.imageId)}`);
  }
  const expected = given ?? wanted.id;
  if (expected === null)
    return fail(`${wanted.name ?? 'the image of the service'} is not in the engine: what runs could not be started again`, {
      hint: 'Load or pull it again.',
    });
  if (expected === one.imageId) return null;
  return fail(`${one.name} runs ${short(one.imageId)}, ${wanted.name ?? 'its name'} means ${short(expected)}`, {
    hint: 'Was its container made anew after the image was set?',
  });
}

function othersFault({ service, isOneShot, containers: all }: Project['others'][number]): string[] {
  const [one] = all;
  if (isOneShot) return one !== undefined && one.exitCode !== 0 ? [`${service}, which is to complete, ended with ${one.exitCode}`] : [];
  if (one === undefined) return [`${service} has no container`];
  if (one.state !== 'running') return [`${service} is ${one.state} (exit code ${one.exitCode})`];
  return one.health === 'unhealthy' ? [`${service} runs, but its own health check fails`] : [];
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const short = (imageId: string): string => imageId.replace(/^sha256:/, '').slice(0, 12);
