// Loads the config file: text, YAML, schema; every finding with file:line:column. Relative paths are taken from the file's own directory.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type ConfigFinding, checkConfig, type RouterConfig } from './config.js';
import { readYaml, yamlLimits } from './yaml-text.js';

export class ConfigError extends Error {
  readonly findings: readonly string[];
  /** There is no text to find anything in: the file is missing, or may not be read. */
  readonly unread: boolean;

  constructor(file: string, findings: readonly string[], unread = false) {
    super(`the config ${file} is not valid:\n${findings.map((finding) => `  ${finding}`).join('\n')}`);
    this.name = 'ConfigError';
    this.findings = findings;
    this.unread = unread;
  }
}

export interface LoadedConfig {
  readonly config: RouterConfig;
  /** SHA-256 of the file's bytes, in hex. */
  readonly digest: string;
  /** A finding as it is reported: `file:line:column path: message`. */
  report(finding: ConfigFinding): string;
}

/** @throws ConfigError with every finding, up to 50 */
export function loadConfig(file: string): LoadedConfig {
  const bytes = readBytes(file);
  const yaml = readYaml(textOf(bytes, file));
  if (yaml.errors.length > 0)
    throw new ConfigError(
      file,
      yaml.errors.map(({ place, message }) => `${file}:${place.line}:${place.column} ${message}`),
    );
  if (yaml.value === null)
    throw new ConfigError(file, [`${file}:1:1 the file is empty: name at least listen, database, providers, models and callers`]);
  const report = ({ path, message }: ConfigFinding): string => {
    const { line, column } = yaml.placeOf(path);
    return `${file}:${line}:${column} ${path.join('.') || 'config'}: ${message}`;
  };
  const checked = checkConfig(yaml.value);
  if ('findings' in checked) throw new ConfigError(file, checked.findings.slice(0, yamlLimits.findings).map(report));
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { config: withAbsolutePaths(checked.config, dirname(resolve(file))), digest, report };
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new ConfigError(file, [`${file} cannot be read: ${reason}`], true);
  }
}

function textOf(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError(file, [`${file} is not text in UTF-8; save it as such`]);
  }
}

function withAbsolutePaths(config: RouterConfig, directory: string): RouterConfig {
  const { license } = config;
  const providers = Object.entries(config.providers).map(([name, provider]) => [
    name,
    provider.api_key_file === undefined ? provider : { ...provider, api_key_file: resolve(directory, provider.api_key_file) },
  ]);
  return {
    ...config,
    database: { path: resolve(directory, config.database.path) },
    providers: Object.fromEntries(providers) as RouterConfig['providers'],
    ...(license === undefined
      ? {}
      : {
          license: {
            file: resolve(directory, license.file),
            ...(license.state_file === undefined ? {} : { state_file: resolve(directory, license.state_file) }),
            ...(license.public_key_file === undefined ? {} : { public_key_file: resolve(directory, license.public_key_file) }),
          },
        }),
  };
}

/** Why the file on disk would be refused now. */
export interface ConfigProblem {
  readonly detail: string;
  /** As `ConfigError.unread`. */
  readonly unread: boolean;
}

/** Asks again and again whether the file on disk is still valid, reading it only after it changed. */
export class ConfigWatch {
  readonly #file: string;
  #stamp = '';
  #problem: ConfigProblem | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  problem(): ConfigProblem | null {
    const stamp = this.stamp();
    if (stamp !== this.#stamp || stamp === 'absent') {
      this.#stamp = stamp;
      try {
        loadConfig(this.#file);
        this.#problem = null;
      } catch (error) {
        const known = error instanceof ConfigError ? error : null;
        this.#problem = { detail: known?.findings[0] ?? 'the config cannot be read', unread: known?.unread ?? true };
      }
    }
    return this.#problem;
  }

  /** Which state of the file is on disk; two are the same when nobody wrote it, or changed who may read it, in between. */
  stamp(): string {
    try {
      const { mtimeMs, ctimeMs, size, ino } = statSync(this.#file);
      return `${ino}:${size}:${mtimeMs}:${ctimeMs}`;
    } catch {
      return 'absent';
    }
  }

  /** Somebody else has just found the file of this stamp valid. */
  isValid(stamp: string): void {
    this.#stamp = stamp;
    this.#problem = null;
  }
}
