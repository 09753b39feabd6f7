// Whom a run could not tell of what: said wherever the run is looked at afterwards, since nothing may wait for it while it goes on.
import type { RunFolder } from '../core/ports/run-folders.js';
import type { Shell } from './shell.js';

export interface Untold {
  /** One line each: what did not arrive, and why. */
  readonly failed: readonly string[];
  /** Sent without an answer so far: on its way, or its sender died. */
  readonly open: readonly string[];
}

export function untoldOf(shell: Shell, folder: RunFolder): Untold {
  const lines = shell.notificationLog(folder).read();
  const answered = new Set(lines.flatMap((line) => (line.what === 'told' ? [line.id] : [])));
  return {
    failed: lines.flatMap((line) =>
      line.what === 'told' && !line.delivered ? [`${line.event} was not told by ${line.channel}: ${line.said}`] : [],
    ),
    open: [
      ...new Set(lines.flatMap((line) => (line.what === 'sending' && !answered.has(line.id) ? [`${line.event}: no answer so far`] : []))),
    ],
  };
}
