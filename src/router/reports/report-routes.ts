// What is served below `/admin/reports`: each route asks for its own action of the policy, and answers from the identity's domains only.
import { sendPage, wantsPage } from '../access/admin-answer.js';
import { formChallenge } from '../access/auth-routes.js';
import { loginPage } from '../access/login-page.js';
import type { Gateway } from '../gateway.js';
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { charts } from './charts.js';
import { markdownReport } from './markdown-report.js';
import { overviewPage } from './pages/overview-page.js';
import { refusalPage } from './pages/refusal-page.js';
import { requestPage } from './pages/request-page.js';
import { requestsPage } from './pages/requests-page.js';
import { readCursor, writeCursor } from './report-cursor.js';
import { readFilters, refuseOthers } from './report-filters.js';
import { openReports, type ReportAction, type ReportVisit } from './report-gate.js';
import type { ReportPath } from './report-paths.js';
import { invalidFilter, type ReportPeriod, readPeriod } from './report-period.js';
import type { ListedRequests, ListQuestion, WholeRequest } from './report-questions.js';
import { requestEvidence } from './request-evidence.js';
import { type SummaryDocument, summaryDocument } from './summary-document.js';

type Answer = (gateway: Gateway, exchange: Exchange) => Promise<void>;
type Visited = (gateway: Gateway, exchange: Exchange, visit: ReportVisit) => Promise<void> | void;

const newestShown = 20;

export const reportRoutes: Readonly<Record<ReportPath, Answer>> = {
  '/admin/reports': pageRoute('read', answerOverview),
  '/admin/reports/': pageRoute('read', answerOverview),
  '/admin/reports/requests': pageRoute('read', answerRequests),
  '/admin/reports/requests/<id>': pageRoute('drilldown', answerRequestPage),
  '/admin/reports/export.md': route('export', answerExport),
  '/admin/reports/api/version': route('read', answerVersion),
  '/admin/reports/api/summary': route('read', answerSummary),
  '/admin/reports/api/requests': route('read', answerList),
  '/admin/reports/api/request/<id>': route('drilldown', answerRequest),
  '/admin/reports/api/request-evidence': route('drilldown', answerEvidence),
};

/** What is not there is told only to those who may look. */
export const answerNoReport: Answer = route('read', () => {
  throw new GatewayError('not-found', 'there is no such report');
});

function route(action: ReportAction, answer: Visited): Answer {
  return async (gateway, exchange) => answer(gateway, exchange, await openReports(gateway, exchange, action));
}

/** Refusals are pages too when a browser asks; without an identity the page is the form to sign in with. */
function pageRoute(action: ReportAction, answer: Visited): Answer {
  return async (gateway, exchange) => {
    let visit: ReportVisit | null = null;
    try {
      visit = await openReports(gateway, exchange, action);
      await answer(gateway, exchange, visit);
    } catch (error) {
      if (!(error instanceof GatewayError) || !wantsPage(exchange)) throw error;
      for (const [name, value] of Object.entries(error.headers)) exchange.response.setHeader(name, value);
      sendPage(exchange, error.status, refusal(gateway, exchange, error, visit));
    }
  };
}

function refusal(gateway: Gateway, exchange: Exchange, error: GatewayError, visit: ReportVisit | null): string {
  if (error.status !== 401) return refusalPage(gateway, error, exchange.requestId, visit?.identity ?? null);
  const { authorization } = exchange.request.headers;
  if (authorization === undefined) exchange.response.setHeader('WWW-Authenticate', formChallenge(gateway));
  const tried = authorization !== undefined;
  return loginPage(gateway, { next: exchange.request.url ?? '', refusal: { error, requestId: exchange.requestId, tried } });
}

function periodOf({ generation }: Gateway, query: URLSearchParams): ReportPeriod {
  return readPeriod(query, generation.config.admin_reports);
}

async function summaryOf(gateway: Gateway, period: ReportPeriod, { domains }: ReportVisit): Promise<SummaryDocument> {
  return summaryDocument(period, await gateway.reports.ask({ kind: 'summary', period, domains }));
}

function newestOf(gateway: Gateway, period: ReportPeriod, { domains }: ReportVisit, limit: number): Promise<ListedRequests> {
  const filters = { values: {}, errorsOnly: false };
  return gateway.reports.ask({ kind: 'list', period, domains, filters, limit, after: null, counted: false });
}

async function answerOverview(gateway: Gateway, exchange: Exchange, visit: ReportVisit): Promise<void> {
  refuseOthers(exchange.query);
  const period = periodOf(gateway, exchange.query);
  const [document, newest] = await Promise.all([summaryOf(gateway, period, visit), newestOf(gateway, period, visit, newestShown)]);
  const mayExport = gateway.generation.policy.domains(visit.identity.subject, 'admin:reports', 'export').length > 0;
  sendPage(exchange, 200, overviewPage(gateway, { identity: visit.identity, period, document, newest, mayExport }));
}

async function answerRequests(gateway: Gateway, exchange: Exchange, visit: ReportVisit): Promise<void> {
  const question = listQuestion(gateway, exchange, visit, 50);
  const listed = await gateway.reports.ask(question);
  sendPage(exchange, 200, requestsPage(gateway, { identity: visit.identity, period: question.period, filters: question.filters, listed }));
}

async function answerRequestPage(gateway: Gateway, exchange: Exchange, visit: ReportVisit): Promise<void> {
  sendPage(exchange, 200, requestPage(gateway, visit.identity, await wholeRequest(gateway, lastPart(exchange), visit)));
}

async function answerExport(gateway: Gateway, exchange: Exchange, visit: ReportVisit): Promise<void> {
  refuseOthers(exchange.query);
  const period = periodOf(gateway, exchange.query);
  const figures = await gateway.reports.ask({ kind: 'export', period, domains: visit.domains, newest: newestShown });
  const document = summaryDocument(period, figures.summary);
  const { product, display } = gateway.generation.names;
  exchange.response.setHeader('Content-Disposition', `attachment; filename="${product}-usage-${document.period.to.slice(0, 10)}.md"`);
  exchange.sendText(200, markdownReport(display, document, figures), 'text/markdown; charset=utf-8');
}

function answerVersion({ generation, release }: Gateway, exchange: Exchange): void {
  const { product, display } = generation.names;
  exchange.sendJson(200, { product, display, version: release.version, commit: release.commit, build_date: release.buildDate });
}

async function answerSummary(gateway: Gateway, exchange: Exchange, visit: ReportVisit): Promise<void> {
  refuseOthers(exchange.query);
  const period = periodOf(gateway, exchange.query);
  const limit = Math.min(newestShown, gateway.generation.config.admin_reports.max_rows);
  const [document, newest] = await Promise.all([summaryOf(gateway, period, visit), newestOf(gateway, period, visit, limit)]);
  const { groups, tokens, ...shared } = document;
  exchange.sendJson(200, {
    ...shared,
    charts: charts.map(({ id, title, unit, kind, lines }) => ({
      id,
      title,
      unit,
      kind,
      lines: lines.map(({ member, label }) => ({ member, label })),
    })),
    byToken: tokens,
    byCaller: groups.caller,
    byProject: groups.project,
    byEnvironment: groups.environment,
    byGroup: groups.model_group,
    byProvider: groups.provider,
    byModel: groups.model,
    byStatus: groups.status,
    byCache: groups.cache,
    byLatencyBand: groups.latency_band,
    byTokenBand: groups.token_band,
    byCostBand: groups.cost_band,
    requests: newest.rows,
    pagination: pagination({ ...newest, totalCount: document.summary.requests }, limit),
    generatedUtc: new Date().toISOString(),
  });
}

async function answerList(gateway: Gateway, exchange: Exchange, visit: ReportVisit): Promise<void> {
  const question = listQuestion(gateway, exchange, visit, 100);
  const listed = await gateway.reports.ask(question);
  const { fromMs, toMs } = question.period;
  const period = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  exchange.sendJson(200, {
    period,
    requests: listed.rows,
    pagination: pagination(listed, question.limit),
    generatedUtc: new Date().toISOString(),
  });
}

async function answerRequest(gateway: Gateway, exchange: Exchange, visit: ReportVisit): Promise<void> {
  refuseOthers(exchange.query, []);
  const found = await wholeRequest(gateway, lastPart(exchange), visit);
  const { usage, attempts, trace, error, fallbacks } = found;
  exchange.sendJson(200, { request: usage, attempts, trace, error, fallbacks, evidence: requestEvidence(found) });
}

async function answerEvidence(gateway: Gateway, exchange: Exchange, visit: ReportVisit): Promise<void> {
  refuseOthers(exchange.query, ['request_id']);
  const id = exchange.query.get('request_id');
  if (id === null) throw invalidFilter('request_id', 'is missing');
  exchange.sendJson(200, requestEvidence(await wholeRequest(gateway, id, visit)));
}

function listQuestion({ generation }: Gateway, { query }: Exchange, { domains }: ReportVisit, usual: number): ListQuestion {
  const { admin_reports: settings } = generation.config;
  const filters = readFilters(query);
  const limitText = query.get('limit') ?? String(Math.min(usual, settings.max_rows));
  const limit = /^\d{1,5}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > settings.max_rows) throw invalidFilter('limit', `is not a number from 1 to ${settings.max_rows}`);
  const cursor = query.get('cursor');
  return {
    kind: 'list',
    period: readPeriod(query, settings),
    domains,
    filters,
    limit,
    after: cursor === null ? null : readCursor(cursor),
    counted: true,
  };
}

function pagination({ rows, totalCount, next }: ListedRequests, limit: number): Record<string, unknown> {
  return {
    limit,
    returned: rows.length,
    total_count: totalCount,
    has_more: next !== null,
    next_cursor: next === null ? null : writeCursor(next),
    sort: 'ts',
    direction: 'desc',
    mode: 'cursor',
  };
}

async function wholeRequest(gateway: Gateway, requestId: string, { domains }: ReportVisit): Promise<WholeRequest> {
  const found = /^req_[0-9a-f]{32}$/.test(requestId) ? await gateway.reports.ask({ kind: 'request', requestId, domains }) : null;
  if (found === null) throw new GatewayError('not-found', 'there is no request of this id in what you may see');
  return found;
}

function lastPart({ path }: Exchange): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
