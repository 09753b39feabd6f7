// A container engine: its images and containers, and what can be done to them. Images are named by id (`sha256:` and the digest of their
// config) wherever something depends on which one it is; a tag is only a name that points to one.

/** Where an engine listens: `unix:///path` or `tcp://host:port`, as DOCKER_HOST has it. */
export type EngineAddress = string;

export interface EngineFacts {
  readonly version: string;
  readonly operatingSystem: string;
  /** As images name it: `amd64`, `arm64`. */
  readonly architecture: string;
  /** Where its images and containers lie, on the engine's host. */
  readonly root: string;
  /** What the ids of its images are digests of: `manifest` where it keeps them in containerd. Only those of `config` can be foretold. */
  readonly imageIds: 'config' | 'manifest';
}

export interface ContainerImage {
  readonly id: string;
  /** `repository:tag`, each. */
  readonly tags: readonly string[];
  /** `repository@sha256:…`, each; of images that came from a registry. */
  readonly digests: readonly string[];
  readonly architecture: string;
  readonly operatingSystem: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly bytes: number;
}

export interface ContainerFacts {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly imageId: string;
  /** What it was created with: a tag, a digest or an id. */
  readonly imageName: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** null without a health check. */
  readonly health: 'starting' | 'healthy' | 'unhealthy' | null;
  /** How often the engine has started it again by itself. */
  readonly restarts: number;
  /** Of its last end; 0 while it never ended. */
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** 0 while it does not run. */
  readonly pid: number;
  /** Of its last start; null when it never ran. */
  readonly startedAtMs: number | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** Each throws ENGINE_UNREACHABLE when the engine does not answer in time, and ENGINE_REFUSED with its words when it says no. */
export interface ContainerReads {
  readonly host: string;
  engine(at: EngineAddress): Promise<EngineFacts>;
  /** By id, tag or digest; null when there is none. */
  image(at: EngineAddress, reference: string): Promise<ContainerImage | null>;
  images(at: EngineAddress): Promise<readonly ContainerImage[]>;
  /** Those with all of the labels, running or not, oldest first. */
  containers(at: EngineAddress, labels: Readonly<Record<string, string>>): Promise<readonly ContainerFacts[]>;
  /** Its last words, of both streams. Not masked. */
  logTail(at: EngineAddress, containerId: string, lines: number): Promise<readonly string[]>;
}

/** Each throws ENGINE_UNREACHABLE when the engine does not answer, and ENGINE_REFUSED with its words when it says no. */
export interface ContainerActs {
  readonly host: string;
  /**
   * Loads the one image of a file as `docker save` writes it, under this one name and no other, whatever names the file gives: no tag that
   * is in use moves. Errors that the engine tells in the midst of its answer count. Called twice, it loads nothing anew. Died half-way, layers
   * may be left in the engine, but no name.
   */
  load(at: EngineAddress, file: string, name: string, signal?: AbortSignal): Promise<void>;
  /**
   * Writes the image to a file that must not exist yet, as `docker save` does, whole or not at all; durable when it resolves. The file calls
   * it by this name, which must point to it.
   */
  save(at: EngineAddress, imageId: string, file: string, name: string, signal?: AbortSignal): Promise<void>;
  /** Lets the name point to this image, wherever it pointed before. */
  tag(at: EngineAddress, imageId: string, name: string): Promise<void>;
  /**
   * Takes the name away, and the image with its last name; refused while a container uses an image whose last name it is. Does nothing when
   * there is no such name.
   */
  untag(at: EngineAddress, name: string): Promise<void>;
}
