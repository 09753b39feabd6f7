// The notify hook of a target, tried without a run.
import { RouterctlError } from '../core/errors.js';
import { notificationSchema } from '../core/notification.js';
import type { Target } from '../core/target.js';
import { readSecrets, registerFileSecrets } from './known-secrets.js';
import type { Shell } from './shell.js';
import { type Told, tell } from './tell.js';

/** Throws USAGE when there is nothing to try. */
export async function tryNotify(shell: Shell, target: Target, host: string): Promise<readonly Told[]> {
  if (target.notify === undefined)
    throw new RouterctlError('USAGE', `the target ${target.name} names nobody to tell`, {
      hint: 'set notify of the target: a command, a webhook, or both',
    });
  const ports = shell.ports(target.root);
  await registerFileSecrets(target, ports, shell.redactor);
  await readSecrets(target, ports);
  const at = new Date(shell.clock.nowMs()).toISOString();
  return tell(
    { ports, redactor: shell.redactor, target },
    {
      schema: notificationSchema,
      id: `test/${at}`,
      event: 'test',
      at,
      target: target.name,
      environment: target.environment,
      host,
      runId: null,
      changeRef: null,
      playbook: null,
      from: null,
      to: null,
      verdict: `TEST: ${target.name} @ ${host}`,
      why: 'somebody tries whether this notification arrives',
      next: 'nothing',
      exitCode: null,
    },
  );
}
