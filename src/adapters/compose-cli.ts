// Compose as the plugin of docker's command line. It sees the project's own files and variables alone: what an operator has exported in
// a terminal must not decide what a guard starts at night.
import { execFile } from 'node:child_process';
import { composeOptions, recreateWords } from '../core/compose-line.js';
import { RouterctlError } from '../core/errors.js';
import type { Commands } from '../core/ports/commands.js';
import type { ComposeActs, ComposeProject, ComposeReads, ComposeTool, ResolvedProject } from '../core/ports/compose.js';
import type { Redactor } from '../core/redaction.js';
import { z } from '../core/zod.js';
import { inherited } from './commands-node.js';

const answerLimitMs = 30_000;
const mostSaidLines = 20;
const defaultStopGraceMs = 10_000;
const command = ['docker', 'compose'];

/** What `compose config --format json` tells of a project, as far as it is asked. Source: the Compose Specification. */
const configShape = z.object({
  name: z.string(),
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      healthcheck: z.object({ disable: z.boolean().optional(), test: z.array(z.string()).nullish() }).optional(),
      stop_grace_period: z.string().optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string().optional() })).optional(),
    }),
  ),
});

export function composeCli(redactor: Redactor, commands: Commands, host = 'local'): ComposeReads & ComposeActs {
  return {
    host,
    tool: async () => await tool(),
    resolve: async (project) => {
      await needed();
      return resolved(await ask(project, ['config', '--format', 'json'], redactor), project);
    },
    recreate: async (project, service, options) => {
      await needed();
      const argv = [...command, '--ansi', 'never', '--progress', 'plain', ...composeOptions(project), ...recreateWords(service)];
      const environment = { DOCKER_HOST: project.engine };
      const done = await commands.run(argv, { ...options, directory: project.directory, environment });
      return { exitCode: done.exitCode, timedOut: done.timedOut, said: lastLines(`${done.stdout}\n${done.stderr}`) };
    },
  };
}

async function tool(): Promise<ComposeTool | null> {
  const said = await run([...command, 'version', '--short'], '/', {}).catch(() => null);
  const version = said?.trim().replace(/^v/, '') ?? '';
  return /^\d+\./.test(version) ? { command, version } : null;
}

async function needed(): Promise<void> {
  if ((await tool()) !== null) return;
  throw new RouterctlError('COMPOSE_MISSING', 'docker has no compose plugin here: `docker compose version` does not answer', {
    hint: 'install the plugin for this user (docker-compose-plugin, or docker-compose 2 in ~/.docker/cli-plugins)',
  });
}

async function ask(project: ComposeProject, words: readonly string[], redactor: Redactor): Promise<string> {
  try {
    return await run([...command, ...composeOptions(project), ...words], project.directory, { DOCKER_HOST: project.engine });
  } catch (error) {
    const said = lastLines(redactor.mask(error instanceof Error ? error.message : String(error)));
    throw new RouterctlError(
      'COMPOSE_INVALID',
      `compose refuses the project in ${project.directory}: ${said.at(-1) ?? 'it says nothing'}`,
      {
        hint: `see all of it: ${[...command, ...composeOptions(project), 'config', '--quiet'].join(' ')}`,
      },
    );
  }
}

/** @throws Error with what was said on standard error */
function run(argv: readonly string[], directory: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const [program = '', ...rest] = argv;
  const options = {
    cwd: directory,
    env: { ...inherited(), LANG: 'C.UTF-8', ...environment },
    timeout: answerLimitMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: 32 * 1024 * 1024,
  };
  return new Promise((resolve, reject) => {
    execFile(program, rest, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(error.killed === true ? `no answer within ${answerLimitMs} ms` : stderr.trim() || error.message));
    });
  });
}

function resolved(text: string, project: ComposeProject): ResolvedProject {
  const shape = configShape.safeParse(JSON.parse(text));
  if (!shape.success)
    throw new RouterctlError('COMPOSE_INVALID', `what compose tells of the project in ${project.directory} cannot be read`, {
      details: shape.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    });
  const { name, services } = shape.data;
  const completed = Object.values(services).flatMap(({ depends_on: needs = {} }) =>
    Object.entries(needs).flatMap(([service, { condition }]) => (condition === 'service_completed_successfully' ? [service] : [])),
  );
  const entries = Object.entries(services).map(([service, said]) => {
    const { image = null, healthcheck, stop_grace_period: grace } = said;
    const hasHealthCheck = healthcheck !== undefined && healthcheck.disable !== true && healthcheck.test?.[0] !== 'NONE';
    const stopGraceMs = grace === undefined ? defaultStopGraceMs : goDurationMs(grace);
    return [service, { image, hasHealthCheck, isOneShot: completed.includes(service), stopGraceMs }] as const;
  });
  return { name, services: Object.fromEntries(entries) };
}

/** `1m30s`, as Go writes durations. */
function goDurationMs(text: string): number {
  const unitMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, ns: 0.000_001 };
  return [...text.matchAll(/([\d.]+)(h|ms|m|us|ns|s)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (unitMs[unit ?? 's'] ?? 0),
    0,
  );
}

const lastLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-mostSaidLines);
