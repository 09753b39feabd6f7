// `bin/quickstart` as a newcomer runs it: in a copy of this build, so that nothing of the clone is touched, with room for temporary
// files of its own, so that whatever it leaves is seen. Installing is left out: whoever runs the tests has just done it.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { begin, type Running, sh, until } from './operator.js';

let place = '';
let clone = '';
let temporary = '';

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'routerctl-newcomer-'));
  clone = join(place, 'clone');
  temporary = join(place, 'tmp');
  for (const directory of [temporary, join(place, 'home')]) mkdirSync(directory);
  for (const name of ['bin', 'dist', 'playbooks', 'package.json', 'package-lock.json'])
    cpSync(name, join(clone, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(clone, 'node_modules'));
  writeFileSync(join(clone, 'bin', 'install'), '#!/bin/sh\n');
  chmodSync(join(clone, 'bin', 'install'), 0o755);
});
afterAll(async () => {
  for (const { pid } of running()) process.kill(pid, 'SIGKILL');
  await until('nothing runs any more', () => running().length === 0);
  rmSync(place, { recursive: true, force: true });
});

const quickstart = (...args: readonly string[]): Running =>
  begin('setsid', ['--wait', join(clone, 'bin', 'quickstart'), ...args], clone, {
    PATH: process.env['PATH'],
    HOME: join(place, 'home'),
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
  });

interface Process {
  readonly pid: number;
  readonly group: number;
  readonly words: string;
}

/** Every process that was started from the copy or works below its temporary directory. */
function running(): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
        return words.includes(place) ? [{ pid: Number(name), group, words }] : [];
      } catch {
        return [];
      }
    });
}

async function expectNothingLeft(): Promise<void> {
  await until('nothing runs any more', () => running().length === 0, 20_000).catch(() => undefined);
  expect(running()).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
}

test('it shows the upgrade and the rollback, verified, and leaves nothing behind but the two reports', async () => {
  const { code, out, err } = await quickstart().ended;

  expect(code, out + err).toBe(0);
  expect(out).toMatch(/UPGRADED, VERIFIED: lab @ \S+ serves 1\.1\.0 +exit 0/);
  expect(out).toMatch(/ROLLED BACK, VERIFIED: lab @ \S+ serves 1\.1\.0 +exit 4/);
  expect(out.match(/^VERIFIED: run \S+, signed by operator@lab$/gm)).toHaveLength(2);
  expect(out.match(/downtime {2}\d+\.\d s, \d+ probes, \d+ failed/g)).toHaveLength(2);
  await expectNothingLeft();
  const lines = out
    .split('\n')
    .map((each) => each.trim())
    .filter((each) => /^(cd \.quickstart|ssh-keygen -Y verify|sha256sum -c)/.test(each));
  expect(lines).toHaveLength(3);
  expect(await sh(lines.join('\n'), clone)).toMatchObject({ ok: true });
  for (const name of ['upgrade', 'rollback']) expect(existsSync(join(clone, '.quickstart', name, 'report.html'))).toBe(true);
});

test('a second time, with --keep, the router is left running; what stops it is said, and works', async () => {
  const { code, out, err } = await quickstart('--keep').ended;

  expect(code, out + err).toBe(0);
  const stop = /^stop it with: (node .*)$/m.exec(out)?.[1] ?? '';
  expect(running().filter(({ words }) => words.includes('bin/reference-router serve'))).toHaveLength(1);
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0] ?? '';
  expect(((await (await fetch(`${url}/version`)).json()) as { version: string }).version).toBe('1.1.0');
  const stopped = await sh(stop, clone);
  expect(stopped, stopped.out).toMatchObject({ ok: true });
  await expectNothingLeft();
});

for (const [when, mark] of [
  ['while the deployment starts', /── reference router/],
  ['in the middle of the upgrade', /phase 3\/5 change/],
] as const) {
  test(`Ctrl-C ${when} stops everything that it started`, async () => {
    const newcomer = quickstart();
    let out = '';
    newcomer.child.stdout?.on('data', (data: Buffer) => {
      out += data.toString();
    });
    await until(`it says ${mark.source}`, () => mark.test(out + newcomer.err()), 90_000);
    const [leader] = running().filter(({ pid, group, words }) => pid === group && words.includes('bin/quickstart'));
    // As a terminal does it: to every process in the foreground.
    process.kill(-(leader?.group ?? Number.NaN), 'SIGINT');
    const { code, out: all, err } = await newcomer.ended;

    expect(code, all + err).toBe(130);
    await expectNothingLeft();
  });
}

test('another argument is refused before anything is started', async () => {
  const { code, err } = await quickstart('--kep').ended;

  expect(code).toBe(2);
  expect(err).toBe('error: unknown argument --kep; usage: ./bin/quickstart [--keep]\n');
  await expectNothingLeft();
});
