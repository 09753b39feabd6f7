// What really runs: one process, since when, and whether its program is the installed one, byte for byte; and what a unit of systemd
// would start next.
// Stands alone because a router may answer while an old, second or foreign program does the answering.
import { binaryOf } from '../src/core/artifact-of.js';
import { type CheckContext, defineCheck, type JudgeContext } from '../src/core/check.js';
import type { Json } from '../src/core/json.js';
import type { ReadPorts } from '../src/core/ports/ports.js';
import { serviceOf } from '../src/core/service-of.js';
import { fail, inconclusive, measured, pass, skip, type Verdict, warn } from '../src/core/verdict.js';
import { z } from '../src/core/zod.js';
import { member } from './parts/ask-router.js';

const spec = z.strictObject({
  /** The version whose directory the running program must lie in; without it the one that `current` points to. */
  version: z.string().min(1).nullish(),
});

type Seen = {
  readonly pid: number;
  readonly startTicks: number;
  readonly startedAtMs: number;
  readonly rssBytes: number;
  readonly program: { readonly path: string; readonly sha256: string } | null;
};
type Installed = {
  readonly versions: string;
  readonly current: string | null;
  readonly program: string | null;
  readonly sha256: string | null;
};
/** What systemd says of the unit. */
type Unit = {
  readonly unit: string;
  readonly scope: 'system' | 'user';
  readonly activeState: string;
  readonly subState: string;
  readonly mainPid: number;
  readonly restarts: number;
  readonly program: string | null;
  readonly problem: { readonly problem: string; readonly hint: string } | null;
};
type Observation =
  | { readonly left: string }
  | { readonly processes: readonly Seen[]; readonly installed: Installed | null; readonly unit?: Unit };

export const process = defineCheck<z.infer<typeof spec>, Observation>({
  kind: 'process',
  title: 'one process runs, and it is the installed program',
  why: 'A restart that did not happen, or happened twice, leaves the wrong program serving.',
  subject: ['component'],
  effects: 'none',
  spec,
  async observe(_spec, ports, context) {
    const { subject, target } = context;
    const composed = subject.kind === 'component' && subject.component.deployment?.kind === 'compose';
    const service = subject.kind === 'component' ? serviceOf(target, subject.name) : null;
    if (service === null)
      return measured({
        left: composed ? 'it runs in a container: the check `containers` looks at that' : 'the component has no deployment',
      });
    const { services } = ports.on(hostOf(context));
    const [running, facts] = [await services.find(service), await services.unit(service)];
    const processes = running.map(({ pid, startTicks, startedAtMs, rssBytes, program }) => ({
      pid,
      startTicks,
      startedAtMs,
      rssBytes,
      program: program === null ? null : { path: program.path, sha256: program.sha256 },
    }));
    const installed = await installedProgram(ports, context);
    if (facts === null) return measured({ processes, installed });
    const { unit, scope, activeState, subState, mainPid, restarts, program, problem } = facts;
    const said = problem === null ? null : { problem: problem.problem, hint: problem.hint };
    return measured({ processes, installed, unit: { unit, scope, activeState, subState, mainPid, restarts, program, problem: said } });
  },
  judge(observation, { version }, context) {
    if ('left' in observation) return skip(observation.left);
    const { processes, installed, unit } = observation;
    const [one, second] = processes;
    if (one === undefined) return noProcess(observation.unit);
    if (second !== undefined)
      return fail(`${processes.length} processes of this service run: ${processes.map(({ pid }) => pid).join(', ')}`, {
        evidence: observation,
        hint: 'Stop all but the one that serves.',
      });
    const restarts = restartedSince(one, context.baseline);
    const evidence = { ...observation, restartedSinceBaseline: restarts };
    const fault = wrongUnit(one, unit, installed, context) ?? wrong(one, installed, version ?? null, context);
    if (fault !== null) return { ...fault, evidence };
    const since = new Date(one.startedAtMs).toISOString();
    const counted = unit === undefined || unit.restarts === 0 ? '' : `, started again by systemd ${times(unit.restarts)} before`;
    const words = `pid ${one.pid} since ${since}${restarts === true ? ', restarted since the baseline' : ''}${counted}${one.program === null ? '' : `, program ${one.program.sha256.slice(0, 12)}`}`;
    const later = unit?.problem ?? null;
    return later === null ? pass(words, { evidence }) : warn(`${words}, but ${later.problem}`, { evidence, hint: later.hint });
  },
});

function noProcess(unit: Unit | undefined): Verdict {
  if (unit === undefined) return fail('no process of this service runs', { hint: "Look into the service's log." });
  return fail(`no process of this service runs: ${unit.unit} is ${unit.activeState} (${unit.subState})`, {
    evidence: { unit },
    ...(unit.problem === null ? {} : { details: [unit.problem.problem] }),
    hint: unit.problem?.hint ?? `See what systemd says: systemctl${userFlag(unit)} status ${unit.unit}`,
  });
}

const wrong = (one: Seen, installed: Installed | null, version: string | null, context: JudgeContext): Verdict | null =>
  context.mode === 'restored' ? unlikeBefore(one, context) : wrongProgram(one, installed, version);

/** Before a change nothing may be in its way; after it, somebody else's edit of the unit is told and takes nothing back. */
function wrongUnit(one: Seen, unit: Unit | undefined, installed: Installed | null, { baseline, mode }: JudgeContext): Verdict | null {
  if (unit === undefined) return null;
  if (unit.problem !== null && baseline === null) return fail(unit.problem.problem, { hint: unit.problem.hint });
  if (unit.restarts > 0 && restartedSince(one, baseline) === true)
    return fail(`systemd has started ${unit.unit} again ${times(unit.restarts)} since it was started: it does not stay`, {
      hint: `See why it ends: journalctl${userFlag(unit)} -u ${unit.unit}`,
    });
  if (mode === 'restored' || unit.program === null || installed === null || installed.program === null) return null;
  if (unit.program === installed.program) return null;
  const isStartScript = one.program?.path === installed.program && nameOf(unit.program) !== nameOf(installed.program);
  if (isStartScript) return null;
  return fail(`${unit.unit} starts ${unit.program}, but ${installed.program} is installed`, {
    hint: 'ExecStart= of the unit must name the program through the link to the version in use.',
  });
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const userFlag = ({ scope }: Unit): string => (scope === 'user' ? ' --user' : '');

const nameOf = (path: string): string | undefined => path.split('/').at(-1);

const hostOf = ({ subject, target }: CheckContext): string =>
  subject.kind === 'component' ? (subject.component.host ?? target.host) : target.host;

async function installedProgram(ports: ReadPorts, context: CheckContext): Promise<Installed | null> {
  const artifact = context.subject.kind === 'component' ? binaryOf(context.subject.component) : undefined;
  if (artifact === undefined) return null;
  const { files } = ports.on(hostOf(context));
  const versions = (await files.realPath(artifact.versions)) ?? artifact.versions;
  const current = await files.realPath(artifact.current);
  const program = current === null ? null : await files.realPath(`${current}/bin/${artifact.program}`);
  return { versions, current, program, sha256: program === null ? null : await files.sha256(program) };
}

function wrongProgram({ program }: Seen, installed: Installed | null, version: string | null): Verdict | null {
  if (installed === null) return null;
  if (program === null)
    return inconclusive('which program runs cannot be told', { hint: 'Does routerctl run as a user that may look at this process?' });
  const home = version === null ? installed.current : `${installed.versions}/${version}`;
  if (home === null) return fail('the link to the version in use points nowhere', { hint: 'The program that runs would not start again.' });
  if (!program.path.startsWith(`${home}/`))
    return fail(`${program.path} runs, expected a program below ${home}`, {
      hint: 'Was the service restarted after the link was repointed?',
    });
  if (installed.program === null || installed.sha256 === null)
    return fail(`the installed program below ${installed.current ?? 'the link'} is missing`, {
      hint: 'The program that runs would not start again.',
    });
  if (program.path !== installed.program)
    return fail(`${program.path} runs, but ${installed.program} is installed`, {
      hint: 'Was the service restarted after the link was repointed?',
    });
  if (program.sha256 !== installed.sha256)
    return fail('the running program differs from the installed file', {
      details: [`running ${program.sha256}`, `installed ${installed.sha256}`],
      hint: 'The file was replaced under the running process.',
    });
  return null;
}

function only(baseline: Json | null): Json | null {
  const processes = member(baseline, 'processes');
  return Array.isArray(processes) && processes.length === 1 ? ((processes as readonly Json[])[0] ?? null) : null;
}

function unlikeBefore(one: Seen, { baseline }: JudgeContext): Verdict | null {
  const { program } = one;
  // A link that was repointed and put back hides the program of a script that was never restarted; a process does not change.
  if (program === null && restartedSince(one, baseline) === false) return null;
  const [before, path] = ['sha256', 'path'].map((name) => member(member(only(baseline), 'program'), name));
  if (typeof before !== 'string' || typeof path !== 'string')
    return inconclusive('the program before the change was not recorded, so it cannot be compared');
  if (program === null) return inconclusive('which program runs cannot be told');
  // Versions may share the bytes of their program and differ in what it loads, so the path must be the same too.
  if (program.sha256 === before && program.path === path) return null;
  return fail('another program runs than before the change', {
    details: [`running ${program.path} ${program.sha256}`, `before ${path} ${before}`],
  });
}

/** null when there is no baseline to compare with. */
function restartedSince(one: Seen, baseline: Json | null): boolean | null {
  const before = only(baseline);
  if (before === null) return null;
  return member(before, 'pid') !== one.pid || member(before, 'startTicks') !== one.startTicks;
}
