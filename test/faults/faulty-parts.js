// Counts every moment at which a run process could die: before and after each act of a port, each journalled event and each thing
// that the shell writes or starts. At the moment that the orders name, the process kills itself, or the call fails as they say.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

/** `orders.strikes`: { role, point, withGuard?, victim?, signal? }; `orders.jump`: { role, point, byMs }; `orders.failure`: { role, at, times, code }, which counts calls from 1. */
export function createMoments(orders, role) {
  const seen = new Map();
  const state = { step: '', epoch: 0, calls: 0, offsetMs: orders.clock?.[role] ?? 0 };
  const write = (line) => appendFileSync(orders.trace, `${JSON.stringify({ pid: process.pid, role, epoch: state.epoch, ...line })}\n`);

  function pass(when, name) {
    const key = `${when} ${name}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    const point = count === 1 ? key : `${key} #${count}`;
    write({ point });
    if (orders.jump?.role === role && orders.jump.point === point) state.offsetMs = orders.jump.byMs;
    if (isOrdered(point)) die(point);
    return point;
  }

  const strikeAt = (point) => (orders.strikes ?? []).find((strike) => strike.role === role && strike.point === point);
  const isOrdered = (point) => strikeAt(point) !== undefined;

  function die(point) {
    const { withGuard, victim, signal } = strikeAt(point);
    write({ struck: point });
    if (victim !== undefined) return kill(Number(readFileSync(victim, 'utf8')));
    if (signal !== undefined) return process.kill(process.pid, signal);
    if (withGuard) for (const pid of startedGuards()) kill(pid);
    kill(process.pid);
    // The signal has been sent to ourselves: nothing after this line runs.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }

  function startedGuards() {
    const lines = existsSync(orders.trace) ? readFileSync(orders.trace, 'utf8').split('\n').slice(0, -1) : [];
    return lines.map((line) => JSON.parse(line)).flatMap(({ started, is }) => (is === 'guard' ? [started] : []));
  }

  function fail(name) {
    const { failure } = orders;
    if (failure === undefined || failure.role !== role) return;
    state.calls += 1;
    if (state.calls < failure.at || state.calls >= failure.at + (failure.times ?? Number.POSITIVE_INFINITY)) return;
    write({ failed: name });
    throw Object.assign(new Error(`${failure.code}: planned fault, ${name}`), { code: failure.code });
  }

  return { state, write, pass, fail, die, isOrdered };
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** One call, with the moments around it. */
export async function around(moments, name, call) {
  moments.pass('before', name);
  const value = await call();
  moments.pass('after', name);
  return value;
}

export function aroundSync(moments, name, call) {
  moments.pass('before', name);
  const value = call();
  moments.pass('after', name);
  return value;
}

/** Calls that take a while have a moment in the middle, too. */
const lengthy = {
  'archives.unpack': 20,
  'databases.snapshot': 1,
  'services.start': 15,
  'vault.encrypt': 2,
  'files.replace': 1,
  'commands.run': 120,
  'containers.load': 100,
  'containers.save': 100,
  'compose.recreate': 400,
};

/** `forever`: a file that makes a hook go on writing. */
export function decoratePorts(moments, ports, failureOf, forever) {
  const on = (host) => {
    const real = ports.on(host);
    const acts = Object.fromEntries(
      Object.entries(real.acts).map(([group, methods]) => [group, decorateGroup(moments, group, methods, failureOf, forever)]),
    );
    return { ...real, acts };
  };
  return { ...ports, on };
}

function decorateGroup(moments, group, methods, failureOf, forever) {
  const wrapped = { ...methods };
  for (const [method, real] of Object.entries(methods)) {
    if (typeof real !== 'function') continue;
    wrapped[method] = (...given) => {
      const name = `${moments.state.step}: ${group}.${method}${subjectOf(given)}`;
      return around(moments, name, () => {
        failing(moments, name, failureOf);
        const middle = `during ${name}`;
        if (lengthy[`${group}.${method}`] !== undefined && moments.isOrdered(middle)) {
          if (group === 'commands') writeFileSync(forever, '');
          setTimeout(() => moments.die(middle), lengthy[`${group}.${method}`]);
        }
        return real.apply(methods, given);
      });
    };
  }
  return wrapped;
}

/** A failing disk is told in the words of the adapters: they turn the system's code into a refusal. */
function failing(moments, name, failureOf) {
  try {
    moments.fail(name);
  } catch (error) {
    throw failureOf(error, name);
  }
}

/** Names must be the same in every run: the end of a path without what differs between runs, or a signal; never what is written. */
function subjectOf(given) {
  const words = given.filter((value) => typeof value === 'string' && /^(\/[^\n]*|SIG[A-Z]+)$/.test(value));
  const last = words.at(-1);
  return last === undefined ? '' : ` ${basename(last).replace(/^\d{8}T\d{6}Z-[\w-]+?-router/, '<backup>')}`;
}

export function decorateJournal(moments, journal, failureOf) {
  return {
    ...journal,
    append(body) {
      const { step = '', phase = '', name = '', way = '' } = body.data;
      if (body.type === 'change-intent') moments.state.step = step;
      if (body.type === 'revert-intent') moments.state.step = `back ${step}`;
      if (body.type === 'undo-checked' && !moments.state.step.startsWith('back')) moments.state.step = step;
      const words = ['event', body.type, step === '' ? phase : step, name, way === 'back' ? 'back' : '']
        .filter((word) => word !== '')
        .join(' ');
      return aroundSync(moments, words, () => {
        failing(moments, words, failureOf);
        return journal.append(body);
      });
    },
  };
}
