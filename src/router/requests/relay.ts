// What both ways of passing an answer on need to know.

import type { Defects } from '../defects.js';
import type { Ask } from '../dialects/conversation.js';
import type { Dialect, ReplyFrame } from '../dialects/dialect.js';
import type { EarlyEnd } from '../early-end.js';
import type { AttemptRow } from '../usage/diagnostic-rows.js';

export interface Relay {
  /** The caller's dialect. */
  readonly dialect: Dialect;
  /** The target's dialect. */
  readonly spoken: Dialect;
  readonly ask: Ask;
  readonly frame: ReplyFrame;
  /** Counts the bytes of the answer. */
  readonly row: AttemptRow;
  readonly defects: Defects;
  readonly early: EarlyEnd;
  /** The target has begun to answer: from now on the silence between its events counts, even while the caller has heard nothing. */
  readonly answered: () => void;
}
