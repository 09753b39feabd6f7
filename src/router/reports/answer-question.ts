// Answers one question of the reports on one state of the database. Runs in the thread of the reports.
import type { UsageReader } from '../usage/usage-database.js';
import type { ReportAnswers, ReportQuestion } from './report-questions.js';
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
    }
  });
}
