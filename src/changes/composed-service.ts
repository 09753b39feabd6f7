// The one service of a compose project that a component is: its containers as the engine has them, and what compose makes of its files.
import type { ChangeContext } from '../core/change.js';
import { type ComposedComponent, composeOf } from '../core/compose-of.js';
import { RouterctlError } from '../core/errors.js';
import type { ComposeService } from '../core/ports/compose.js';
import type { ContainerFacts } from '../core/ports/containers.js';
import type { HostReadPorts } from '../core/ports/ports.js';
import { type ComponentSubject, componentSubject } from './component-subject.js';

export interface ComposedService extends ComposedComponent {
  readonly subject: ComponentSubject;
}

/** @throws RouterctlError CONFIG_INVALID for a component that is deployed otherwise */
export function composedService(context: ChangeContext): ComposedService {
  const subject = componentSubject(context);
  const composed = composeOf(context.target, subject.name);
  if (composed !== null) return { ...composed, subject };
  throw new RouterctlError('CONFIG_INVALID', `the component ${subject.name} is not deployed by compose`, {
    hint: 'give it `deployment: { kind: compose, … }` in routerctl.yaml, or choose the playbook for what it is',
  });
}

export interface Resolved {
  readonly projectName: string;
  readonly wanted: ComposeService;
}

/** What the files come to now. @throws RouterctlError COMPOSE_MISSING, COMPOSE_INVALID */
export async function resolvedService({ project, service, subject }: ComposedService, host: HostReadPorts): Promise<Resolved> {
  const { name, services } = await host.compose.resolve(project);
  const wanted = services[service];
  if (wanted === undefined)
    throw new RouterctlError('COMPOSE_INVALID', `the project ${name} has no service ${service}`, {
      hint: `it has ${Object.keys(services).join(', ') || 'none'}; correct deployment.service of ${subject.name}`,
    });
  return { projectName: name, wanted };
}

/** Every container of the service, also one that an interrupted recreate has left under another name; oldest first. */
export async function containersOf(
  { project, service }: ComposedComponent,
  projectName: string,
  host: HostReadPorts,
): Promise<readonly ContainerFacts[]> {
  const labels = {
    'com.docker.compose.project': projectName,
    'com.docker.compose.service': service,
    'com.docker.compose.oneoff': 'False',
  };
  return await host.containers.containers(project.engine, labels);
}
