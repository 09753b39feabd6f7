// Which moments of a run persons are told of, and in which words. Pure: read from the journal and the plan, so that whoever comes
// after a crash finds the same moments, with the same ids, as the one who died.
import { type Notification, type NotifiedEvent, notificationSchema } from '../core/notification.js';
import type { Plan } from '../core/plan.js';
import type { RunEvent, RunOutcome } from '../core/run-event.js';
import { buildReport, hostName } from './build.js';
import { versionInUse } from './release-facts.js';

interface Words {
  readonly event: NotifiedEvent;
  readonly verdict: string;
  readonly why: string;
  readonly next: string;
}

/** Of every moment after `afterSeq` that the journal tells of, oldest first. */
export function notificationsOf(events: readonly RunEvent[], plan: Plan, afterSeq = -1): readonly Notification[] {
  return events.flatMap((event, index) => {
    if (event.seq <= afterSeq) return [];
    const known = events.slice(0, index + 1);
    const words = wordsOf(event, known, plan);
    return words === null ? [] : [notification(known, plan, `${event.runId}/${event.seq}`, words)];
  });
}

/** Nobody drives the run, and nobody comes by himself: no event can tell, since nobody is left who would write one. */
export function strandedNotification(events: readonly RunEvent[], plan: Plan, why: string): Notification | null {
  const last = events.at(-1);
  if (last === undefined) return null;
  const { runId, seq } = last;
  return notification(events, plan, `${runId}/after-${seq}`, {
    event: 'person-needed',
    verdict: `A PERSON IS NEEDED: ${placeOf(events, plan)}; nobody drives run ${runId} any more`,
    why,
    next: `routerctl resume ${runId}, or take it back: routerctl resume ${runId} --roll-back`,
  });
}

function wordsOf(event: RunEvent, known: readonly RunEvent[], plan: Plan): Words | null {
  const { runId } = event;
  switch (event.type) {
    case 'lease-taken': {
      if (event.data.by !== 'runner' && event.data.by !== 'rollback') return null;
      const { from, to } = versionsOf(known, plan);
      const what = event.data.by === 'rollback' ? 'to be taken back' : `${from ?? 'unknown'} -> ${to ?? 'unknown'}`;
      const words = { verdict: `STARTED: ${placeOf(known, plan)}, ${what}`, why: plan.playbook.title };
      return { event: 'start', ...words, next: `routerctl run attach ${runId}` };
    }
    case 'hold-started': {
      const until = new Date(event.data.untilMs).toISOString();
      return {
        event: 'hold',
        verdict: `HOLD: ${placeOf(known, plan)} waits for a person until ${until}, then goes back`,
        why: event.data.reason,
        next: `routerctl run continue ${runId}, routerctl run keep ${runId} or routerctl run roll-back ${runId}`,
      };
    }
    case 'run-finished': {
      const { verdictLine, why, next } = reportOf(known, plan).result;
      return { event: endings[event.data.outcome], verdict: verdictLine, why, next };
    }
    default:
      return null;
  }
}

/** What stays although it is not proven waits for a decision, like a rollback that failed. */
const endings: Readonly<Record<RunOutcome, NotifiedEvent>> = {
  'rolled-back': 'rolled-back',
  'rollback-failed': 'person-needed',
  kept: 'person-needed',
  upgraded: 'finished',
  passed: 'finished',
  failed: 'finished',
  unmeasured: 'finished',
  interrupted: 'finished',
};

function notification(known: readonly RunEvent[], plan: Plan, id: string, words: Words): Notification {
  const { runId, changeRef, target, result } = reportOf(known, plan);
  const { event, verdict, why, next } = words;
  return {
    schema: notificationSchema,
    id,
    event,
    at: known.at(-1)?.ts ?? '',
    target: target.name,
    environment: target.environment,
    host: hostOf(known),
    runId,
    changeRef,
    playbook: plan.playbook.name,
    ...versionsOf(known, plan),
    verdict,
    why,
    next,
    exitCode: result.exitCode,
  };
}

const reportOf = (known: readonly RunEvent[], plan: Plan) => buildReport(known, plan, { journal: { entries: known.length, head: '' } });

/** Before anything was asked, what the plan found in use. */
function versionsOf(known: readonly RunEvent[], plan: Plan): Pick<Notification, 'from' | 'to'> {
  const { from, to } = reportOf(known, plan).release;
  return { from: from ?? versionInUse(plan), to };
}

function hostOf(known: readonly RunEvent[]): string | null {
  const created = known.find((event) => event.type === 'run-created');
  return created === undefined ? null : hostName(created.data.host);
}

function placeOf(known: readonly RunEvent[], plan: Plan): string {
  const host = hostOf(known);
  return host === null ? plan.target.name : `${plan.target.name} @ ${host}`;
}
