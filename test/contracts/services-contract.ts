// What holds for the services of a host whatever they are deployed as; each adapter is held to it.
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { procStat } from '../../src/adapters/proc.js';
import type { ProcessIdentity, ServiceActs, ServiceReads } from '../../src/core/ports/service-processes.js';

export interface MadeService<Spec> {
  readonly service: Spec;
  /** The script that it runs, by a path without links. */
  readonly program: string;
  readonly log: string;
}

export interface Bench<Spec> {
  readonly services: ServiceReads<Spec> & ServiceActs<Spec>;
  /** One that is not running, and that prints `up` as its first word. */
  make(): MadeService<Spec>;
  onStart(service: Spec, identity: ProcessIdentity): void;
}

export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((done) => setTimeout(done, 10));
}

export function servicesContract<Spec>(what: string, bench: Bench<Spec>): void {
  const { services } = bench;
  const ids = async (service: Spec): Promise<number[]> => (await services.find(service)).map(({ pid }) => pid);
  const start = async (service: Spec, before: readonly ProcessIdentity[] = []): Promise<ProcessIdentity> => {
    const identity = await services.start(service, before);
    bench.onStart(service, identity);
    return identity;
  };
  const words = (log: string): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');

  test(`${what}: one that was started is found, with its program, and its last words are told`, async () => {
    const { service, program, log } = bench.make();
    expect(await services.find(service)).toEqual([]);
    const identity = await start(service);
    await until(async () => (await services.find(service))[0]?.program !== null && words(log).includes('up'));
    expect(await services.find(service)).toMatchObject([{ ...identity, program: { path: program }, foreignUid: null }]);
    expect(await services.family(service, [identity])).toEqual([{ ...identity, topmost: true }]);
    const tail = await services.logTail(service, 1);
    expect(tail.lines).toEqual([words(log).trim().split('\n').at(-1)]);
    expect(tail.command).toContain('-n 50');
  });

  test(`${what}: starting a running service returns the running one`, async () => {
    const { service } = bench.make();
    const first = await start(service);
    expect(await start(service)).toEqual(first);
    expect(await ids(service)).toEqual([first.pid]);
  });

  test(`${what}: of many starts at once exactly one process comes`, async () => {
    const { service } = bench.make();
    const identities = await Promise.all(Array.from({ length: 8 }, () => start(service)));
    expect(new Set(identities.map(({ pid }) => pid)).size).toBe(1);
    expect(await ids(service)).toEqual([identities[0]?.pid]);
  });

  test(`${what}: a signal reaches that very process or nobody`, async () => {
    const { service } = bench.make();
    const identity = await start(service);
    await services.signal(service, { ...identity, startTicks: identity.startTicks - 1 }, 'SIGKILL');
    expect(await services.isAlive(identity)).toBe(true);
    await services.signal(service, identity, 'SIGTERM');
    await until(async () => !(await services.isAlive(identity)));
    expect(await services.find(service)).toEqual([]);
    expect(await services.family(service, [identity])).toEqual([]);
    await services.signal(service, identity, 'SIGKILL');
    const fresh = await start(service, [identity]);
    expect(fresh).not.toEqual(identity);
    expect(await services.family(service, [identity])).toEqual([]);
    await services.signal(service, identity, 'SIGTERM');
    expect(await ids(service)).toEqual([fresh.pid]);
  });

  test(`${what}: one that ignores SIGTERM is killed by SIGKILL, with its children, and stays dead`, async () => {
    const { service, program } = bench.make();
    writeFileSync(
      program,
      '#!/bin/sh\ntrap "" TERM\nsh -c "trap \\"\\" TERM; while :; do sleep 0.1; done" &\nwhile :; do sleep 0.1; done\n',
    );
    const identity = await start(service);
    await until(async () => (await services.family(service, [identity])).length >= 3);
    await services.signal(service, identity, 'SIGTERM');
    await new Promise((done) => setTimeout(done, 200));
    expect(await services.isAlive(identity)).toBe(true);
    for (const member of await services.family(service, [identity])) await services.signal(service, member, 'SIGKILL');
    await until(async () => (await services.family(service, [identity])).length === 0);
    await new Promise((done) => setTimeout(done, 400));
    expect(await services.find(service)).toEqual([]);
  });

  test(`${what}: one that could not be started is told before it is stopped`, async () => {
    const { service, program } = bench.make();
    expect(await services.startable(service)).toEqual({ program });
    await start(service);
    unlinkSync(program);
    expect(await services.startable(service)).toMatchObject({ problem: expect.stringContaining('does not exist') as string });
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o644 });
    expect(await services.startable(service)).toMatchObject({ problem: expect.stringContaining('is not executable') as string });
  });

  test(`${what}: open connections to its port are counted`, async () => {
    const { service, program } = bench.make();
    const file = join(dirname(program), 'port');
    const tell = `require('node:fs').writeFileSync(${JSON.stringify(file)}, String(server.address().port))`;
    writeFileSync(
      program,
      `#!/usr/bin/env node\nconst server = require('node:net').createServer().listen(0, '127.0.0.1', () => ${tell});\n`,
    );
    const identity = await start(service);
    await until(() => words(file) !== '');
    expect(await services.connections(identity)).toBe(0);
    const sockets = [connect(Number(words(file)), '127.0.0.1'), connect(Number(words(file)), '127.0.0.1')];
    await until(async () => (await services.connections(identity)) === 2);
    for (const socket of sockets) socket.destroy();
    expect(procStat(identity.pid)).not.toBeNull();
  });
}
