// Is there room for the backup, the proof that it can be restored, and the new version, before any of it is begun?
// Needs are added up per file system, since several directories often share one.
import { binaryOf } from '../src/core/artifact-of.js';
import { type CheckContext, defineCheck } from '../src/core/check.js';
import { composeOf } from '../src/core/compose-of.js';
import { RouterctlError } from '../src/core/errors.js';
import type { ReadPorts } from '../src/core/ports/ports.js';
import { fail, measured, pass, unmeasured } from '../src/core/verdict.js';
import { z } from '../src/core/zod.js';
import { artifactPath, artifactSpec } from './parts/artifact.js';
import { bytesInWords } from './parts/bytes-in-words.js';

const spec = z.strictObject({
  /** The package that will be unpacked. */
  artifact: artifactSpec.optional(),
  /** Asked for besides what follows from the target. */
  needs: z.array(z.strictObject({ path: z.string().min(1), bytes: z.number().int().nonnegative(), why: z.string().min(1) })).default([]),
  /** Everything is multiplied by it: files grow between this check and their use. */
  factor: z.number().min(1).default(1.2),
});
type Spec = z.infer<typeof spec>;

type Need = { readonly path: string; readonly bytes: number; readonly inodes: number; readonly why: string };
type Room = {
  readonly path: string;
  readonly freeBytes: number;
  readonly freeInodes: number;
  readonly needBytes: number;
  readonly needInodes: number;
  readonly why: readonly string[];
};
type Observation = { readonly devices: readonly Room[] };

/** Journal, undo bundle, report and the space that the rollback's own events must find. */
const reserveBytes = 32 * 1024 * 1024;
const reserveInodes = 200;
/** Its file names layers, not files: those of an image have this size at least, on average. */
const bytesOfAFile = 8 * 1024;

export const diskSpace = defineCheck<Spec, Observation>({
  kind: 'disk-space',
  title: 'there is room for backup, proof and new version',
  why: 'A disk that fills up in the middle of an upgrade stops the old version as well as the new one.',
  subject: ['component', 'none'],
  effects: 'none',
  spec,
  async observe(spec, ports, context) {
    try {
      return measured({ devices: await summed(await allNeeds(spec, ports, context), spec.factor, ports, context) });
    } catch (error) {
      if (error instanceof RouterctlError && /^(PACKAGE|DATABASE|FILE)_/.test(error.code))
        return unmeasured(`the need cannot be told: ${error.message}`, error.hint);
      throw error;
    }
  },
  judge({ devices }) {
    const evidence = { devices };
    const short = devices.filter(({ needBytes, freeBytes, needInodes, freeInodes }) => freeBytes < needBytes || freeInodes < needInodes);
    const [first] = short;
    if (first !== undefined) {
      return fail(lack(first), {
        details: [...first.why, ...short.slice(1).map(lack)],
        evidence,
        hint: first.why.some((text) => text.startsWith('backup:'))
          ? 'Free space, or point backup.directory of the target at a larger file system.'
          : `Free space on the file system of ${first.path}.`,
      });
    }
    const tightest = devices.reduce<Room | null>(
      (least, room) => (least === null || room.freeBytes - room.needBytes < least.freeBytes - least.needBytes ? room : least),
      null,
    );
    return pass(
      tightest === null
        ? 'nothing needs room'
        : `${bytesInWords(tightest.needBytes)} needed, ${bytesInWords(tightest.freeBytes)} free at ${tightest.path}`,
      { evidence },
    );
  },
});

function lack({ path, needBytes, freeBytes, needInodes, freeInodes }: Room): string {
  if (freeBytes < needBytes) return `${path}: ${bytesInWords(needBytes)} needed, ${bytesInWords(freeBytes)} free`;
  return `${path}: ${needInodes} inodes needed, ${freeInodes} free`;
}

async function allNeeds(spec: Spec, ports: ReadPorts, context: CheckContext): Promise<readonly Need[]> {
  const { target } = context;
  const needs: Need[] = spec.needs.map((need) => ({ ...need, inodes: 1 }));
  needs.push({ path: target.root, bytes: reserveBytes, inodes: reserveInodes, why: 'journal, undo and report' });
  if (target.backup !== undefined) {
    const data = await backupSize(ports, context);
    // The plain snapshot and what is restored from the ciphertext lie in the run's undo directory, below the root.
    needs.push({ path: target.root, ...data, why: 'restore proof' }, { path: target.backup.directory, ...data, why: 'backup' });
  }
  if (spec.artifact !== undefined) needs.push(...(await artifactNeeds(artifactPath(spec.artifact), ports, context)));
  return needs;
}

/** A binary package is unpacked beside the others; an image lies in its file and in the engine, and what serves is saved before. */
async function artifactNeeds(path: string, ports: ReadPorts, { target, subject }: CheckContext): Promise<readonly Need[]> {
  const host = ports.on(target.host);
  const entries = await host.archives.list(path, { links: 'listed' });
  const [bytes, inodes] = [entries.reduce((sum, entry) => sum + entry.bytes, 0), entries.length];
  const composed = subject.kind === 'component' ? composeOf(target, subject.name) : null;
  if (composed !== null) {
    const { root } = await host.containers.engine(composed.project.engine);
    return [
      { path: root, bytes: 2 * bytes, inodes: reserveInodes + Math.ceil(bytes / bytesOfAFile), why: 'loaded image' },
      { path: target.root, bytes, inodes: 1, why: 'saved image of the version that serves' },
    ];
  }
  const components = subject.kind === 'component' ? [subject.component] : Object.values(target.components);
  const versions = components.map(binaryOf).find((binary) => binary !== undefined)?.versions ?? target.root;
  return [{ path: versions, bytes, inodes, why: 'unpacked package' }];
}

async function backupSize(ports: ReadPorts, { target }: CheckContext): Promise<{ bytes: number; inodes: number }> {
  const { files, databases } = ports.on(target.host);
  const names = Object.values(target.components)
    .flatMap((component) => Object.values(component.files))
    .filter((path) => path !== undefined);
  const facts = await Promise.all(names.map((path) => files.stat(path)));
  const sizes = await Promise.all(Object.values(target.databases).map((database) => databases.size(database)));
  const bytes = facts.reduce((sum, fact) => sum + (fact?.bytes ?? 0), 0) + sizes.reduce((sum, size) => sum + size, 0);
  // Each file, plain and encrypted, and the manifest.
  return { bytes, inodes: 2 * (facts.length + sizes.length) + 2 };
}

async function summed(needs: readonly Need[], factor: number, ports: ReadPorts, { target }: CheckContext): Promise<readonly Room[]> {
  const { files } = ports.on(target.host);
  const devices = new Map<number, Room>();
  for (const { path, bytes, inodes, why } of needs) {
    const space = await files.space(path);
    const old = devices.get(space.device) ?? {
      path,
      freeBytes: space.freeBytes,
      freeInodes: space.freeInodes,
      needBytes: 0,
      needInodes: 0,
      why: [],
    };
    const needBytes = Math.ceil(bytes * factor);
    devices.set(space.device, {
      ...old,
      needBytes: old.needBytes + needBytes,
      needInodes: old.needInodes + inodes,
      why: [...old.why, `${why}: ${bytesInWords(needBytes)} at ${path}`],
    });
  }
  return [...devices.values()];
}
