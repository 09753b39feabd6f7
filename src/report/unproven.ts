// What the run did not prove. A report that only lists what went well invites the reader to assume the rest.
import { notedSmokes } from '../core/note-smokes.js';
import type { Plan } from '../core/plan.js';
import type { RunEvent } from '../core/run-event.js';
import type { Availability } from './availability.js';
import type { ReportDocument, TimelineEntry, Unproven } from './report-document.js';
import { stepsOf } from './timeline.js';
import { isoTime } from './wording.js';

const reasonOf: Partial<Readonly<Record<TimelineEntry['status'], string>>> = {
  skip: 'skipped',
  inconclusive: 'could not be measured',
  waived: 'waived',
  unfinished: 'did not end',
};

interface Facts {
  readonly events: readonly RunEvent[];
  readonly plan: Plan;
  readonly timeline: readonly TimelineEntry[];
  readonly availability: Availability | null;
  readonly backups: ReportDocument['backups'];
  readonly sealed: boolean;
}

export function unprovenOf(facts: Facts): readonly Unproven[] {
  return [...fromTimeline(facts.timeline), ...neverReached(facts), ...fromNote(facts), ...fromDeployment(facts), ...fromJournal(facts)];
}

function fromTimeline(timeline: readonly TimelineEntry[]): readonly Unproven[] {
  const latest = new Map(timeline.map((entry) => [`${entry.way} ${entry.what} ${entry.step}`, entry]));
  return [...latest.values()].flatMap((entry) => {
    const reason = reasonOf[entry.status];
    return reason === undefined ? [] : [{ what: entry.step, why: `${reason}: ${entry.summary}` }];
  });
}

function neverReached({ events, plan, timeline }: Facts): readonly Unproven[] {
  const left = new Map<string, string>(plan.leftOut.map(({ id, why }) => [id, `left out when the plan was made: ${why}`]));
  for (const event of events) if (event.type === 'step-left-out') left.set(event.data.step, `left out: ${event.data.why}`);
  const begun = new Set(timeline.map(({ step }) => step));
  const controls = new Set(plan.phases.flatMap((phase) => phase.controls.map(({ id }) => id)));
  for (const [id, { phase }] of stepsOf(plan)) {
    if (!begun.has(id) && !left.has(id) && !controls.has(id)) left.set(id, `not reached: phase ${phase} ended, or never began, before it`);
  }
  return [...left].filter(([id]) => !begun.has(id)).map(([what, why]) => ({ what, why }));
}

/** What the release note wants to be seen, and no check of the plan asks. */
function fromNote({ plan }: Facts): readonly Unproven[] {
  if (plan.releaseNote === undefined || !('note' in plan.releaseNote)) return [];
  const { note } = plan.releaseNote;
  return notedSmokes(note, plan)
    .filter(({ open, byHand }) => byHand || open.length > 0)
    .map(({ line, text, open, byHand }) => ({
      what: `${note.file}:${line}`,
      why: `the release note names a smoke that no check asked${byHand ? '' : ` (${open.join(', ')})`}: ${text}`,
    }));
}

function fromDeployment({ plan, availability, backups }: Facts): readonly Unproven[] {
  const plain = Object.entries(plan.target.components).filter(([, { url }]) => url !== undefined && isPlain(url));
  return [
    ...plain.map(([name]) => ({
      what: `transport to ${name}`,
      why: 'plain HTTP beyond this machine: neither the server nor the answers are authenticated',
    })),
    ...(plan.changing && availability === null ? [{ what: 'downtime', why: 'no independent prober measured it' }] : []),
    ...(availability?.holes ?? []).map(({ fromMs, toMs }) => ({
      what: 'downtime',
      why: `nobody asked from ${isoTime(fromMs)} to ${isoTime(toMs)}${toMs === availability?.untilMs ? ': the prober had died' : ''}`,
    })),
    ...backups.filter(({ proven }) => !proven).map(({ step }) => ({ what: step, why: 'no restore of this backup succeeded' })),
  ];
}

function fromJournal({ sealed }: Facts): readonly Unproven[] {
  return [
    { what: 'times', why: "they are this machine's own; no outside authority stamped them" },
    ...(sealed ? [] : [{ what: 'end of the run', why: 'the journal has no last event: the run died or still goes on' }]),
  ];
}

function isPlain(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && hostname !== 'localhost' && hostname !== '[::1]' && !/^127\./.test(hostname);
}
