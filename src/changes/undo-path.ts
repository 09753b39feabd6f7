// Where a step keeps what its revert needs: one name per step and purpose in the run's undo directory.
import { join } from 'node:path';
import type { ChangeContext } from '../core/change.js';

export const undoPath = (context: ChangeContext, purpose: string): string =>
  join(context.undoDirectory, `${context.stepId.replace(/[^\w.-]/g, '_')}.${purpose}`);
