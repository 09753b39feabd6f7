// Is this file the image that it claims to be, whole, for this engine, and of the component that it is meant for? Asked of the file alone,
// before an engine sees it.
import { imageOf } from '../src/core/artifact-of.js';
import { type CheckContext, defineCheck } from '../src/core/check.js';
import { composeOf } from '../src/core/compose-of.js';
import { RouterctlError } from '../src/core/errors.js';
import { type ImagePackage, imagePackageFaults, readImagePackage } from '../src/core/image-package.js';
import type { ReadPorts } from '../src/core/ports/ports.js';
import { fail, measured, pass, skip, type Verdict } from '../src/core/verdict.js';
import { z } from '../src/core/zod.js';
import { artifactPath, artifactSpec } from './parts/artifact.js';
import { bytesInWords } from './parts/bytes-in-words.js';

const spec = z.strictObject({
  /** The file of the image. */
  artifact: artifactSpec,
});

type Observation =
  | { readonly left: string }
  | { readonly trouble: string; readonly hint: string | null }
  | {
      readonly path: string;
      readonly sha256: string;
      readonly imageId: string;
      readonly tags: readonly string[];
      readonly architecture: string;
      readonly operatingSystem: string;
      /** What its labels say; null where they say nothing. */
      readonly version: string | null;
      readonly created: string | null;
      readonly bytes: number;
      readonly layers: number;
      readonly damaged: readonly string[];
      readonly repository: string;
      readonly engine: { readonly operatingSystem: string; readonly architecture: string } | null;
    };

export const imagePackage = defineCheck<z.infer<typeof spec>, Observation>({
  kind: 'image-package',
  title: 'the image is whole, for this engine, and of this component',
  why: 'A truncated, foreign or mislabelled image is cheapest to refuse before the engine has it.',
  subject: ['component'],
  effects: 'none',
  spec,
  async observe({ artifact }, ports, context) {
    const repository = context.subject.kind === 'component' ? imageOf(context.subject.component)?.repository : undefined;
    if (repository === undefined) return measured({ left: 'the component is not installed from an image' });
    const path = artifactPath(artifact);
    const host = ports.on(context.target.host);
    try {
      const image = await readImagePackage(path, host.archives);
      const damaged = await imagePackageFaults(path, host.archives);
      const [sha256, engine] = await Promise.all([host.files.sha256(path), engineFacts(ports, context)]);
      return measured({ path, sha256, ...factsOf(image), damaged, repository, engine });
    } catch (error) {
      if (error instanceof RouterctlError && error.code.startsWith('PACKAGE_'))
        return measured({ trouble: error.message, hint: error.hint ?? null });
      throw error;
    }
  },
  judge(observation) {
    if ('left' in observation) return skip(observation.left);
    if ('trouble' in observation) return fail(observation.trouble, observation.hint === null ? {} : { hint: observation.hint });
    return judgeImage(observation);
  },
});

const factsOf = ({ imageId, repositoryTags, architecture, operatingSystem, labels, bytes, layers }: ImagePackage) => ({
  imageId,
  tags: repositoryTags,
  architecture,
  operatingSystem,
  version: labels['org.opencontainers.image.version'] ?? null,
  created: labels['org.opencontainers.image.created'] ?? null,
  bytes,
  layers,
});

async function engineFacts(ports: ReadPorts, { subject, target }: CheckContext) {
  const composed = subject.kind === 'component' ? composeOf(target, subject.name) : null;
  if (composed === null) return null;
  const { operatingSystem, architecture } = await ports.on(target.host).containers.engine(composed.project.engine);
  return { operatingSystem, architecture };
}

type Read = Extract<Observation, { imageId: string }>;

function judgeImage(observation: Read): Verdict {
  const { path, tags, architecture, operatingSystem, version, damaged, repository, engine, bytes, layers, imageId } = observation;
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  const tag = tags.find((each) => each.startsWith(`${repository}:`))?.slice(repository.length + 1);
  const faults: string[] = [...damaged];
  if (tag === undefined) faults.push(`it is called ${tags.join(', ') || 'nothing'}, expected ${repository}:<tag>`);
  if (tag === 'latest') faults.push('its tag is latest, which names no version');
  if (tag !== undefined && version !== null && tag !== version && !tag.startsWith(`${version}-`))
    faults.push(`its tag is ${tag}, but the image says that it is ${version}`);
  if (engine !== null && (engine.architecture !== architecture || engine.operatingSystem !== operatingSystem))
    faults.push(`built for ${operatingSystem}/${architecture}, the engine runs ${engine.operatingSystem}/${engine.architecture}`);
  const [first] = faults;
  if (first !== undefined)
    return fail(`${fileName}: ${first}`, {
      details: faults.slice(1),
      evidence: observation,
      hint: 'Get the image of this release for this machine again, and compare its digest with the published one.',
    });
  const id = imageId.slice('sha256:'.length, 'sha256:'.length + 12);
  return pass(
    `${fileName}: ${repository}:${tag ?? ''} is ${id}, ${layers} layers, ${bytesInWords(bytes)}, ${operatingSystem}/${architecture}`,
    {
      evidence: observation,
    },
  );
}
