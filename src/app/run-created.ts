// The first event of every run: which plan, for which target, begun by whom. Whatever follows refers to it.
import { createHash } from 'node:crypto';
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import type { RunOrder } from '../core/ports/run-folders.js';
import type { RunEventBody } from '../core/run-event.js';
import { planHash } from './plan-hash.js';
import type { Shell } from './shell.js';

export function runCreated(shell: Shell, plan: Plan, order: RunOrder): Extract<RunEventBody, { type: 'run-created' }> {
  const { runId, operator, host, changeRef, overrides, acknowledged } = order;
  const nonce = createHash('sha256').update(`${runId} ${shell.clock.nowMs()} ${shell.clock.bootMs()} ${process.pid}`).digest('hex');
  const { name: target, environment } = plan.target;
  const identity = { planHash: planHash(plan), tool: plan.tool.version, playbook: plan.playbook.sha256, target, environment };
  return {
    type: 'run-created',
    data: {
      nonce,
      ...identity,
      operator,
      host,
      changeRef,
      overrides: overrides as unknown as Json,
      ...(acknowledged === undefined ? {} : { acknowledged: acknowledged as unknown as Json }),
      baselineRun: null,
    },
  };
}
