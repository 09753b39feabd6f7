// Where the release note of a package is: the file that somebody attached, else the one inside the package. The check and the plan ask
// the same way, so that what is acknowledged is what is judged.
import { RouterctlError } from './errors.js';
import type { FileReads } from './ports/files.js';
import type { HostReadPorts } from './ports/ports.js';
import { largestNoteBytes, type NoteReading, readReleaseNote } from './release-note.js';
import { z } from './zod.js';

/** A path, or an artifact as an input hands it on; optional inputs without a value are null. */
export const noteOfSpec = z.object({
  artifact: z
    .union([z.string().min(1), z.looseObject({ path: z.string().min(1), version: z.string().nullish(), migrations: z.string().nullish() })])
    .nullish(),
  /** A file to read instead of the one in the package. */
  notes: z.string().min(1).nullish(),
});

export interface NoteRequest {
  readonly artifact: { readonly path: string; readonly version: string | null; readonly migrations: string | null } | null;
  readonly notes: string | null;
  /** Its name inside a package; null where the profile knows no packages. */
  readonly inside: string | null;
}

export function noteRequest({ artifact, notes }: z.infer<typeof noteOfSpec>, inside: string | null): NoteRequest {
  const given = typeof artifact === 'string' ? { path: artifact } : (artifact ?? null);
  const known = given === null ? null : { version: null, migrations: null, ...given };
  return {
    artifact: known === null ? null : { path: known.path, version: known.version ?? null, migrations: known.migrations ?? null },
    notes: notes ?? null,
    inside,
  };
}

/** null when there is no package to look into and no file was attached. Throws FILE_MISSING, FILE_UNREADABLE and PACKAGE_*. */
export async function findReleaseNote({ files, archives }: HostReadPorts, request: NoteRequest): Promise<NoteReading | null> {
  const { artifact, notes, inside } = request;
  const version = artifact?.version ?? null;
  const limit = { maxBytes: largestNoteBytes };
  if (notes !== null) return readAs(notes, version, () => files.read(notes, limit));
  if (artifact === null || inside === null) return null;
  const entries = await archives.list(artifact.path, { links: 'listed' });
  if (entries.some(({ path }) => path === 'manifest.json')) return besideImage(files, artifact.path, inside, version);
  const entry = entries.find(({ path, kind }) => kind === 'file' && path.split('/').slice(1).join('/') === inside);
  if (entry === undefined) return { trouble: `${artifact.path} holds no ${inside}`, hint: 'attach the release note: --notes FILE' };
  return readAs(inside, version, () => archives.readText(artifact.path, entry.path, limit));
}

/** A package of images holds `images/` beside its note. */
async function besideImage(files: FileReads, image: string, name: string, version: string | null): Promise<NoteReading> {
  const file = `${image.split('/').slice(0, -2).join('/')}/${name}`;
  if ((await files.stat(file))?.kind !== 'file') return { trouble: `there is no ${file}`, hint: 'attach the release note: --notes FILE' };
  return readAs(file, version, () => files.read(file, { maxBytes: largestNoteBytes }));
}

async function readAs(file: string, version: string | null, content: () => Promise<Uint8Array | string>): Promise<NoteReading> {
  try {
    return readReleaseNote(await content(), { file, version });
  } catch (error) {
    if (!(error instanceof RouterctlError) || error.code !== 'FILE_TOO_LARGE') throw error;
    return { trouble: error.message, hint: 'attach the part about this release: --notes FILE' };
  }
}
