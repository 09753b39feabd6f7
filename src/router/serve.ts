// A router's start, in the order that is ready first: the config, the thread that writes usage, and while that one starts, the rest
// of the program.
import { loadConfig } from './config/config-file.js';
import type { RunningRouter, ServeOptions } from './running-router.js';
import { openUsageBooks } from './usage/open-usage-books.js';

/** @throws ConfigError, or what the system says about the address */
export async function serve(options: ServeOptions): Promise<RunningRouter> {
  const loaded = loadConfig(options.configPath);
  const books = openUsageBooks(loaded.config.database.path, options.release.version, options.log);
  const { run } = await import('./running-router.js');
  return run({ ...options, loaded, books });
}
