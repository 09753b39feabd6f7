// The ticket text at its three moments, held against golden files, and what must not be in it: a claim that nobody measured.
import { expect, test } from 'vitest';
import { buildReport } from '../../src/report/build.js';
import { closeCode } from '../../src/report/close-code.js';
import { renderTicket } from '../../src/report/render-ticket.js';
import type { ReportDocument } from '../../src/report/report-document.js';
import { type TicketEvidence, ticketFields } from '../../src/report/ticket-fields.js';
import { type Ending, samplePlan, sampleRun } from './sample-run.js';

function reportOf(ending: Ending, hostile = ''): ReportDocument {
  const { events, plan } = sampleRun(ending, hostile);
  return buildReport(events, plan, { journal: { entries: events.length, head: 'd'.repeat(64) } });
}

const plan = { ...samplePlan, target: { ...samplePlan.target, policy: { ...samplePlan.target.policy, limit: 3_600_000 } } };
const evidence: TicketEvidence = {
  runId: '7k2m',
  plan,
  changeRef: 'CHG0042',
  exitCode: 0,
  closed: null,
  record: { directory: '/srv/router/.routerctl/runs/7k2m/report', signed: true, problem: null },
  untold: [],
};

const cases = [
  { name: 'plan', moment: 'plan', ending: 'upgraded', more: {} },
  { name: 'upgraded-outcome', moment: 'outcome', ending: 'upgraded', more: {} },
  { name: 'rolled-back-outcome', moment: 'outcome', ending: 'rolled-back', more: { exitCode: 4 } },
  { name: 'upgraded-close', moment: 'close', ending: 'upgraded', more: {} },
] as const;

test.each(cases)('the ticket $name', async ({ name, moment, ending, more }) => {
  const text = renderTicket(reportOf(ending), { ...evidence, ...more }, moment).join('\n');
  await expect(`${text}\n`).toMatchFileSnapshot(`../../fixtures/screens/ticket-${name}.md`);
});

const value = (name: string, report: ReportDocument, more: Partial<TicketEvidence> = {}) =>
  ticketFields(report, { ...evidence, ...more }, 'close').find((field) => field.name === name)?.value;

test('what nobody recorded is not known, and is never left out', () => {
  const report = reportOf('upgraded');
  const unknown = ticketFields(report, evidence, 'outcome').filter(({ value: said }) => said === null);
  expect(unknown.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['risk', 'justification', 'SSH key', 'terminal', 'watcher', 'signature of the artifact']),
  );
  expect(renderTicket({ ...report, availability: null }, evidence, 'outcome')).toContain('- downtime: not known');
});

test('a run that was closed by hand proves nothing, whatever stands in its journal', () => {
  const report = reportOf('upgraded');
  const closed = { closed: 'closed by alice without a proof: 1.0.0 serves', record: null, exitCode: 5 };
  expect(value('result', report, closed)).toBe(closed.closed);
  expect(
    ['close code', 'checks', 'rollback', 'report', 'signature', 'journal head', 'left'].map((name) => value(name, report, closed)),
  ).toEqual(Array.from({ length: 7 }, () => null));
});

test('a report that could not be signed is not verified with a command that would fail', () => {
  const record = { directory: '/r', signed: false, problem: 'no signing key is configured' };
  expect(value('signature', reportOf('upgraded'), { record })).toBe('NOT signed: no signing key is configured');
  expect(value('verify', reportOf('upgraded'), { record })).toBeNull();
});

test('both names and the time of a hand-over are in the ticket', () => {
  const report = reportOf('upgraded');
  const handOvers = [{ at: '2026-11-20T02:20:00.000Z', from: 'alice', to: 'bob as root' }];
  expect(value('hand-overs', { ...report, people: { ...report.people, handOvers } })).toEqual([
    '2026-11-20T02:20:00.000Z: alice handed over to bob as root',
  ]);
});

test('texts from outside add neither markup nor lines', () => {
  const text = renderTicket(reportOf('rolled-back', '\n# forged\n| <b>x</b> | `'), evidence, 'outcome');
  expect(text.filter((line) => line.startsWith('# '))).toHaveLength(1);
  expect(text.join('\n')).not.toMatch(/<b>|\n# forged/);
});

test('a change is closed as what it was', () => {
  const clean = reportOf('upgraded');
  const smooth = { ...clean, counts: { ...clean.counts, warned: 0 }, overrides: [], interruptions: [] };
  expect(closeCode(smooth, 0)).toBe('successful');
  expect(closeCode(smooth, 8)).toBe('successful with issues');
  expect(closeCode(clean, 0)).toBe('successful with issues');
  expect(closeCode(reportOf('rolled-back'), 4)).toBe('backed out');
  expect(closeCode(reportOf('dead'), null)).toBeNull();
  const ended = (outcome: ReportDocument['result']['outcome']) => closeCode({ ...smooth, result: { ...smooth.result, outcome } }, 5);
  expect([ended('rollback-failed'), ended('failed'), ended('kept')]).toEqual(['failed', 'failed', 'successful with issues']);
});
