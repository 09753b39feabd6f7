// The one derivation of a component's compose project, so that what a check looks at is what a change creates anew.
import type { ComposeProject } from './ports/compose.js';
import type { Component, Target } from './target.js';

export type ComposeDeployment = Extract<NonNullable<Component['deployment']>, { kind: 'compose' }>;

export interface ComposedComponent {
  readonly project: ComposeProject;
  readonly service: string;
  readonly deployment: ComposeDeployment;
}

/** null when the component is unknown or is deployed otherwise. */
export function composeOf(target: Target, componentName: string): ComposedComponent | null {
  const deployment = target.components[componentName]?.deployment;
  if (deployment?.kind !== 'compose') return null;
  const { engine, directory, files, project: name = null, environmentFile = null, service } = deployment;
  return { project: { engine, directory, files, name, environmentFile }, service, deployment };
}
