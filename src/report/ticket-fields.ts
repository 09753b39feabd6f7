// What a change record asks for, field by field, from what a run put on record. A field that nobody recorded is there all the same,
// with null: an empty line in a ticket is read as "nothing to say", and "not known" is not that.
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import { closeCode } from './close-code.js';
import type { ReportDocument, TimelineEntry } from './report-document.js';
import { downWords } from './users-line.js';
import { clockTime, flatFacts, isoTime, markOf, personOf, took } from './wording.js';

export type TicketMoment = 'plan' | 'outcome' | 'close';

export interface TicketField {
  readonly section: string;
  readonly name: string;
  /** null: nobody recorded it; an empty list: there was none. */
  readonly value: string | readonly string[] | null;
}

/** What is not in the report itself. */
export interface TicketEvidence {
  /** null before anything ran. */
  readonly runId: string | null;
  readonly plan: Plan;
  readonly changeRef: string | null;
  /** The one that the command ended with, where it differs from the journal's: the report could not be signed. */
  readonly exitCode: number | null;
  /** Why a person ended a run whose journal cannot be believed; null otherwise. */
  readonly closed: string | null;
  readonly record: { readonly directory: string; readonly signed: boolean; readonly problem: string | null } | null;
  readonly untold: readonly string[];
}

type Fields = Readonly<Record<string, TicketField['value']>>;
type Section = (report: ReportDocument, evidence: TicketEvidence) => Fields;

const sections: Readonly<Record<string, Section>> = {
  Change: changeFields,
  People: peopleFields,
  Target: targetFields,
  Release: releaseFields,
  'Planned work': workFields,
  Outcome: outcomeFields,
  'Availability for users': availabilityFields,
  Gates: gateFields,
  Timeline: ({ timeline }) => ({ steps: timeline.map(stepWords) }),
  Deviations: deviationFields,
  Proof: ({ questions }) => ({ questions: questions.map(({ status, title, answer }) => `${markOf(status)} ${title} ${answer}`) }),
  Backups: ({ backups }) => ({ backups: backups.map(backupWords), 'copy on another host': null }),
  'What is left': leftFields,
  Record: recordFields,
};

const asked: Readonly<Record<TicketMoment, readonly string[]>> = {
  plan: ['Change', 'People', 'Target', 'Release', 'Planned work', 'Gates'],
  outcome: ['Change', 'People', 'Release', 'Outcome', 'Availability for users', 'Gates', 'Timeline', 'Deviations', 'What is left'],
  close: ['Change', 'People', 'Target', 'Release', 'Outcome', 'Proof', 'Deviations', 'Backups', 'What is left', 'Record'],
};

export function ticketFields(report: ReportDocument, evidence: TicketEvidence, moment: TicketMoment): readonly TicketField[] {
  return asked[moment].flatMap((section) =>
    Object.entries(sections[section]?.(report, evidence) ?? {}).map(([name, value]) => ({ section, name, value })),
  );
}

function changeFields(report: ReportDocument, { runId, plan, changeRef }: TicketEvidence): Fields {
  const { playbook, tool, window, overrides } = report;
  return {
    change: changeRef,
    run: runId ?? 'none yet',
    plan: report.planHash === '' ? null : report.planHash,
    'plan made': plan.createdAt,
    playbook: `${playbook.name}, sha256 ${playbook.sha256}`,
    tool: `${tool.name} ${tool.version}`,
    'digest of the tool': null,
    type: null,
    risk: null,
    justification: null,
    impact: impactOf(plan),
    window: window === null ? 'none given' : `${window.from} to ${window.to}`,
    overridden: overrides.map(({ rule, reason, by }) => `${rule} by ${by}: ${reason}`),
  };
}

function impactOf({ phases }: Plan): string {
  const impacts = new Set(phases.flatMap(({ steps }) => steps.flatMap((step) => (step.type === 'change' ? [step.impact] : []))));
  if (impacts.has('live')) return 'live: users may notice the moment of the change';
  return impacts.has('staged') ? 'staged: nothing that users notice' : 'none: the deployment stays as it is';
}

function peopleFields({ people }: ReportDocument): Fields {
  const { operator, approval, rollbackOwner } = people;
  // A report of before they were recorded has none of its own.
  const handOvers = (people as Partial<ReportDocument['people']>).handOvers ?? null;
  return {
    operator: operator === null ? null : personOf(operator),
    'SSH key': null,
    terminal: null,
    watcher: null,
    'hand-overs': handOvers === null ? null : handOvers.map(({ at, from, to }) => `${at}: ${from} handed over to ${to}`),
    approval: approval === null ? 'none was given' : personOf(approval),
    'rollback owner': rollbackOwner,
  };
}

function targetFields({ target }: ReportDocument): Fields {
  return {
    target: target.name,
    environment: target.environment,
    host: target.host === null ? null : personOf(target.host),
    'machine id': null,
    'container engine': null,
    'clock offset': null,
    components: target.components.map(({ name, url }) => (url === null ? name : `${name} at ${url}`)),
  };
}

function releaseFields({ release }: ReportDocument, { plan }: TicketEvidence): Fields {
  return {
    from: release.from,
    to: release.to,
    artifacts: release.artifacts.map(({ name, sha256 }) => `${name}, sha256 ${sha256}`),
    'signature of the artifact': null,
    'state the plan was made for': Object.entries(plan.state).map(([name, value]) => `${name}: ${value}`),
    'license before and after': null,
    'database schema before and after': null,
  };
}

function workFields({ changes }: ReportDocument, { plan }: TicketEvidence): Fields {
  const backups = plan.phases.flatMap(({ steps }) =>
    steps.filter(({ kind }) => kind === 'backup').map(({ id, title }) => `${id}: ${title}`),
  );
  return {
    changes: changes.map(({ step, diff }) => `${step}: ${diff.map(({ sign, text }) => `${sign} ${text}`.trim()).join('; ')}`),
    checks: String(plan.phases.flatMap(({ steps }) => steps.filter(({ type }) => type === 'check')).length),
    backups,
    'way back': changes.length === 0 ? 'nothing changes' : 'automatic until the last commit, validated against the state before',
    'ends at the latest after': took(plan.target.policy.limit),
  };
}

function outcomeFields(report: ReportDocument, { exitCode, closed }: TicketEvidence): Fields {
  const { result, counts, rollback, startedAt, finishedAt } = report;
  const back = rollback === null ? 'none' : `${rollback.verified === true ? 'verified' : 'NOT verified'}, ${took(rollback.tookMs)}`;
  return {
    result: closed ?? result.verdictLine,
    exit: exitCode === null ? 'the run has not ended' : String(exitCode),
    why: closed === null ? result.why : null,
    'close code': closed === null ? closeCode(report, exitCode) : null,
    began: startedAt === '' ? null : startedAt,
    ended: finishedAt === '' ? null : finishedAt,
    checks:
      closed === null
        ? `${counts.passed} passed, ${counts.warned} with a warning, ${counts.failed} failed, ${counts.inconclusive} not measured, ${counts.skipped} skipped, ${counts.waived} waived`
        : null,
    rollback: closed === null ? back : null,
    'rollback ordered': rollback === null ? [] : `${rollback.orderedAt}: ${rollback.why}`,
  };
}

function availabilityFields({ availability }: ReportDocument): Fields {
  if (availability === null) return { downtime: null, outages: null, probes: null, 'longest gap': null };
  const { everyMs, requests, failures, longestGapMs, outages } = availability;
  return {
    downtime: downWords(availability),
    outages: outages.map(({ fromMs, toMs }) => `${isoTime(fromMs)} to ${isoTime(toMs)}, ${took(toMs - fromMs)}`),
    probes: `${requests}, one every ${everyMs} ms; ${failures} failed`,
    'longest gap': took(longestGapMs),
  };
}

function gateFields({ gates, timeline }: ReportDocument): Fields {
  const red = timeline.filter(({ what, way, status }) => what === 'check' && way === 'forward' && !['pass', 'skip'].includes(status));
  return {
    criteria: gates.map(({ criterion, when, then, why, met }) => `${met ? 'MET' : 'not met'} ${criterion}: ${why}; ${when} orders ${then}`),
    'not passed': red.map(stepWords),
  };
}

function stepWords({ startedAt, status, way, step, kind, summary, tookMs, attempts }: TimelineEntry): string {
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  return `${clockTime(startedAt)} ${markOf(status)} ${way === 'back' ? 'back: ' : ''}${step} (${kind}): ${summary}${tookMs === null ? '' : ` (${took(tookMs)}${tries})`}`;
}

function deviationFields({ people, interruptions, timeline, unproven }: ReportDocument, { untold }: TicketEvidence): Fields {
  return {
    interruptions: interruptions.map(({ at, what }) => `${at}: ${what}`),
    requests: people.requests.map(({ at, by, request, reason }) => `${at}: ${by} asked to ${request}: ${reason}`),
    notes: people.notes.map(({ at, by, text }) => `${at}: ${by}: ${text}`),
    retries: timeline.filter(({ attempts }) => attempts > 1).map(({ step, attempts }) => `${step}: ${attempts} attempts`),
    waived: timeline.filter(({ status }) => status === 'waived').map(({ step, details }) => `${step}: ${details[0] ?? ''}`),
    'not told': untold,
    'not proven': unproven.map(({ what, why }) => `${what}: ${why}`),
  };
}

function backupWords({ step, proven, summary, evidence }: ReportDocument['backups'][number]): string {
  const facts = flatFacts(evidence as Json).map(({ name, value }) => `${name} ${value}`);
  return [`${step}, ${proven ? 'proven by restoring it' : 'NOT proven'}: ${summary}`, ...facts].join('; ');
}

function leftFields({ leftovers, result }: ReportDocument, { closed }: TicketEvidence): Fields {
  return { left: closed === null ? leftovers : null, next: closed === null ? result.next : 'see that the router serves: routerctl smoke' };
}

function recordFields({ schema, journal }: ReportDocument, { record, closed }: TicketEvidence): Fields {
  const signature = record === null ? null : record.signed ? 'signed' : `NOT signed: ${record.problem ?? 'unknown'}`;
  return {
    journal: closed === null ? `${journal.entries} entries, ${journal.sealed ? 'sealed' : 'NOT sealed'}` : 'damaged: it proves nothing',
    'journal head': closed === null && journal.head !== '' ? journal.head : null,
    report: record?.directory ?? null,
    schema: record === null ? null : schema,
    signature,
    verify: record?.signed === true ? `routerctl report verify ${record.directory} --allowed-signers FILE` : null,
  };
}
