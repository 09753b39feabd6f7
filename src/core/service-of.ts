// The one derivation of a component's service, so that what a check looks for is what a change starts and stops.
import type { ServiceSpec } from './ports/service-processes.js';
import type { Target } from './target.js';

/** null when the component is unknown, or what runs of it is no process of this host's own: it has no deployment, or containers. */
export function serviceOf(target: Target, componentName: string): ServiceSpec | null {
  const deployment = target.components[componentName]?.deployment;
  if (deployment === undefined || deployment.kind === 'compose') return null;
  const id = `${target.root}#${componentName}`;
  if (deployment.kind === 'systemd') return { kind: 'systemd', id, unit: deployment.unit, scope: deployment.scope, directory: target.root };
  return {
    kind: 'process',
    id,
    command: deployment.command,
    directory: deployment.directory ?? target.root,
    environmentFile: deployment.environmentFile ?? null,
    pidFile: deployment.pidFile,
    log: deployment.log,
  };
}
