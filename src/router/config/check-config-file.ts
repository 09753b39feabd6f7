// Checks a config file for a person who is about to use it: all findings and warnings, thrown at nobody.
import { ConfigError, loadConfig } from './config-file.js';
import { configWarnings } from './config-warnings.js';

export interface CheckedConfigFile {
  /** Each with its place; empty when a router would take the file. */
  readonly findings: readonly string[];
  readonly warnings: readonly string[];
  /** SHA-256 of the file's text in hex, as a reload would answer it; null when there are findings. */
  readonly digest: string | null;
}

export function checkConfigFile(file: string, environment: Readonly<Record<string, string | undefined>>): CheckedConfigFile {
  try {
    const loaded = loadConfig(file);
    return { findings: [], warnings: configWarnings(file, loaded, environment), digest: loaded.digest };
  } catch (error) {
    if (error instanceof ConfigError) return { findings: error.findings, warnings: [], digest: null };
    throw error;
  }
}
