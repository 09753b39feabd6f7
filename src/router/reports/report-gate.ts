// Both locks before everything below `/admin/reports`: who is asking must be an administrator, and the policy must let this
// administrator do this in some domain. A caller's token opens neither, whatever the policy grants to it.
import type { AdminIdentity } from '../access/admin-access.js';
import { setAdminHeaders, wantsPage } from '../access/admin-answer.js';
import { challenge, challenged } from '../access/auth-routes.js';
import type { policyObjects } from '../access/policy.js';
import type { Gateway } from '../gateway.js';
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import type { Domains } from './report-questions.js';

export type ReportAction = (typeof policyObjects)['admin:reports'][number];

export interface ReportVisit {
  readonly identity: AdminIdentity;
  readonly domains: Domains;
}

/** @throws GatewayError `reports-forbidden`, `unauthorized`, `login-limited`, `reports-disabled`, `license-feature-forbidden` */
export async function openReports(gateway: Gateway, exchange: Exchange, action: ReportAction): Promise<ReportVisit> {
  setAdminHeaders(exchange);
  refuseCallers(gateway, exchange);
  const identity = await challenged(gateway, () => gateway.admin.identify(gateway, exchange));
  if (identity === null)
    throw new GatewayError('unauthorized', 'sign in at /admin/auth/login, or send the name and password of an administrator', {
      headers: challenge(gateway),
    });
  const { policy, config } = gateway.generation;
  const domains = policy.domains(identity.subject, 'admin:reports', action);
  if (domains.length === 0) throw forbidden(`the policy gives ${identity.subject} no domain in which to ${action} admin:reports`);
  if (!config.admin_reports.enabled) throw new GatewayError('reports-disabled', 'the reports are switched off by admin_reports.enabled');
  gateway.license.requireFeature('reports');
  if (identity.by === 'basic' && wantsPage(exchange)) gateway.admin.remember(gateway, exchange, identity);
  return { identity, domains };
}

function refuseCallers({ generation }: Gateway, { request }: Exchange): void {
  const { authorization, 'x-api-key': key } = request.headers;
  if (key === undefined && !/^Bearer\b/i.test(authorization ?? '')) return;
  try {
    generation.callers.authenticate(request.headers);
  } catch (error) {
    // An unknown token is no identity; one that is known but no longer valid is a caller's all the same.
    if (error instanceof GatewayError && error.code === 'unauthorized') return;
  }
  throw forbidden('a caller token does not open the reports; an administrator signs in at /admin/auth/login');
}

function forbidden(message: string): GatewayError {
  return new GatewayError('reports-forbidden', message);
}
