// An operator at the terminal of a practice deployment: the compiled command line, in a state directory of its own, spawned as a
// person or a script would. Every end-to-end story is told through this file, so that none of them reaches into the program.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runTraffic, type TrafficResult } from '../../src/router/lab/steady-traffic.js';
import { type Lab, type LabOptions, startLab } from '../lab/lab.js';

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Said>;
  /** What it has said on stderr so far. */
  err(): string;
}

export interface Operator {
  readonly lab: Lab;
  /** Of this operator alone: state directory, HOME and room for files of the test. */
  readonly desk: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs a command to its end, in the deployment's directory, without a terminal. */
  routerctl(...args: readonly string[]): Promise<Said>;
  start(...args: readonly string[]): Running;
  /** Ids of all runs, oldest first. */
  runs(): readonly string[];
  newestRun(): string;
  runFolder(runId: string): string;
  /** Serving version, as a caller sees it. */
  version(): Promise<string>;
  leave(): Promise<void>;
}

export const program = resolve('bin/run.js');

export interface OperatorOptions extends LabOptions {
  /** argv with which every command is run in a directory, for one who works inside of something. */
  readonly enter?: (directory: string) => readonly string[];
}

export async function operator({ enter = () => [], ...options }: OperatorOptions = {}): Promise<Operator> {
  const desk = mkdtempSync(join(tmpdir(), 'routerctl-desk-'));
  const lab = await startLab({ home: mkdtempSync(join(tmpdir(), 'routerctl-lab-')), ...options });
  const { PATH } = process.env;
  const env = { PATH, HOME: desk, LANG: 'C.UTF-8', ROUTERCTL_STATE: join(desk, 'state'), NO_COLOR: '1' };
  const runsOf = (): readonly string[] => {
    const index = join(desk, 'state', 'runs');
    return existsSync(index)
      ? readdirSync(index)
          .map((name) => name.replace(/\.json$/, ''))
          .sort()
      : [];
  };
  const start = (...args: readonly string[]): Running => {
    const [command = process.execPath, ...rest] = [...enter(lab.home), process.execPath, program, ...args];
    return begin(command, rest, lab.home, env);
  };
  return {
    lab,
    desk,
    env,
    start,
    routerctl: (...args) => start(...args).ended,
    runs: runsOf,
    newestRun: () => runsOf().at(-1) ?? '',
    runFolder: (runId) => join(lab.home, '.routerctl', 'runs', runId),
    version: async () => ((await (await fetch(`${lab.url}/version`)).json()) as { version: string }).version,
    leave: async () => {
      await lab.stop();
      for (const directory of [lab.home, desk]) rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function begin(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Running {
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    err += data.toString();
  });
  child.stdin.end();
  const ended = new Promise<Said>((done) => child.on('close', (code) => done({ code, out, err })));
  return { child, ended, err: () => err };
}

/** Waits for what another process does; the limit only ends what hangs. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`waited in vain until ${what}`);
    await sleep(25);
  }
}

/** Waits until a command has said it on stderr; one that ended without saying it is an error with all its words. */
export async function said(running: Running, pattern: RegExp): Promise<void> {
  let over: Said | null = null;
  void running.ended.then((end) => {
    over = end;
  });
  await until(`it says ${pattern.source}`, () => pattern.test(running.err()) || over !== null, 90_000);
  if (!pattern.test(running.err()))
    throw new Error(`it ended without saying ${pattern.source}:\n${JSON.stringify(over)}\n${running.err()}`);
}

/** A shell line of a third party; its output is one text. */
export function sh(script: string, cwd: string): Promise<{ readonly ok: boolean; readonly out: string }> {
  return new Promise((done) => {
    execFile('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd }, (error, stdout, stderr) =>
      done({ ok: error === null, out: stdout + stderr }),
    );
  });
}

export const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Changes a top-level block of the practice `routerctl.yaml`, as an operator would with an editor. */
export function setPolicy(lab: Lab, lines: readonly string[]): void {
  const text = readFileSync(lab.paths.targetConfig, 'utf8').replace(/\n {4}policy:\n(?: {6}.*\n)*/, '\n');
  const policy = lines.length === 0 ? '' : `    policy:\n${lines.map((each) => `      ${each}\n`).join('')}`;
  writeFileSync(lab.paths.targetConfig, `${text.replace(/\n*$/, '\n')}${policy}`);
}

/** What was said, and how callers fared meanwhile. */
export async function underTraffic(
  { url, token, models }: Lab,
  work: () => Promise<Said>,
): Promise<Said & { readonly traffic: TrafficResult }> {
  const stop = new AbortController();
  const traffic = runTraffic({ url, token, models, ratePerSecond: 10, durationMs: null, signal: stop.signal });
  try {
    const said = await work();
    stop.abort();
    return { ...said, traffic: await traffic };
  } finally {
    stop.abort();
  }
}
