// What really runs: one process, since when, and whether its program is the installed one, byte for byte.
// Stands alone because a router may answer while an old, second or foreign program does the answering.
import { type CheckContext, defineCheck, type JudgeContext } from '../src/core/check.js';
import type { Json } from '../src/core/json.js';
import type { ReadPorts } from '../src/core/ports/ports.js';
import { serviceOf } from '../src/core/service-of.js';
import { fail, inconclusive, measured, pass, skip, type Verdict } from '../src/core/verdict.js';
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
type Observation = { readonly left: string } | { readonly processes: readonly Seen[]; readonly installed: Installed | null };

export const process = defineCheck<z.infer<typeof spec>, Observation>({
  kind: 'process',
  title: 'one process runs, and it is the installed program',
  why: 'A restart that did not happen, or happened twice, leaves the wrong program serving.',
  subject: ['component'],
  effects: 'none',
  spec,
  async observe(_spec, ports, context) {
    const { subject, target } = context;
    const service = subject.kind === 'component' ? serviceOf(target, subject.name) : null;
    if (service === null) return measured({ left: 'the component is not deployed as a process' });
    const running = await ports.on(hostOf(context)).services.find(service);
    const processes = running.map(({ pid, startTicks, startedAtMs, rssBytes, program }) => ({
      pid,
      startTicks,
      startedAtMs,
      rssBytes,
      program: program === null ? null : { path: program.path, sha256: program.sha256 },
    }));
    return measured({ processes, installed: await installedProgram(ports, context) });
  },
  judge(observation, { version }, context) {
    if ('left' in observation) return skip(observation.left);
    const { processes, installed } = observation;
    const [one, second] = processes;
    if (one === undefined) return fail('no process of this service runs', { hint: "Look into the service's log." });
    if (second !== undefined)
      return fail(`${processes.length} processes of this service run: ${processes.map(({ pid }) => pid).join(', ')}`, {
        evidence: observation,
        hint: 'Stop all but the one that serves.',
      });
    const restarts = restartedSince(one, context.baseline);
    const fault = context.mode === 'restored' ? unlikeBefore(one, context) : wrongProgram(one, installed, version ?? null);
    const since = new Date(one.startedAtMs).toISOString();
    const evidence = { ...observation, restartedSinceBaseline: restarts };
    if (fault !== null) return { ...fault, evidence };
    return pass(
      `pid ${one.pid} since ${since}${restarts === true ? ', restarted since the baseline' : ''}${one.program === null ? '' : `, program ${one.program.sha256.slice(0, 12)}`}`,
      { evidence },
    );
  },
});

const hostOf = ({ subject, target }: CheckContext): string =>
  subject.kind === 'component' ? (subject.component.host ?? target.host) : target.host;

async function installedProgram(ports: ReadPorts, context: CheckContext): Promise<Installed | null> {
  const artifact = context.subject.kind === 'component' ? context.subject.component.artifact : undefined;
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

function unlikeBefore({ program }: Seen, { baseline }: JudgeContext): Verdict | null {
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
