// What a container engine answers, as the words of the port. An answer that does not fit is not an engine's.
import type { ContainerFacts, ContainerImage, EngineFacts } from '../core/ports/containers.js';
import { z } from '../core/zod.js';

/** Of images as of containers: everything else is asked for one by one. */
export const listAnswer = z.array(z.looseObject({ Id: z.string() }));

const labels = z.record(z.string(), z.string()).nullish();

export const versionAnswer = z.looseObject({ Version: z.string(), Os: z.string(), Arch: z.string() });

export const infoAnswer = z.looseObject({
  DockerRootDir: z.string(),
  DriverStatus: z.array(z.array(z.string())).nullish(),
});

export function engineFacts(version: z.infer<typeof versionAnswer>, info: z.infer<typeof infoAnswer>): EngineFacts {
  const inContainerd = (info.DriverStatus ?? []).some(
    ([name, value]) => name === 'driver-type' && value?.startsWith('io.containerd.') === true,
  );
  return {
    version: version.Version,
    operatingSystem: version.Os,
    architecture: version.Arch,
    root: info.DockerRootDir,
    imageIds: inContainerd ? 'manifest' : 'config',
  };
}

export const imageAnswer = z
  .looseObject({
    Id: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    RepoDigests: z.array(z.string()).nullish(),
    Architecture: z.string(),
    Os: z.string(),
    Created: z.string().nullish(),
    Size: z.number(),
    Config: z.looseObject({ Labels: labels }).nullish(),
  })
  .transform(
    (image): ContainerImage => ({
      id: image.Id,
      tags: image.RepoTags ?? [],
      digests: image.RepoDigests ?? [],
      architecture: image.Architecture,
      operatingSystem: image.Os,
      labels: image.Config?.Labels ?? {},
      createdAt: image.Created ?? '',
      bytes: image.Size,
    }),
  );

export interface ToldContainer {
  readonly facts: ContainerFacts;
  readonly createdAtMs: number;
  readonly hasTerminal: boolean;
}

const states = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const;
/** Of Go's zero time, which stands for never. */
const never = '0001-';

export const containerAnswer = z
  .looseObject({
    Id: z.string(),
    Name: z.string(),
    Created: z.string(),
    Image: z.string(),
    RestartCount: z.number().default(0),
    State: z.looseObject({
      Status: z.enum(states),
      Pid: z.number(),
      ExitCode: z.number(),
      OOMKilled: z.boolean().default(false),
      StartedAt: z.string(),
      Health: z.looseObject({ Status: z.string() }).nullish(),
    }),
    Config: z.looseObject({ Image: z.string(), Labels: labels, Tty: z.boolean().default(false) }),
  })
  .transform(
    ({ State: state, Config: config, ...container }): ToldContainer => ({
      facts: {
        id: container.Id,
        name: container.Name.replace(/^\//, ''),
        imageId: container.Image,
        imageName: config.Image,
        state: state.Status,
        health: healthOf(state.Health?.Status),
        restarts: container.RestartCount,
        exitCode: state.ExitCode,
        outOfMemory: state.OOMKilled,
        pid: state.Pid,
        startedAtMs: state.StartedAt.startsWith(never) ? null : Date.parse(state.StartedAt),
        labels: config.Labels ?? {},
      },
      createdAtMs: Date.parse(container.Created),
      hasTerminal: config.Tty,
    }),
  );

/** `none` is said of containers without a health check, and so is nothing at all. */
function healthOf(status: string | undefined): ContainerFacts['health'] {
  return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : null;
}
