// The program `reference-router`: `serve --config FILE` and `--version`. SIGTERM and SIGINT drain and end with 0, or 1 when usage
// rows were lost; SIGHUP reloads the config, and the log tells how that went.
import { parseArgs } from 'node:util';
import { ConfigError } from './config/config-file.js';
import { createLog } from './log.js';
import { readRelease } from './release.js';
import type { RunningRouter } from './running-router.js';
import { serve } from './serve.js';

const usage = 'usage: reference-router serve --config FILE | reference-router --version';

/** Runs until it is told to stop; returns the exit code. */
export async function runProgram(argv: readonly string[], directory: string): Promise<number> {
  const parsed = parseArguments(argv);
  if (typeof parsed === 'string') return refuse(`${parsed}\n${usage}`);
  const { values, positionals } = parsed;
  const release = readRelease(directory);
  if (values.help === true) return say(usage);
  if (values.version === true)
    return say(
      `reference-router version=${release.version} commit=${release.commit} build_date=${release.buildDate} node=${process.versions.node} ${process.platform}/${process.arch}`,
    );
  if (positionals[0] !== 'serve' || positionals.length > 1 || values.config === undefined) return refuse(usage);
  return serveUntilSignal(values.config, directory);
}

function parseArguments(argv: readonly string[]) {
  const options = { config: { type: 'string' }, version: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Serves one config file in this process until SIGTERM or SIGINT, then drains. */
export async function serveUntilSignal(configPath: string, directory: string): Promise<number> {
  const release = readRelease(directory);
  let serving: Promise<RunningRouter> | null = null;
  // Without a handler it would end a router that is still starting; what came before the config was read is in it.
  process.on('SIGHUP', () => void serving?.then((router) => router.reload()).catch(() => undefined));
  const stop = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
  try {
    serving = serve({ configPath, environment: process.env, release, log: createLog('reference-router') });
    const router = await serving;
    await stop;
    return (await router.drain()) ? 0 : 1;
  } catch (error) {
    if (error instanceof ConfigError) return refuse(error.message);
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return refuse(`the address is in use: ${error.message}`);
    throw error;
  }
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function refuse(text: string): number {
  process.stderr.write(`${text}\n`);
  return 2;
}
