// Runs the coding clients that callers really use, Codex and Claude Code, against a router on this machine: without an account,
// with settings under which neither looks for any other host, and in directories of their own.
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface ClientRun {
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** The last words of the model, as the client hands them to a script. */
  readonly answer: string;
}

export interface ClientRoom {
  /** What the client works in. */
  readonly work: string;
  readonly directory: string;
  remove(): void;
}

export interface CodexAsk {
  readonly routerUrl: string;
  readonly token: string;
  readonly model: string;
  readonly prompt: string;
  readonly image?: string;
}

export interface ClaudeAsk extends CodexAsk {
  /** Few tools and a short prompt; else everything that the client has. */
  readonly bare: boolean;
  readonly allowedTools?: string;
}

/** A client that hangs would hang for ever: some waits have no limit of their own. */
const patienceMs = 60_000;

/** The program as the variable names it, or found on PATH; null when there is none. */
export function findClient(name: 'codex' | 'claude', variable: string): string | null {
  const named = process.env[variable];
  const candidates = named === undefined ? (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, name)) : [named];
  return candidates.find(isExecutable) ?? null;
}

export function clientRoom(): ClientRoom {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-client-'));
  for (const name of ['work', 'home', 'config', 'tmp']) mkdirSync(join(directory, name));
  return { directory, work: join(directory, 'work'), remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }) };
}

/** `codex exec` without a terminal; it speaks the Responses dialect only. */
export async function runCodex(program: string, room: ClientRoom, ask: CodexAsk): Promise<ClientRun> {
  const { routerUrl, token, model, prompt, image } = ask;
  const config = [
    `model = "${model}"`,
    'model_provider = "router"',
    'check_for_update_on_startup = false',
    '[analytics]',
    'enabled = false',
    '[features]',
    'plugins = false',
    'unbounded_connection_retries = false',
    '[model_providers.router]',
    'name = "router"',
    `base_url = "${routerUrl}/v1"`,
    'wire_api = "responses"',
    'env_key = "ROUTER_KEY"',
    'request_max_retries = 0',
    'stream_max_retries = 0',
    'stream_idle_timeout_ms = 20000',
  ];
  writeFileSync(join(room.directory, 'config', 'config.toml'), `${config.join('\n')}\n`);
  const last = join(room.directory, 'last.txt');
  const flags = ['--json', '--ephemeral', '--skip-git-repo-check', '-s', 'danger-full-access', '-C', room.work, '-o', last];
  // The flag takes several values and would swallow the prompt.
  const args = ['exec', ...flags, ...(image === undefined ? [] : [`--image=${image}`]), prompt];
  const run = await runToEnd(program, args, room, { CODEX_HOME: join(room.directory, 'config'), ROUTER_KEY: token });
  return { ...run, answer: textOrNothing(last) };
}

/** `claude --print`; it speaks the Messages dialect only. */
export async function runClaude(program: string, room: ClientRoom, ask: ClaudeAsk): Promise<ClientRun> {
  const { routerUrl, token, model, prompt, bare, allowedTools = 'Bash,Read' } = ask;
  const args = [
    ...(bare ? ['--bare'] : []),
    ...['-p', prompt, '--output-format', 'json', '--max-turns', '5', '--allowedTools', allowedTools],
    ...['--no-session-persistence', '--setting-sources', '', '--strict-mcp-config'],
  ];
  const run = await runToEnd(program, args, room, {
    CLAUDE_CONFIG_DIR: join(room.directory, 'config'),
    ANTHROPIC_BASE_URL: routerUrl,
    ANTHROPIC_AUTH_TOKEN: token,
    ANTHROPIC_MODEL: model,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '0',
    CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1',
    API_TIMEOUT_MS: '30000',
  });
  const { is_error, result = '' } = jsonOrNothing(run.stdout);
  // Its exit code and its subtype say success for some failures.
  return { ...run, answer: is_error === false ? result : '' };
}

type FinishedRun = Omit<ClientRun, 'answer'>;

function runToEnd(
  program: string,
  args: readonly string[],
  room: ClientRoom,
  more: Readonly<Record<string, string>>,
): Promise<FinishedRun> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(room.directory, 'home'),
    TMPDIR: join(room.directory, 'tmp'),
    LANG: 'C.UTF-8',
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
    ...more,
  };
  return new Promise((resolve, reject) => {
    // In a group of its own, so that what the client started can be ended with it.
    const child = spawn(program, args, { cwd: room.work, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, patienceMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, timedOut, stdout, stderr });
    });
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function textOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function jsonOrNothing(text: string): { readonly is_error?: boolean; readonly result?: string } {
  try {
    return JSON.parse(text) as { is_error?: boolean; result?: string };
  } catch {
    return {};
  }
}
