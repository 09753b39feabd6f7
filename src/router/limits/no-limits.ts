// Lets everything through.
import type { Limiter } from './limiter.js';

export const noLimits: Limiter = {
  admit: () => ({
    shape: () => Promise.resolve(0),
    reserve: () => undefined,
    settle: () => undefined,
    release: () => undefined,
    quotaState: 'ok',
    keyState: 'active',
    warnings: [],
  }),
};
