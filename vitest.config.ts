// One vitest project for everything: real parts, no timed assertions, so the time limits are only there to end what hangs.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.js';

const tally = process.env['ROUTERCTL_TALLY'] === undefined ? [] : ['./test/tally-reporter.ts'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '.cache/**'],
    // Threads would share one native module, one working directory and one set of signals.
    pool: 'forks',
    globalSetup: './test/clean-room.ts',
    // One more than there are cores: the long stories wait for processes and clocks more than they work.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    disableConsoleIntercept: true,
    reporters: ['default', ...tally],
  },
});
