// Who may do what in which domain, beyond asking for a model's answer. Subjects are `caller:<id>` and `basic:<user name>`,
// domains `<project>/<environment>`, objects and actions are listed here; what no line of the policy allows is refused.

export const policyObjects = {
  metrics: ['read'],
  'admin:reports': ['read', 'export', 'drilldown'],
  'admin:license': ['read'],
  'admin:config': ['reload'],
} as const;

/** The domain of a grant or a role that holds everywhere; asked for, only such a grant answers it. */
export const everyDomain = '*';

export interface Policy {
  allows(subject: string, domain: string, object: string, action: string): boolean;
  /** The domains in which the subject may do it; `*` when it may do it everywhere. */
  domains(subject: string, object: string, action: string): typeof everyDomain | readonly string[];
}

export const nobodyMayAnything: Policy = { allows: () => false, domains: () => [] };

/**
 * The domain of a caller: `<project>/<environment>`, with `-` for what the config leaves out. A `/` inside of a name is written
 * `%2F`, so that no two callers of different projects can meet in one domain.
 */
export function domainOf({ project, environment }: { readonly project: string; readonly environment: string }): string {
  return `${part(project)}/${part(environment)}`;
}

function part(name: string): string {
  return name === '' ? '-' : name.replaceAll('/', '%2F');
}

/** What `domainOf` was made from. */
export function placeOfDomain(domain: string): { readonly project: string; readonly environment: string } {
  const [project = '-', environment = '-'] = domain.split('/');
  const name = (text: string): string => (text === '-' ? '' : text.replaceAll('%2F', '/'));
  return { project: name(project), environment: name(environment) };
}
