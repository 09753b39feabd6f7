// The moments at which a run is killed, taken from the trace of an undisturbed one.
import type { Role, TraceLine } from './orders.js';

export interface Moment {
  readonly step: string;
  readonly point: string;
}

/** Calls in whose middle a process is killed as well. */
const lengthy =
  /: (archives\.unpack|databases\.snapshot|services\.start|vault\.encrypt|files\.replace|commands\.run|containers\.load|containers\.save|compose\.recreate)\b/;

/**
 * A kill before a call and one after the call before it find the same world, since everything that is written or started is a
 * call of the trace: so each call gives the moment after it, the first one also the moment before it, lengthy ones their middle.
 */
export function momentsOf(trace: readonly TraceLine[], role: Role): readonly Moment[] {
  const points = trace.filter((line) => line.role === role).flatMap(({ point }) => (point === undefined ? [] : [point]));
  let step = 'begin';
  return points.flatMap((point, index) => {
    step = stepOf(point, step);
    if (point.startsWith('after ')) return [{ step, point }];
    const before = index === 0 ? [{ step, point }] : [];
    return lengthy.test(point) ? [...before, { step, point: point.replace(/^before/, 'during') }] : before;
  });
}

function stepOf(point: string, current: string): string {
  const act = /^(?:before|after|during) ((?:back )?[\w/]+): /.exec(point);
  if (act !== null) return act[1] ?? current;
  const event = /^(?:before|after) event (\S+)(?: (\S+))?/.exec(point);
  const [, type = '', name = ''] = event ?? [];
  if (['change-intent', 'undo-checked', 'fact', 'change-finished', 'check-started', 'check-finished', 'inspected'].includes(type)) {
    return point.endsWith(' back') || (type === 'fact' && current === `back ${name}`) ? `back ${name}` : name;
  }
  if (type === 'revert-intent' || type === 'revert-finished') return `back ${name}`;
  if (type === 'phase-started') return name;
  if (type === 'rollback-ordered') return 'roll back';
  if (['probe-summary', 'run-finished', 'rollback-validated'].includes(type)) return 'end';
  return current;
}
