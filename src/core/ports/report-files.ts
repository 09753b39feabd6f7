// Report folders on disk: they appear whole or not at all, so that nobody ever reads, or verifies, half a report.

export interface ReportFiles {
  /** Replaces the folder with exactly these files (a name may be `unsigned/x`); may be called again after a crash. Durable when it resolves. */
  write(directory: string, files: ReadonlyMap<string, Uint8Array>, options: { readonly mode: number }): Promise<void>;
  /** Every file below the folder by relative name; FILE_MISSING when there is no folder, FILE_UNREADABLE for links and devices, FILE_TOO_LARGE beyond 256 MiB. */
  read(directory: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** A small text such as an allowed_signers file; FILE_MISSING, FILE_UNREADABLE or FILE_TOO_LARGE. */
  readText(path: string): Promise<string>;
  exists(path: string): Promise<boolean>;
}
