// The component that a change alters, with the host that it lives on; every change of this folder asks for one.
import type { ChangeContext } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import type { Component } from '../core/target.js';

export interface ComponentSubject {
  readonly name: string;
  readonly component: Component;
  readonly host: string;
}

export function componentSubject({ subject, target }: ChangeContext): ComponentSubject {
  if (subject.kind !== 'component') {
    throw new RouterctlError('PLAYBOOK_INVALID', 'this change alters a component, but the step names none', {
      hint: 'write `on: <component>` in the step',
    });
  }
  return { name: subject.name, component: subject.component, host: subject.component.host ?? target.host };
}

/** The value, or the refusal that tells which key of routerctl.yaml is missing. */
export function configured<T>(value: T | undefined, subject: ComponentSubject, key: string): T {
  if (value !== undefined) return value;
  throw new RouterctlError('CONFIG_INVALID', `the component ${subject.name} has no \`${key}\``, {
    hint: `add \`${key}\` to the component in routerctl.yaml`,
  });
}
