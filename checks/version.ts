// Which version answers, and is it the one that should? Stands alone because a wrong binary that works is still the wrong binary.
import { defineCheck, type JudgeContext } from '../src/core/check.js';
import { duration } from '../src/core/target.js';
import { fail, inconclusive, measured, pass, skip, type Verdict } from '../src/core/verdict.js';
import { z } from '../src/core/zod.js';
import { look, member, notReached, openDoor, refusal, type Seen } from './parts/ask-router.js';
import { isUnreleased, sameMoment } from './parts/release-words.js';

const spec = z.strictObject({
  // null is what an optional input without a value hands on: nothing is expected.
  version: z.string().min(1).nullish(),
  /** RFC 3339; equal as a moment, not as text. */
  buildDate: z.string().min(1).nullish(),
  commit: z.string().min(1).nullish(),
  timeout: duration.prefault('5s'),
});

const names = ['version', 'commit', 'buildDate'] as const;
type Stamp = { readonly version: string | null; readonly commit: string | null; readonly buildDate: string | null };
type Observation = { readonly left: string } | (Stamp & { readonly seen: Seen; readonly path: string; readonly named: readonly string[] });

export const version = defineCheck<z.infer<typeof spec>, Observation>({
  kind: 'version',
  title: 'the expected version answers',
  why: 'After a change the new version must answer, and after a rollback the old one; a development build never belongs here.',
  subject: ['component'],
  effects: 'none',
  spec,
  async observe({ timeout }, ports, context) {
    const { paths, version: members, profile } = context.profile;
    if (paths.version === undefined || members === undefined) return measured({ left: `the profile ${profile} names no version document` });
    const door = await openDoor(ports, context, null);
    if ('closed' in door) return measured({ left: door.closed });
    const answer = await ports.http.request({ method: 'GET', url: door.base + paths.version, timeoutMs: timeout, signal: context.signal });
    if (answer.kind === 'unreachable') return notReached(door.base, answer);
    const { seen, json } = look(answer);
    const read = (name: (typeof names)[number]): string | null => {
      const key = members[name];
      const value = key === undefined ? null : member(json, key);
      return typeof value === 'string' ? value : null;
    };
    const named = names.filter((name) => members[name] !== undefined);
    return measured({ seen, path: paths.version, named, version: read('version'), commit: read('commit'), buildDate: read('buildDate') });
  },
  judge(observation, spec, context) {
    if ('left' in observation) return skip(observation.left);
    const refused = refusal(observation.seen, observation.path, null);
    if (refused !== null) return refused;
    const { version, commit, buildDate } = observation;
    const evidence = { version, commit, buildDate };
    if (context.mode === 'restored') return { ...restored(observation, context), evidence };
    const faults = [...unfit(observation), ...differences(spec, observation)];
    if (faults.length > 0)
      return fail(faults[0] ?? '', {
        details: faults.slice(1),
        evidence,
        hint: 'Does the running program come from the package that was meant to run?',
      });
    return pass(`version ${version}${buildDate === null ? '' : `, built ${buildDate}`}`, { evidence });
  },
});

/** What no release says about itself; only members that the profile names are asked for. */
function unfit(observation: Stamp & { readonly named: readonly string[] }): string[] {
  const faults: string[] = [];
  for (const name of names) {
    if (!observation.named.includes(name)) continue;
    const value = observation[name];
    if (value === null || value.trim() === '') faults.push(`the router does not say its ${words[name]}`);
    else if (isUnreleased(value)) faults.push(`${words[name]} is ${JSON.stringify(value)}, which is no release`);
    else if (name === 'buildDate' && Number.isNaN(Date.parse(value))) faults.push(`build date ${JSON.stringify(value)} is no date`);
  }
  return faults;
}

const words = { version: 'version', commit: 'commit', buildDate: 'build date' } as const;

type Expected = { readonly [Name in (typeof names)[number]]?: string | null | undefined };

function differences(expected: Expected, found: Stamp): string[] {
  return names.flatMap((name) => {
    const wanted = expected[name];
    const value = found[name];
    if (wanted === undefined || wanted === null || value === null || value === wanted) return [];
    if (name === 'buildDate' && sameMoment(value, wanted)) return [];
    return [`${words[name]} ${value} answers, expected ${wanted}`];
  });
}

function restored(observation: Stamp, { baseline }: JudgeContext): Verdict {
  const before = (name: (typeof names)[number]): string | null => {
    const value = member(baseline, name);
    return typeof value === 'string' ? value : null;
  };
  if (before('version') === null) return inconclusive('the version before the change was not recorded, so it cannot be compared');
  const faults = names
    .filter((name) => before(name) !== observation[name])
    .map((name) => `${words[name]} ${observation[name] ?? 'is missing'}, before the change ${before(name) ?? 'missing'}`);
  if (faults.length > 0) return fail(`not as before: ${faults[0]}`, { details: faults.slice(1) });
  return pass(`version ${observation.version} again, as before the change`);
}
