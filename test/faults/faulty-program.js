// routerctl's own run processes with faults on order: `faulty-program.js ORDERS run exec|guard|probe|prove FOLDER [--by ROLE]`, and
// `resume RUN [--roll-back]` or `rollback RUN` without a viewer. The orders lie in a file named in argv, since guard, prober and
// proof run in a bare environment. It is JavaScript because it is started as a process of its own, on what was built.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fileFailure } from '../../dist/src/adapters/durable-file.js';
import { executeRun } from '../../dist/src/app/execute-run.js';
import { guardRun } from '../../dist/src/app/guard-run.js';
import { probeRun } from '../../dist/src/app/probe-run.js';
import { proveGuard } from '../../dist/src/app/prove-guard.js';
import { folderToRollBack, resumeRun, rollBackRun } from '../../dist/src/app/resume-run.js';
import { openShell } from '../../dist/src/cli/wiring.js';
import { RouterctlError } from '../../dist/src/core/errors.js';
import { around, aroundSync, createMoments, decorateJournal, decoratePorts } from './faulty-parts.js';

const [, , ordersFile, ...args] = process.argv;
const orders = JSON.parse(readFileSync(ordersFile, 'utf8'));
process.env.ROUTERCTL_STATE = orders.state;

const [verb, what, subject] = args[0] === 'run' ? [args[1], args[1], args[2]] : [args[0], args[0], args[1]];
const by = args.includes('--by') ? args[args.indexOf('--by') + 1] : what;
const role = verb === 'exec' ? by : what;
const moments = createMoments(orders, role);
const refusal = (error, name) => fileFailure(error, name, 'write');
/** A jump moves the wall clock alone; a clock that is wrong from the start is wrong in both. */
const clockLike = (clock) => ({
  ...clock,
  nowMs: () => clock.nowMs() + moments.state.offsetMs,
  bootMs: () => clock.bootMs() + (orders.clock?.[role] ?? 0),
});

async function faultyShell() {
  const shell = await openShell({
    entry: [process.execPath, fileURLToPath(import.meta.url), ordersFile],
    decoratePorts: (ports) => decoratePorts(moments, { ...ports, clock: clockLike(ports.clock) }, refusal, orders.forever),
    decorateJournal: (journal) => decorateJournal(moments, journal, refusal),
  });
  return {
    ...shell,
    tool: orders.tool ?? shell.tool,
    clock: clockLike(shell.clock),
    leases: faultyLeases(shell.leases),
    folders: {
      ...shell.folders,
      open: (path) => faultyFolder(shell.folders.open(path)),
      find: (id) => faultyFolder(shell.folders.find(id)),
    },
    processes: faultyProcesses(shell.processes),
    signing: {
      ...shell.signing,
      files: { ...shell.signing.files, write: (...given) => around(moments, 'report written', () => shell.signing.files.write(...given)) },
    },
    badVersions: {
      ...shell.badVersions,
      mark: (...given) => around(moments, 'bad version marked', () => shell.badVersions.mark(...given)),
    },
  };
}

function faultyLeases(leases) {
  return {
    ...leases,
    acquire(...given) {
      const lease = aroundSync(moments, 'lease taken', () => leases.acquire(...given));
      moments.state.epoch = lease.holder.epoch;
      moments.write({ holds: lease.holder.epoch });
      return { ...lease, release: () => aroundSync(moments, 'lease released', () => lease.release()) };
    },
  };
}

function faultyFolder(folder) {
  return {
    ...folder,
    writeByHand: (lines) => around(moments, `${moments.state.step}: ROLLBACK.md written`, () => folder.writeByHand(lines)),
    keepReserve: () => around(moments, 'reserve held', () => folder.keepReserve()),
    freeReserve: () => aroundSync(moments, 'reserve freed', () => folder.freeReserve()),
    forgetResult: () => aroundSync(moments, 'result forgotten', () => folder.forgetResult()),
    writeResult: (result) => around(moments, 'result written', () => folder.writeResult(result)),
  };
}

/** Left out where the orders say so, so that hundreds of cases do not start hundreds of processes that they do not ask about. */
function faultyProcesses(processes) {
  const nobody = { pid: 2 ** 22 - 1, startTicks: 1 };
  const left = { guard: orders.guard === 'none', probe: orders.prober === 'none', prove: orders.proof === 'none' };
  const started = (is, start) =>
    around(moments, `${is} started`, async () => {
      if (left[is]) return { ...nobody, by: 'process' };
      const identity = await start();
      moments.write({ started: identity.pid, is });
      return identity;
    });
  return {
    ...processes,
    startDetached: (given, options) =>
      given[1] === 'exec' ? here(given) : started(given[1], () => processes.startDetached(given, options)),
    startGuard: (given, options) => started('guard', () => processes.startGuard(given, { ...options, how: 'process' })),
    runBare: (given, limitMs) =>
      left.prove ? Promise.resolve({ exitCode: 0, stdout: '', stderr: '' }) : processes.runBare(given, limitMs),
  };
}

let underWay = null;
/** `resume` and `rollback` would start a process that executes the run; here it is this one. */
function here([, , folder, , purpose]) {
  underWay = { folder, by: purpose };
  return { pid: process.pid, startTicks: 0 };
}

async function execute(shell, folder, purpose) {
  const result = await executeRun(shell, shell.folders.open(folder), { by: purpose, reason: `pid ${process.pid}` });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return result.exitCode;
}

async function takeUp(shell) {
  if (verb === 'resume')
    await resumeRun(shell, subject, {
      rollBack: args.includes('--roll-back'),
      despiteVersion: args.includes('--despite-version'),
      by: 'test',
    });
  else await rollBackRun(shell, folderToRollBack(shell, null, subject));
  return execute(shell, underWay.folder, underWay.by);
}

const verbs = {
  exec: (shell) => execute(shell, subject, by),
  guard: async (shell) => guardRun(shell, shell.folders.open(subject)).then(() => 0),
  probe: async (shell) => probeRun(shell, shell.folders.open(subject)).then(() => 0),
  prove: async (shell) => ((await proveGuard(shell, shell.folders.open(subject))).length === 0 ? 0 : 6),
  resume: takeUp,
  rollback: takeUp,
};

try {
  const shell = await faultyShell();
  const code = await verbs[verb](shell);
  await shell.close();
  process.exit(code);
} catch (error) {
  if (!(error instanceof RouterctlError)) throw error;
  process.stdout.write(`${JSON.stringify({ refused: error.code, message: error.message, hint: error.hint ?? null })}\n`);
  process.stderr.write(`error: ${error.message}\n`);
  process.exit(6);
}
