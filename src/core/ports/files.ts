// Files of one host. Reads never follow a final symbolic link silently: `stat` tells what the name itself is.

export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly bytes: number;
  /** Permission bits, for example 0o600. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedAtMs: number;
  /** Status-change time: tells when a link was last repointed. */
  readonly changedAtMs: number;
  readonly device: number;
  readonly inode: number;
}

export interface FileReads {
  readonly host: string;
  /** null when nothing has that name. Does not follow a final link. */
  stat(path: string): Promise<FileFacts | null>;
  /** Throws RouterctlError FILE_MISSING, FILE_UNREADABLE or FILE_TOO_LARGE (default limit 16 MiB). Follows links. */
  read(path: string, options?: { readonly maxBytes?: number }): Promise<Uint8Array>;
  readText(path: string, options?: { readonly maxBytes?: number }): Promise<string>;
  /** Names in the directory, sorted; empty when it does not exist. */
  list(directory: string): Promise<readonly string[]>;
  /** Where a link points, unresolved; null when it is not a link. */
  readLink(path: string): Promise<string | null>;
  /** The name with every link resolved; null when it does not exist. */
  realPath(path: string): Promise<string | null>;
  /** Hex; streamed, so that the size does not matter. Throws like `read`. */
  sha256(path: string): Promise<string>;
  /** Whether this user may make something there: in the directory, or in the nearest one above it that exists. */
  mayWrite(directory: string): Promise<boolean>;
  /** Of the file system that holds the path (or its nearest existing parent). `network` is true for NFS, SMB and the like. */
  space(
    path: string,
  ): Promise<{ readonly freeBytes: number; readonly freeInodes: number; readonly network: boolean; readonly device: number }>;
}

/** Every method is durable when it resolves (file and directory synced) and may be called again after a crash. */
export interface FileWrites {
  readonly host: string;
  /** New content under an old name, all or nothing. Mode and owner are those given, else those of the old file, else 0600. */
  replace(
    path: string,
    content: Uint8Array | string,
    options?: { readonly mode?: number; readonly uid?: number; readonly gid?: number },
  ): Promise<void>;
  /** Fails with FILE_EXISTS when the name is taken; the copy appears whole or not at all. */
  copyNew(from: string, to: string, options?: { readonly mode?: number }): Promise<void>;
  makeDirectory(path: string, options?: { readonly mode?: number }): Promise<void>;
  /** Atomically repoints (or creates) a symbolic link. */
  pointLink(path: string, to: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  /** Removes a file, link or whole directory tree without following links; nothing there is fine. */
  remove(path: string): Promise<void>;
}
