// What does the release note demand, and does the package agree with it? Asked before anything is touched, because a note is the only
// place where a release says that another version comes first, or that its database change cannot be taken back.
import { type CheckContext, defineCheck } from '../src/core/check.js';
import { findReleaseNote, noteOfSpec, noteRequest } from '../src/core/find-release-note.js';
import type { HostReadPorts } from '../src/core/ports/ports.js';
import { noteSections, type ReleaseNote } from '../src/core/release-note.js';
import { fail, inconclusive, measured, pass, skip, type Verdict, warn } from '../src/core/verdict.js';
import { compareVersions } from '../src/core/version-order.js';
import { z } from '../src/core/zod.js';
import { member } from './parts/ask-router.js';
import { type Differing, differingFiles } from './parts/docs-only-faults.js';

const spec = z.strictObject({
  ...noteOfSpec.shape,
  /** Ids of version steps: the first that was answered says which version runs. */
  of: z.array(z.string().min(1)).min(1).optional(),
});
type Spec = z.infer<typeof spec>;

/** The note without its texts: those are in the plan, and what was acknowledged is in the journal. */
type Seen = Pick<ReleaseNote, 'file' | 'kind' | 'why' | 'database' | 'silent' | 'others' | 'stops'> & {
  readonly impacts: readonly { readonly id: string; readonly title: string; readonly line: number | null }[];
};

type Observation =
  | { readonly left: string }
  | { readonly trouble: string; readonly hint: string }
  | {
      readonly note: Seen;
      readonly version: string | null;
      readonly running: string | null;
      /** What the package says of its migrations; null when it is not known. */
      readonly migrations: string | null;
      /** Asked of a note that says docs-only; null when it could not be compared. */
      readonly differing: Differing | null;
    };
type Read = Extract<Observation, { note: Seen }>;

export const releaseNotes = defineCheck<Spec, Observation>({
  kind: 'release-notes',
  title: 'the release note is there, allows this upgrade, and is true of the package',
  why: 'What a release asks of its operators, and whether its database can be taken back, must be known before the window.',
  subject: ['none', 'component'],
  effects: 'none',
  spec,
  async observe(spec, ports, context) {
    const request = noteRequest(spec, context.profile.package?.notes ?? null);
    const host = ports.on(context.target.host);
    const found = await findReleaseNote(host, request);
    if (found === null)
      return measured({ left: `the profile ${context.profile.profile} describes no package that could hold a release note` });
    if ('trouble' in found) return measured(found);
    const { note } = found;
    const { artifact } = request;
    return measured({
      note: seen(note),
      version: artifact?.version ?? null,
      running: runningVersion(spec, context),
      // An image without a release document beside it says nothing of migrations.
      migrations: artifact?.migrations === 'unknown' ? null : (artifact?.migrations ?? null),
      differing: note.kind === 'docs-only' && artifact !== null ? await differing(host, artifact.path, context) : null,
    });
  },
  judge(observation) {
    if ('left' in observation) return skip(observation.left);
    if ('trouble' in observation) return fail(observation.trouble, { hint: observation.hint });
    return judgeNote(observation);
  },
});

function seen({ file, kind, why, database, silent, others, stops, impacts }: ReleaseNote): Seen {
  const lines = impacts.map(({ id, title, items }) => ({ id, title, line: items[0]?.line ?? null }));
  return { file, kind, why, database, silent, others, stops, impacts: lines };
}

function runningVersion({ of = [] }: Spec, { results }: CheckContext): string | null {
  const versions = of.map((id) => member(results[id]?.observation ?? null, 'version'));
  return versions.find((version) => typeof version === 'string') ?? null;
}

async function differing(host: HostReadPorts, path: string, { subject, profile }: CheckContext): Promise<Differing | null> {
  const artifact = subject.kind === 'component' ? subject.component.artifact : undefined;
  const installed = artifact?.kind === 'binary' ? artifact.current : undefined;
  const list = profile.package?.sums;
  return installed === undefined || list === undefined ? null : differingFiles(host, { path, list, installed });
}

function judgeNote(read: Read): Verdict {
  const { note, running, version, migrations } = read;
  const evidence = { file: note.file, kind: note.kind, database: note.database, acknowledge: note.impacts.map(({ id }) => id) };
  const stops = note.stops.filter(({ version: stop }) => version === null || (compareVersions(stop, version) ?? -1) < 0);
  const [stop] = stops;
  if (stop !== undefined && compareVersions(running ?? '', stop.version) === null)
    return inconclusive(`${note.file}:${stop.line} wants ${stop.version} first, and the running version is ${running ?? 'not known'}`, {
      evidence,
    });
  const missed = stops.find(({ version: wanted }) => (compareVersions(running ?? '', wanted) ?? -1) < 0);
  if (missed !== undefined)
    return fail(`${note.file}:${missed.line} wants ${missed.version} first; ${running} is running`, {
      hint: `upgrade to ${missed.version} first: routerctl upgrade --to PACKAGE`,
      evidence,
    });
  const faults = [...databaseFaults(note, migrations), ...docsOnlyFaults(read)];
  if (faults[0] !== undefined)
    return fail(`${note.file} and the package contradict each other: ${faults[0]}`, {
      details: faults.slice(1),
      hint: 'ask whoever made the release which of the two is right; attach a note that is: --notes FILE',
      evidence,
    });
  const doubts = doubtsOf(read);
  const [doubt] = doubts;
  return doubt === undefined
    ? pass(summaryOf(note), { details: [note.why], evidence })
    : warn(doubt, { details: doubts.slice(1), evidence });
}

function summaryOf({ file, kind, database, impacts }: Seen): string {
  const demands = impacts.map(({ id, line }) => (line === null ? id : `${id} (line ${line})`));
  return `${file}: ${kind}, database changes ${database}; ${demands.length === 0 ? 'asks nothing of you' : `to acknowledge: ${demands.join(', ')}`}`;
}

/** What the package calls its migrations must be what the note says of the database. */
function databaseFaults({ database }: Seen, migrations: string | null): readonly string[] {
  const allowed: Readonly<Record<string, readonly string[]>> = {
    none: ['none'],
    reversible: ['none', 'compatible'],
    'non-reversible': ['restore-required'],
  };
  const wanted = allowed[database];
  if (migrations === null || wanted === undefined || wanted.includes(migrations)) return [];
  return [`database changes are ${database} in the note, migrations are ${migrations} in the package`];
}

function docsOnlyFaults({ note, differing: found }: Read): readonly string[] {
  if (note.kind !== 'docs-only' || found === null) return [];
  return [
    ...(found.config.length === 0 ? [] : [`docs-only, but the config differs: ${found.config.join(', ')}`]),
    ...(found.migrations.length === 0 ? [] : [`docs-only, but migrations differ: ${found.migrations.join(', ')}`]),
  ];
}

function doubtsOf({ note, differing: found, migrations }: Read): readonly string[] {
  const { file, silent, kind, database, others } = note;
  const words = silent.map((id) => noteSections[id]).join(', ');
  const all = Object.keys(noteSections).length;
  return [
    ...(silent.length === all ? [`${file} has none of the sections that an operator needs; somebody must read it whole`] : []),
    ...(silent.length > 0 && silent.length < all ? [`${file} says nothing of ${words}`] : []),
    ...(kind === 'docs-only' && found === null
      ? [`${file} says docs-only, and the package was not compared with the installed version`]
      : []),
    ...((found?.programs.length ?? 0) > 0
      ? [`${file} says docs-only, but programs differ, so it is treated as behaviour-changing: ${found?.programs.join(', ')}`]
      : []),
    ...(database === 'unstated' && migrations !== null && migrations !== 'none'
      ? [`the package has migrations (${migrations}), and ${file} does not say whether they can be taken back`]
      : []),
    ...(silent.length > 0 && others.length > 0
      ? [`other sections: ${others.map(({ text, line }) => `${text} (line ${line})`).join(', ')}`]
      : []),
  ];
}
