// Packages as hostile input: listed without unpacking, unpacked only against a manifest.

export interface ArchiveEntry {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly bytes: number;
  readonly mode: number;
  /** Of a link: the path of the entry that it stands for. */
  readonly leadsTo?: string;
}

export interface ArchiveReading {
  /** A package has no links. Layers of a container image have some, to each other: those are listed, and no bytes are read through them. */
  readonly links?: 'refused' | 'listed';
}

export interface ArchiveFinding {
  readonly path: string;
  readonly sha256: string;
  /** The first bytes, enough for file headers. */
  readonly head: Uint8Array;
}

/** Each throws PACKAGE_TRUNCATED, PACKAGE_UNREADABLE or PACKAGE_UNSAFE (links, `..`, bombs, duplicates) with the entry named. */
export interface Archives {
  readonly host: string;
  list(path: string, options?: ArchiveReading): Promise<readonly ArchiveEntry[]>;
  readText(path: string, entry: string, options?: ArchiveReading & { readonly maxBytes?: number }): Promise<string>;
  /** Streams every file entry once, hands its bytes to the visitor in chunks, and returns digests and heads. */
  examine(path: string, visit?: (entry: string, chunk: Uint8Array) => void, options?: ArchiveReading): Promise<readonly ArchiveFinding[]>;
}

export interface Unpacking {
  readonly host: string;
  /**
   * Writes exactly the entries of the manifest (path below `stripPrefix` -> sha256) into a directory that must not exist yet;
   * a differing digest, a missing or an extra entry throws and leaves only the unfinished directory. Executable bits are kept,
   * setuid and owners are not. Durable when it resolves.
   */
  unpack(path: string, into: string, manifest: Readonly<Record<string, string>>, options: { readonly stripPrefix: string }): Promise<void>;
}
