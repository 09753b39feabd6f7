// Answers one question of the reports on one state of the database. Runs in the thread of the reports.
import type { UsageReader } from '../usage/usage-database.js';
import { addressQuery } from './address-query.js';
import type { ExportFigures, ExportQuestion, ReportAnswers, ReportQuestion } from './report-questions.js';
import { listQuery, requestQuery } from './request-queries.js';
import { summaryQuery } from './summary-query.js';

export function answerQuestion(reader: UsageReader, question: ReportQuestion): ReportAnswers[ReportQuestion['kind']] {
  return reader.atOneMoment(() => {
    switch (question.kind) {
      case 'summary':
        return summaryQuery(reader, question);
      case 'list':
        return listQuery(reader, question);
      case 'request':
        return requestQuery(reader, question);
      case 'export':
        return exportQuery(reader, question);
    }
  });
}

function exportQuery(reader: UsageReader, question: ExportQuestion): ExportFigures {
  const { period, domains, newest } = question;
  const list = { filters: { values: {}, errorsOnly: false }, limit: newest, after: null, counted: false };
  return {
    summary: summaryQuery(reader, { kind: 'summary', period, domains }),
    addresses: addressQuery(reader, question),
    newest: listQuery(reader, { kind: 'list', period, domains, ...list }).rows,
  };
}
