// The text that goes into a change ticket, at the three moments that ask for one: what is planned, how it went, and why it may be
// closed. Markdown that reads as plain lines too, since half of the tickets of this world do not draw it.
import { markdownText } from './render-markdown.js';
import type { ReportDocument } from './report-document.js';
import { type TicketEvidence, type TicketField, type TicketMoment, ticketFields } from './ticket-fields.js';

export function renderTicket(report: ReportDocument, evidence: TicketEvidence, moment: TicketMoment): readonly string[] {
  const fields = ticketFields(report, evidence, moment);
  const sections = [...new Set(fields.map(({ section }) => section))];
  return [
    `# ${markdownText(headline(report, evidence, moment))}`,
    ...sections.flatMap((section) => ['', `## ${section}`, '', ...fields.filter((field) => field.section === section).flatMap(lines)]),
  ];
}

function headline({ target, playbook }: ReportDocument, { runId, changeRef }: TicketEvidence, moment: TicketMoment): string {
  const what = { plan: 'planned', outcome: 'outcome', close: 'closing' }[moment];
  const run = runId === null ? null : `run ${runId}`;
  return [changeRef, `${what}: ${playbook.title}`, `${target.name} (${target.environment})`, run]
    .filter((part) => part !== null)
    .join(' · ');
}

function lines({ name, value }: TicketField): readonly string[] {
  if (value === null) return [`- ${name}: not known`];
  if (typeof value === 'string') return [`- ${name}: ${markdownText(value)}`];
  return value.length === 0 ? [`- ${name}: none`] : [`- ${name}:`, ...value.map((item) => `  - ${markdownText(item)}`)];
}
