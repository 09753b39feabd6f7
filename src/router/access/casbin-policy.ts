// The policy of the config, answered by Casbin: RBAC with domains, roles held in one domain or, as `*`, in all of them. Objects and
// actions are compared as whole words: as an expression, `read` would also give whatever only contains it.
import type { RouterConfig } from '../config/config.js';
import { everyDomain, nobodyMayAnything, type Policy } from './policy.js';

const model = `
[request_definition]
r = sub, dom, obj, act

[policy_definition]
p = sub, dom, obj, act

[role_definition]
g = _, _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = (g(r.sub, p.sub, r.dom) || g(r.sub, p.sub, "*")) && (p.dom == "*" || p.dom == r.dom) && \
(p.obj == "*" || p.obj == r.obj) && (p.act == "*" || p.act == r.act)
`;

type Lines = Pick<RouterConfig['admin_auth'], 'policy' | 'roles'>;

/** The policy of a config; the engine is loaded only when there is a line for it to judge. */
export async function createPolicy({ policy, roles }: Lines): Promise<Policy> {
  if (policy.length === 0) return nobodyMayAnything;
  const { newEnforcer, newModelFromString } = await import('casbin');
  const enforcer = await newEnforcer(newModelFromString(model));
  await enforcer.addPolicies(distinct(policy.flatMap(({ subject, domain, object, action }) => rules(subject, domain, object, action))));
  await enforcer.addGroupingPolicies(distinct(roles.map(({ subject, role, domain }) => [subject, role, domain])));
  const named = [...new Set([...policy, ...roles].map(({ domain }) => domain))].filter((domain) => domain !== everyDomain).sort();
  const allows: Policy['allows'] = (subject, domain, object, action) => enforcer.enforceSync(subject, domain, object, action);
  return {
    allows,
    domains: (subject, object, action) =>
      allows(subject, everyDomain, object, action) ? everyDomain : named.filter((domain) => allows(subject, domain, object, action)),
  };
}

/** One rule for each action of `read|export`. */
function rules(subject: string, domain: string, object: string, action: string): string[][] {
  return action.split('|').map((one) => [subject, domain, object, one]);
}

/** Casbin takes none of a list in which two are the same. */
function distinct(lines: readonly (readonly string[])[]): string[][] {
  return [...new Map(lines.map((line) => [JSON.stringify(line), [...line]])).values()];
}
