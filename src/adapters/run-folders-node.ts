// Run folders on the local disk: `<root>/.routerctl/runs/<id>`, with an index entry in the state directory of the host.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import { canonicalJson, type Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import type { RunFolder, RunFolders, RunOrder, RunResult } from '../core/ports/run-folders.js';
import type { RunRequest } from '../core/run-event.js';
import { syncDirectory, writeDurably } from './durable-file.js';
import { isNetworkFileSystem } from './network-file-system.js';
import { assertWritable, isPresent, onOwnFiles, refusedAccess } from './refused-access.js';
import { runsBeside, runsDirectory } from './runs-beside.js';

/** Room for the rollback's own events, its ROLLBACK.md and its report, taken before anything is changed. */
const RESERVE_BYTES = 4 * 1024 * 1024;
const PRIVATE = { mode: 0o640 };

/** The host-wide directory when it may be written, else the user's own; `environment` overrides with ROUTERCTL_STATE. */
export function stateDirectory(environment: NodeJS.ProcessEnv): string {
  const named = environment['ROUTERCTL_STATE'];
  if (named !== undefined && named !== '') return named;
  const wide = '/var/lib/routerctl';
  if (isWritable(existsSync(wide) ? wide : dirname(wide))) return wide;
  return join(environment['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'routerctl');
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export function runFoldersNode(state: string, options: { readonly fileSystemType?: (path: string) => number } = {}): RunFolders {
  const index = join(state, 'runs');
  return {
    create: (root, plan, order) =>
      refusing(root, () => create(root, index, plan, order, options.fileSystemType ?? ((path) => statfsSync(path).type))),
    open: (path) => openFolder(path),
    find: (run) => openFolder(run.includes('/') ? adopt(index, resolve(run)) : known(index, run)),
    list: () =>
      indexed(index)
        .filter(({ path }) => existsSync(join(path, 'plan.json')))
        .map(({ path }) => openFolder(path)),
    beside: (root) => runsBeside(root).map(openFolder),
    nameOf(root, runId) {
      const path = join(runsDirectory(root), runId);
      return indexed(index).some((entry) => entry.path === path) || !isPresent(path) ? runId : path;
    },
    remove(folder) {
      rmSync(folder.path, { recursive: true, force: true });
      rmSync(join(index, `${folder.runId}.json`), { force: true });
    },
  };
}

function known(index: string, run: string): string {
  const fitting = indexed(index).filter(({ id }) => id.startsWith(run) || id.endsWith(run));
  const [first, ...more] = fitting;
  if (first === undefined || run === '')
    throw new RouterctlError('RUN_UNKNOWN', `no run ${run} is known on this host`, {
      hint: 'list them: routerctl run list; one that another user began is named by its folder: ROOT/.routerctl/runs/ID',
    });
  if (more.length > 0)
    throw new RouterctlError('RUN_UNKNOWN', `${run} fits ${fitting.length} runs`, {
      hint: `say more of it: ${fitting.map(({ id }) => id).join(', ')}`,
    });
  isPresent(join(first.path, 'plan.json'));
  return first.path;
}

/** From here on this user may name the run by its id, too: every later message does. */
function adopt(index: string, path: string): string {
  if (!isPresent(join(path, 'plan.json')))
    throw new RouterctlError('RUN_UNKNOWN', `${path} is not the folder of a run`, { hint: 'list the runs: routerctl run list' });
  const { target, changing } = openFolder(path).plan();
  const own = join(runsDirectory(target.root), basename(path));
  if (changing && realpathSync(path) !== (isPresent(own) ? realpathSync(own) : own))
    throw new RouterctlError('RUN_UNKNOWN', `${path} is a copy: the run lies beside its deployment`, { hint: `name that folder: ${own}` });
  const entry = join(index, `${basename(path)}.json`);
  if (isPresent(entry)) return path;
  onOwnFiles(index, () => {
    mkdirSync(index, { recursive: true, mode: 0o770 });
    const aside = join(index, `.${basename(path)}.${process.pid}`);
    writeFileSync(aside, `${JSON.stringify({ runDirectory: path, target: target.name })}\n`, PRIVATE);
    renameSync(aside, entry);
  });
  return path;
}

function indexed(index: string): readonly { readonly id: string; readonly path: string }[] {
  if (!isPresent(index)) return [];
  return onOwnFiles(index, () => readdirSync(index))
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .toReversed()
    .flatMap((name) => {
      const { runDirectory } = readDocument<{ runDirectory: string }>(join(index, name));
      return isGone(join(runDirectory, 'plan.json')) ? [] : [{ id: name.slice(0, -5), path: runDirectory }];
    });
}

/** What this user may not see is still there. */
function isGone(path: string): boolean {
  try {
    return !isPresent(path);
  } catch {
    return false;
  }
}

async function create(root: string, index: string, plan: Plan, order: RunOrder, typeOf: (path: string) => number): Promise<RunFolder> {
  const runs = runsDirectory(root);
  const path = join(runs, order.runId);
  const aside = join(runs, `.${order.runId}.new`);
  mkdirSync(join(aside, 'requests'), { recursive: true, mode: 0o700 });
  try {
    if (await isNetworkFileSystem(typeOf(aside), statSync(aside).dev)) {
      throw new RouterctlError('NETWORK_FILESYSTEM', `the journal would lie on a network file system (${runs})`, {
        hint: 'set `root` of the target to a directory on a local disk',
      });
    }
    await writeDurably(join(aside, 'plan.json'), `${canonicalJson(plan as unknown as Json)}\n`, PRIVATE);
    await writeDurably(join(aside, 'order.json'), `${canonicalJson(order as unknown as Json)}\n`, PRIVATE);
    if (plan.changing) await reserve(join(aside, 'reserve'));
    // The entry comes first: one without its folder is passed over, a folder without its entry could not be found.
    mkdirSync(index, { recursive: true, mode: 0o770 });
    await writeDurably(
      join(index, `${order.runId}.json`),
      `${JSON.stringify({ runDirectory: path, target: plan.target.name })}\n`,
      PRIVATE,
    );
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw error;
  }
  await syncDirectory(runs);
  return openFolder(path);
}

const reserve = (file: string): Promise<void> => writeDurably(file, Buffer.alloc(RESERVE_BYTES), PRIVATE);

async function refusing<Value>(root: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = error instanceof Error ? error.message : code;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new RouterctlError('NO_ROOM', `no room for a run below ${root}: ${reason}`, {
        cause: error,
        hint: `free at least ${RESERVE_BYTES / 1024 / 1024} MiB there`,
      });
    const at = error instanceof Error && 'path' in error ? String(error.path) : '';
    const refusal = at.startsWith(`${root}/`) ? refusedAccess(error, at) : error;
    if (refusal instanceof RouterctlError) throw refusal;
    if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EEXIST'].includes(code))
      throw new RouterctlError('STATE_UNWRITABLE', `no run can be kept: ${reason}`, {
        cause: error,
        hint: 'run as a user who may write there, or set ROUTERCTL_STATE',
      });
    throw error;
  }
}

function openFolder(path: string): RunFolder {
  const file = (name: string): string => join(path, name);
  const requests = file('requests');
  return {
    runId: basename(path),
    path,
    journalPath: file('journal.sqlite'),
    probePath: file('probe.jsonl'),
    notificationsPath: file('notifications.jsonl'),
    logPath: file('runner.log'),
    byHandPath: file('ROLLBACK.md'),
    plan: () => readDocument<Plan>(file('plan.json')),
    order: () => readDocument<RunOrder>(file('order.json')),
    result: () => (isPresent(file('result.json')) ? readDocument<RunResult>(file('result.json')) : null),
    writeResult: (result) => writeDurably(file('result.json'), `${JSON.stringify(result, null, 2)}\n`, PRIVATE),
    forgetResult: () => rmSync(file('result.json'), { force: true }),
    undoDirectory(stepId) {
      const directory = join(path, 'undo', stepId.replaceAll('/', '--'));
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      return directory;
    },
    writeByHand: (lines) => writeDurably(file('ROLLBACK.md'), `${lines.join('\n')}\n`, PRIVATE),
    keepReserve: async () => (existsSync(file('reserve')) ? undefined : refusing(path, () => reserve(file('reserve')))),
    freeReserve: () => rmSync(file('reserve'), { force: true }),
    async request(request, by, reason) {
      const id = `${Date.now()}-${process.pid}`;
      assertWritable(requests);
      // Root asks on behalf of the user whose run it is, and that user's process reads the request.
      const { uid, gid } = statSync(requests);
      const access = process.getuid?.() === 0 ? { mode: 0o600, uid, gid } : { mode: 0o600 };
      await writeDurably(join(requests, `${id}.json`), JSON.stringify({ id, request, by, reason }), access);
    },
    requests: () =>
      (existsSync(requests) ? readdirSync(requests) : [])
        .filter((name) => /^\d.*\.json$/.test(name))
        .toSorted()
        .map((name) => readDocument<{ id: string; request: RunRequest; by: string; reason: string }>(join(requests, name))),
    forgetRequest: (id) => rmSync(join(requests, `${id}.json`), { force: true }),
    reportDirectory() {
      const taken = reportNames(path).length;
      return file(taken === 0 ? 'report' : `report-${taken + 1}`);
    },
    reports: () =>
      reportNames(path)
        .map(file)
        .filter((directory) => existsSync(join(directory, 'SHA256SUMS.sig'))),
  };
}

function reportNames(path: string): readonly string[] {
  const numberOf = (name: string): number => Number(name.split('-')[1] ?? 1);
  return readdirSync(path)
    .filter((name) => /^report(-\d+)?$/.test(name))
    .toSorted((a, b) => numberOf(a) - numberOf(b));
}

function readDocument<Document>(path: string): Document {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Document;
  } catch (error) {
    const cause = refusedAccess(error, path);
    if (cause instanceof RouterctlError) throw cause;
    throw new RouterctlError('RUN_UNKNOWN', `${path} cannot be read`, { cause, hint: 'list the runs: routerctl run list' });
  }
}
