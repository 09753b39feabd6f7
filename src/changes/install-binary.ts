// Installs a version beside the one in use and then repoints one symbolic link: the old version stays, whole, to go back to.
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { binaryOf } from '../core/artifact-of.js';
import { type ChangeContext, defineChange, type Inspection } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import type { FileReads } from '../core/ports/files.js';
import type { HostPorts, HostReadPorts } from '../core/ports/ports.js';
import { fail, pass } from '../core/verdict.js';
import { z } from '../core/zod.js';
import { type ComponentSubject, componentSubject, configured } from './component-subject.js';
import { treeDifference } from './installed-tree.js';
import { refusedOutcome } from './refused-outcome.js';
import { type ReleasePackage, readReleasePackage } from './release-package.js';
import { shellQuoted, shellWord } from './shell-word.js';
import { versionContent, versionContentShape, versionFault, versionIn } from './version-content.js';

const spec = z.strictObject({
  artifact: z.string().min(1).describe('path of the package'),
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+_-]*$/, 'a version is letters, digits and . + _ -'),
});
type Spec = z.infer<typeof spec>;

const undoShape = z.object({
  host: z.string(),
  current: z.string(),
  /** null when there was no link before. */
  oldTarget: z.string().nullable(),
  newTarget: z.string(),
  directory: z.string(),
  /** The version directory was there before, and proven equal to the package. */
  existed: z.boolean(),
  /** Of the version that the old target names; null without one. */
  old: versionContentShape.nullable().default(null),
  /** The version that the old target holds; null when it does not say. */
  from: z.string().nullable().default(null),
});
type Undo = z.infer<typeof undoShape>;

export const installBinary = defineChange<Spec>({
  kind: 'install-binary',
  title: 'Install a version and point the link to it',
  role: 'edit',
  impact: 'staged',
  reversal: 'exact',
  subject: ['component'],
  spec,
  plan: async (input, ports, context) => {
    const subject = componentSubject(context);
    const { files } = ports.on(subject.host);
    const { release, undo } = await look(input, subject, ports.on(subject.host), context);
    const count = Object.keys(release.manifest).length;
    const effects = {
      from: undo.from,
      version: release.version,
      directory: undo.directory,
      artifactSha256: await files.sha256(input.artifact),
      migrations: release.migrations,
    };
    const install = undo.existed
      ? ({ sign: ' ', text: `${undo.directory}: installed already, ${count} files equal to the package` } as const)
      : ({ sign: '+', text: `${undo.directory}: ${count} files, ${(release.bytes / 1024 / 1024).toFixed(1)} MiB` } as const);
    const link =
      undo.oldTarget === undo.newTarget
        ? ({ sign: ' ', text: `${undo.current} -> ${undo.newTarget} already` } as const)
        : ({ sign: '~', text: `${undo.current}: ${undo.oldTarget ?? 'nothing'} -> ${undo.newTarget}` } as const);
    return { diff: [install, link], effects };
  },
  prepare: async (input, ports, context) => {
    const subject = componentSubject(context);
    const { undo } = await look(input, subject, ports.on(subject.host), context);
    return { undo, expects: { artifactSha256: await ports.on(subject.host).files.sha256(input.artifact) } };
  },
  apply: (input, prepared, ports, context, record) =>
    refusedOutcome(async () => {
      const undo = undoShape.parse(prepared.undo);
      const host = ports.on(undo.host);
      const artifactSha256 = await host.files.sha256(input.artifact);
      if (artifactSha256 !== z.object({ artifactSha256: z.string() }).parse(prepared.expects).artifactSha256) {
        return { status: 'failed', summary: `${input.artifact} was replaced after this step was prepared`, hint: 'make a new plan' };
      }
      const release = await readReleasePackage(input.artifact, host, context.profile);
      const installed = await install(release, undo, host);
      const effects = {
        from: undo.from,
        version: release.version,
        directory: undo.directory,
        artifactSha256,
        migrations: release.migrations,
      };
      const evidence = {
        directory: undo.directory,
        files: Object.keys(release.manifest).length,
        artifactSha256,
        from: undo.oldTarget,
        to: undo.newTarget,
      };
      const link = await host.files.readLink(undo.current);
      if (link === undo.newTarget)
        return { status: installed ? 'done' : 'unchanged', summary: `${undo.current} points to ${undo.newTarget}`, effects, evidence };
      if (link !== undo.oldTarget)
        return {
          status: 'failed',
          summary: `${undo.current} was repointed by someone else to ${link ?? 'nothing'}; it was not touched`,
          hint: 'make a new plan',
          evidence,
        };
      await record('linking', undo.newTarget);
      await host.acts.files.pointLink(undo.current, undo.newTarget);
      return { status: 'done', summary: `${release.version} installed, ${undo.current} points to it`, effects, evidence };
    }),
  inspect: async (_input, prepared, _facts, ports) =>
    await inspect(undoShape.parse(prepared.undo), ports.on(undoShape.parse(prepared.undo).host).files),
  checkUndo: async (value, ports) => {
    const undo = undoShape.parse(value);
    const { files } = ports.on(undo.host);
    const link = await files.readLink(undo.current);
    if (link !== undo.oldTarget && link !== undo.newTarget)
      return fail(`${undo.current} was repointed by someone else to ${link ?? 'nothing'}`, { hint: byHandLine(undo) });
    if (undo.oldTarget === null) return pass(`${undo.current} was not there before and can be removed`);
    const fault = await oldFault(undo, files);
    return fault === null
      ? pass(`${undo.current} can point to ${undo.oldTarget} again`)
      : fail(fault, { hint: 'put it back before the upgrade' });
  },
  revert: (_input, value, _facts, ports) =>
    refusedOutcome(async () => {
      const undo = undoShape.parse(value);
      const { files, acts } = ports.on(undo.host);
      for (const name of await leftovers(files, undo.directory)) await acts.files.remove(name);
      const left = (await files.stat(undo.directory)) === null || undo.existed ? {} : { left: undo.directory };
      const link = await files.readLink(undo.current);
      const fault = link === undo.oldTarget || link === undo.newTarget ? await oldFault(undo, files) : null;
      if (fault !== null) {
        const hint = `install it again or bring it back from a backup, then: ${byHandLine(undo)}`;
        return { status: 'conflict', summary: `${fault}; ${undo.current} was not pointed at it`, hint, evidence: { now: link, ...left } };
      }
      if (link === undo.oldTarget)
        return { status: 'unchanged', summary: `${undo.current} points to ${undo.oldTarget ?? 'nothing'}, as before`, evidence: left };
      if (link !== undo.newTarget) {
        const summary = `${undo.current} was repointed by someone else to ${link ?? 'nothing'}; it was not touched`;
        return {
          status: 'conflict',
          summary,
          hint: `keep it, or point it back with: ${byHandLine(undo)}`,
          evidence: { now: link, ours: undo.newTarget, before: undo.oldTarget },
        };
      }
      if (undo.oldTarget === null) await acts.files.remove(undo.current);
      else await acts.files.pointLink(undo.current, undo.oldTarget);
      return { status: 'done', summary: `${undo.current} points to ${undo.oldTarget ?? 'nothing'} again`, evidence: left };
    }),
  byHand: (_input, value) => byHand(undoShape.parse(value)),
});

async function look(
  input: Spec,
  subject: ComponentSubject,
  host: HostReadPorts,
  context: ChangeContext,
): Promise<{ release: ReleasePackage; undo: Undo }> {
  const artifact = configured(binaryOf(subject.component), subject, 'artifact');
  const release = await readReleasePackage(input.artifact, host, context.profile);
  if (release.version !== input.version) throw mismatch(input.artifact, `holds version ${release.version}, not ${input.version}`);
  const absent = [...new Set([artifact.program, ...release.programs])].find((program) => release.manifest[`bin/${program}`] === undefined);
  if (absent !== undefined) throw mismatch(input.artifact, `lacks the program bin/${absent}`);
  const directory = join(artifact.versions, input.version);
  const existed = (await host.files.stat(directory)) !== null;
  const difference = existed ? await treeDifference(host.files, directory, release.manifest) : null;
  if (difference !== null) {
    throw new RouterctlError('FILE_EXISTS', `${directory} is there with other content: ${difference}`, {
      hint: 'find out who made it; if it is not in use, move it away and run the command again',
    });
  }
  const oldTarget = await host.files.readLink(artifact.current);
  if (oldTarget === null && (await host.files.stat(artifact.current)) !== null) {
    throw new RouterctlError('FILE_EXISTS', `${artifact.current} is not a symbolic link`, {
      hint: 'the link to the version in use is expected there',
    });
  }
  // A link that was relative stays relative, so that the tree can still be moved as a whole.
  const sameAsOld = oldTarget !== null && resolve(dirname(artifact.current), oldTarget) === resolve(directory);
  const target = oldTarget !== null && !isAbsolute(oldTarget) ? relative(dirname(artifact.current), directory) : directory;
  const names = { program: `bin/${artifact.program}`, list: context.profile.package?.sums ?? 'SHA256SUMS' };
  const oldDirectory = oldTarget === null ? null : resolve(dirname(artifact.current), oldTarget);
  const old = oldDirectory === null ? null : await versionContent(host.files, oldDirectory, names);
  const from = oldDirectory === null ? null : await versionIn(host.files, oldDirectory, context.profile.package?.release ?? 'RELEASE.json');
  const newTarget = sameAsOld ? oldTarget : target;
  return { release, undo: { host: subject.host, current: artifact.current, oldTarget, newTarget, directory, existed, old, from } };
}

const mismatch = (path: string, problem: string): RouterctlError =>
  new RouterctlError('PACKAGE_UNREADABLE', `${path} ${problem}`, { hint: 'check the version and the package' });

/** True when it wrote the directory; a directory of a killed attempt, or of an earlier run, is proven equal instead. */
async function install(release: ReleasePackage, undo: Undo, { files, acts }: HostPorts): Promise<boolean> {
  for (const name of await leftovers(files, undo.directory)) await acts.files.remove(name);
  if ((await files.stat(undo.directory)) !== null) {
    const difference = await treeDifference(files, undo.directory, release.manifest);
    if (difference === null) return false;
    throw new RouterctlError('FILE_EXISTS', `${undo.directory} is there with other content: ${difference}`, {
      hint: 'find out who made it; it was not touched',
    });
  }
  if ((await files.stat(dirname(undo.directory))) === null) await acts.files.makeDirectory(dirname(undo.directory), { mode: 0o755 });
  const unfinished = unfinishedName(undo.directory);
  await acts.archives.unpack(release.path, unfinished, release.manifest, { stripPrefix: release.root });
  await acts.files.move(unfinished, undo.directory);
  return true;
}

const unfinishedName = (directory: string): string => join(dirname(directory), `.${basename(directory)}.routerctl-tmp-unpack`);

async function leftovers(files: FileReads, directory: string): Promise<readonly string[]> {
  const prefix = `.${basename(directory)}.routerctl-tmp-`;
  return (await files.list(dirname(directory))).filter((name) => name.startsWith(prefix)).map((name) => join(dirname(directory), name));
}

/** Why the old version could not serve again; null when it could, or when there was none. */
async function oldFault({ current, oldTarget, old }: Undo, files: FileReads): Promise<string | null> {
  if (oldTarget === null) return null;
  const directory = resolve(dirname(current), oldTarget);
  const fault = await versionFault(files, directory, old ?? { program: null, listed: null });
  return fault === null ? null : `the old version ${directory} ${fault}`;
}

async function inspect(undo: Undo, files: FileReads): Promise<Inspection> {
  const link = await files.readLink(undo.current);
  const there = (await files.stat(undo.directory)) !== null;
  if (link === undo.newTarget) return there ? 'present' : 'partial';
  if (link !== undo.oldTarget) return 'unknown';
  const begun = (there && !undo.existed) || (await leftovers(files, undo.directory)).length > 0;
  return begun ? 'partial' : 'absent';
}

/** `mv -T` renames over the link in one step, where `ln -sf` would remove it first. */
function byHandLine({ current, oldTarget }: Undo): string {
  if (oldTarget === null) return `rm -f ${shellWord(current)}`;
  const aside = shellWord(`${current}.back`);
  return `ln -sfn ${shellWord(oldTarget)} ${aside} && mv -T ${aside} ${shellWord(current)}`;
}

/** Plain sh, harmless when the link was never moved or is back already; a link that someone else repointed ends it with what to do. */
function byHand(undo: Undo): readonly string[] {
  const { current, oldTarget, newTarget } = undo;
  const link = shellWord(current);
  return [
    [
      `case "$(readlink ${link} || true)" in`,
      `  ${shellQuoted(oldTarget ?? '')}) ;;`,
      `  ${shellQuoted(newTarget)}) ${byHandLine(undo)} ;;`,
      `  *) echo "someone else repointed "${link}"; it was not touched. See: ls -l "${link} >&2`,
      `     echo "To point it back: "${shellWord(byHandLine(undo))}", then run these lines again." >&2`,
      '     exit 1 ;;',
      'esac',
    ].join('\n'),
  ];
}
