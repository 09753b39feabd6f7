// Who may do what in which domain, beyond asking for a model's answer. Subjects are `caller:<id>` and `basic:<user name>`,
// domains `<project>/<environment>`, objects and actions are listed here; what no line of the policy allows is refused.

export const policyObjects = {
  metrics: ['read'],
  'admin:reports': ['read', 'export', 'drilldown'],
  'admin:license': ['read'],
  'admin:config': ['reload'],
} as const;

export interface Policy {
  allows(subject: string, domain: string, object: string, action: string): boolean;
}

export const nobodyMayAnything: Policy = { allows: () => false };

/** The domain of a caller: `<project>/<environment>`, with `-` for what the config leaves out. */
export function domainOf({ project, environment }: { readonly project: string; readonly environment: string }): string {
  return `${project || '-'}/${environment || '-'}`;
}
