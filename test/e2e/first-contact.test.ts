// The first contact with a router that runs: what `init` recognises, what it writes, and that it changes nothing and says no secret.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { leaksBelow, leaksIn } from '../cli/leaks.js';
import { practicePackage } from '../lab/lab.js';
import { runBySystemd, type SystemdLab } from '../lab/systemd-lab.js';
import { hasPrivateSystemd, type PrivateSystemd, saySkipped, startPrivateSystemd } from '../parts/private-systemd.js';
import { type Operator, operator, program, type Said, sha256, until } from './operator.js';

saySkipped();

interface Written {
  readonly targets: Readonly<
    Record<string, { readonly components: { readonly router: Readonly<Record<string, unknown>> }; readonly databases: unknown }>
  >;
}

const written = (path: string) => {
  const [target] = Object.values((parse(readFileSync(path, 'utf8')) as Written).targets);
  if (target === undefined) throw new Error('no target was written');
  return target;
};

/** Every file below a directory with its digest, and every link with where it leads. */
function bytesOf(directory: string, but: RegExp): Readonly<Record<string, string>> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries.flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      if (but.test(relative(directory, path)) || entry.isDirectory()) return [];
      return [[relative(directory, path), entry.isSymbolicLink() ? readlinkSync(path) : `${sha256(path)} ${statSync(path).mode}`]];
    }),
  );
}

const lifeOf = (pid: number): readonly string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return [`start ${stat[19] ?? ''}`, ...['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1'))];
};

/** With the token of the caller and somewhere for backups: nothing is left to fill in before a plan. */
function whole(me: Operator): readonly string[] {
  const recipient = /age1\w+/.exec(readFileSync(me.lab.paths.targetConfig, 'utf8'))?.[0] ?? '';
  return ['--key', `file:${me.lab.paths.callerToken}`, '--backup-dir', me.lab.paths.backups, '--recipient', recipient];
}

describe('a router that is a plain process', () => {
  let me: Operator;
  let file: string;
  let said: Said;
  let before: { readonly bytes: unknown; readonly life: readonly string[] };
  // The router writes these whenever it likes.
  const own = /^(logs|usage\.sqlite)/;

  beforeAll(async () => {
    me = await operator();
    file = join(me.desk, 'first.yaml');
    before = { bytes: bytesOf(me.lab.home, own), life: lifeOf(me.lab.routerPid()) };
    said = await me.routerctl('init', '--url', me.lab.url, ...whole(me), '-o', file);
  });
  afterAll(() => me.leave());

  test('is described as its own config describes it', () => {
    const { router } = written(file).components;
    const { lab } = (parse(readFileSync(me.lab.paths.targetConfig, 'utf8')) as Written).targets;
    const { files, artifact, deployment, url } = lab?.components.router ?? {};
    const { environmentFile, pidFile, log, directory } = deployment as Readonly<Record<string, unknown>>;

    expect(said.code, said.out + said.err).toBe(0);
    expect(router).toMatchObject({ url, artifact, files, deployment: { kind: 'process', environmentFile, pidFile, log, directory } });
    expect(written(file).databases).toEqual(lab?.databases);
  });

  test('every fact is told with how it was recognised', () => {
    for (const line of [
      `process    pid ${me.lab.routerPid()} (it listens on port ${new URL(me.lab.url).port})`,
      'reference-router 1.0.0, profile reference-router (its /version and /readyz)',
      `link       ${me.lab.paths.current} (it points to 1.0.0)`,
      `env file   ${me.lab.paths.environment} (process ${me.lab.routerPid()} was started with all 2 of its variables)`,
      `config     ${me.lab.paths.config} (its arguments)`,
      `license    ${me.lab.paths.license} (license.file of the config)`,
      `database   ${me.lab.paths.database} (open in process ${me.lab.routerPid()})`,
      `pid file   ${me.lab.paths.routerPid} (holds ${me.lab.routerPid()})`,
    ])
      expect(said.out).toContain(line);
  });

  test('nothing of it has changed: no file, and the process lives on as it was', () => {
    expect({ bytes: bytesOf(me.lab.home, own), life: lifeOf(me.lab.routerPid()) }).toEqual(before);
  });

  test('no secret of its environment or its caller is said or written', () => {
    const provider = readFileSync(me.lab.paths.providerKey, 'utf8').trim();
    const secrets = { provider, token: me.lab.token };

    expect(lifeOf(me.lab.routerPid()).join('')).toContain(provider);
    expect(leaksIn(said.out + said.err, secrets)).toEqual([]);
    expect(leaksBelow(me.desk, secrets, () => false)).toMatchObject({ leaks: [], loose: [] });
  });

  test('what was written is planned with at once', async () => {
    const to = await practicePackage({ version: '1.1.0' });
    const planned = await me.routerctl('plan', 'upgrade', '--config', file, '--to', to);

    expect(planned.code, planned.out + planned.err).toBe(0);
    expect(planned.out).toContain('1.1.0');
  });

  test('and the doctor finds nothing in its way but what nobody could guess: a key to sign with', async () => {
    const { code, out, err } = await me.routerctl('doctor', '--config', file, '--json');
    const { findings } = JSON.parse(out) as { readonly findings: readonly { readonly name: string; readonly status: string }[] };

    expect(code, out + err).toBe(0);
    expect(findings.filter(({ status }) => !['pass', 'skip'].includes(status))).toMatchObject([{ name: 'signing', status: 'warn' }]);
  });

  test('a file that is there is not touched', async () => {
    const digest = sha256(file);
    const { code, err } = await me.routerctl('init', '--url', me.lab.url, '-o', file);

    expect([code, sha256(file)]).toEqual([2, digest]);
    expect(err).toContain('is there already; nothing was written');
    expect(err).toContain('routerctl init -o FILE');
  });

  test('of two that answer below a directory each is listed with the command that chooses it, and that command does', async () => {
    const other = join(me.desk, 'chosen.yaml');
    const asked = await me.routerctl('init', '-o', other);
    const command =
      asked.err
        .split('\n')
        .find((line) => line.includes(`, ${me.lab.url}, `))
        ?.split(': routerctl ')[1] ?? '';
    const chosen = await me.routerctl(...command.split(' '));

    expect(asked.code, asked.out + asked.err).toBe(2);
    expect(asked.err).toContain('2 routers run here');
    expect(chosen.code, chosen.out + chosen.err).toBe(0);
    expect(written(other).components.router['url']).toBe(me.lab.url);
  });

  test('its pid file leads to it, too', async () => {
    const other = join(me.desk, 'by-pid.yaml');
    const { code, out, err } = await me.routerctl('init', '--pid-file', me.lab.paths.routerPid, '-o', other);

    expect(code, out + err).toBe(0);
    expect(written(other).components.router).toMatchObject({ url: me.lab.url, deployment: { pidFile: me.lab.paths.routerPid } });
    expect(out).toContain('credentials.caller in that file');
  });

  test.each([
    ['the URL of a guide', { ROUTER_BASE_URL: 'https://llm-api.example.com' }, 2, 'is the placeholder of a guide'],
    ['the token of a guide', { ROUTER_TOKEN: 'replace-with-router-token' }, 6, 'holds the placeholder of a guide'],
    ['a port on which nobody listens', { ROUTER_BASE_URL: 'http://127.0.0.1:9' }, 7, 'tried http://127.0.0.1:9: nothing there answers'],
  ])('%s is refused, and nothing is written', async (_what, env, exit, words) => {
    const other = join(me.desk, 'refused.yaml');
    const { code, err } = await runWith(env, me, 'init', '-o', other);

    expect(code, err).toBe(exit);
    expect(err).toContain(words);
    expect(readdirSync(me.desk)).not.toContain('refused.yaml');
  });

  test('a compose project is said to be found and not described, rather than half described', async () => {
    const project = join(me.desk, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'docker-compose.yml'), 'services: { router: { image: llm-router } }\n');
    const there = await me.routerctl('init', '--compose', project, '-o', join(project, 'x.yaml'));
    const none = await me.routerctl('init', '--compose', me.desk, '-o', join(project, 'x.yaml'));

    expect([there.code, none.code, readdirSync(project)]).toEqual([7, 7, ['docker-compose.yml']]);
    expect(there.err).toContain(`found the compose project of ${project}/docker-compose.yml, which init cannot describe yet`);
    expect(none.err).toContain('holds no compose project');
  });

  test('where nothing runs, it says what was tried', async () => {
    const empty = join(me.desk, 'empty');
    mkdirSync(empty);
    const { code, err } = await me.routerctl('init', '--root', empty, '-o', join(empty, 'x.yaml'));

    expect(code, err).toBe(7);
    expect(err).toMatch(new RegExp(`tried processes that listen, with their program or working directory below ${empty}: 0 of \\d+`));
  });
});

function runWith(env: NodeJS.ProcessEnv, me: Operator, ...args: readonly string[]): Promise<Said> {
  const child = spawn(process.execPath, [program, ...args], { cwd: me.lab.home, env: { ...me.env, ...env } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  return new Promise((done) => child.on('close', (code) => done({ code, out, err })));
}

describe('a router of another make, without any layout', () => {
  const canary = 'sk-canary-0123456789abcdef0123456789';
  let me: Operator;
  let child: ChildProcess;
  let url: string;

  beforeAll(async () => {
    me = await operator();
    const home = join(me.desk, 'foreign');
    mkdirSync(home);
    writeFileSync(join(home, 'serve.js'), foreign);
    child = spawn(process.execPath, [join(home, 'serve.js'), '--api-key', canary], {
      cwd: home,
      env: { PATH: process.env['PATH'], MASTER_SECRET: `${canary}-in-the-environment` },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let told = '';
    child.stdout?.on('data', (data: Buffer) => (told += data.toString()));
    await until('it listens', () => told.includes('\n'));
    url = `http://127.0.0.1:${told.trim()}`;
  });
  afterAll(async () => {
    child.kill('SIGKILL');
    await me.leave();
  });

  test('its arguments are not written down, and what a restart would lose is named without its value', async () => {
    const file = join(me.desk, 'foreign.yaml');
    const { code, out, err } = await me.routerctl('init', '--url', url, '-o', file);

    expect(code, out + err).toBe(0);
    expect(out).toContain('LiteLLM 1.80.0, profile openai-compatible (/health/liveliness)');
    expect(out).toContain('its arguments hold what looks like a secret');
    expect(out).toContain('which a restart would lose: MASTER_SECRET');
    expect(written(file).components.router).not.toHaveProperty('deployment');
    expect(out + err + readFileSync(file, 'utf8')).not.toContain('canary');
  });
});

/** What LiteLLM answers without a token, by its published routes. */
const foreign = `
const answers = { '/health/liveliness': "I'm alive!", '/health/readiness': { status: 'healthy', litellm_version: '1.80.0' } };
const server = require('node:http').createServer(({ url }, response) => {
  const answer = answers[url];
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ?? { detail: 'Not Found' }));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

describe.runIf(hasPrivateSystemd)('a router that systemd runs', () => {
  let systemd: PrivateSystemd;
  let me: Operator;
  let router: SystemdLab;
  beforeAll(async () => {
    systemd = await startPrivateSystemd();
    me = await operator({ enter: systemd.enter });
    router = await runBySystemd(me.lab, systemd);
  });
  afterAll(async () => {
    await systemd.stop();
    await me.leave();
  });

  const expected = () => ({
    url: me.lab.url,
    artifact: { kind: 'binary', program: 'reference-router', versions: me.lab.paths.versions, current: me.lab.paths.current },
    deployment: { kind: 'systemd', unit: router.unit, environmentFile: me.lab.paths.environment },
  });

  test('is found by its port, described by its unit, planned with at once, and neither restarted nor changed', async () => {
    const file = join(me.desk, 'by-port.yaml');
    const before = [sha256(router.unitFile), router.show('MainPID'), router.show('NRestarts'), router.show('StateChangeTimestamp')];
    const { code, out, err } = await me.routerctl('init', '--url', me.lab.url, ...whole(me), '-o', file);
    const planned = await me.routerctl('plan', 'upgrade', '--config', file, '--to', await practicePackage({ version: '1.1.0' }));

    expect(code, out + err).toBe(0);
    expect(out).toContain(`unit       ${router.unit} (system, active) (its main process is ${router.show('MainPID')})`);
    expect(out).toContain(`${me.lab.paths.environment} (EnvironmentFile= of the unit)`);
    expect(written(file).components.router).toMatchObject(expected());
    const doctor = await me.routerctl('doctor', '--config', file, '-v');

    expect(doctor.code, doctor.out + doctor.err).toBe(0);
    expect(doctor.out).toMatch(/✓ process +pid \d+ since/);
    expect(planned.code, planned.out + planned.err).toBe(0);
    expect(planned.out).toContain(router.unit);
    expect([sha256(router.unitFile), router.show('MainPID'), router.show('NRestarts'), router.show('StateChangeTimestamp')]).toEqual(
      before,
    );
  });

  test('is found by the name of its unit, with or without its ending', async () => {
    const file = join(me.desk, 'by-unit.yaml');
    const { code, out, err } = await me.routerctl('init', '--unit', router.unit.replace('.service', ''), '-o', file);

    expect(code, out + err).toBe(0);
    expect(written(file).components.router).toMatchObject(expected());
  });

  test('a unit that nobody knows is told, and nothing is written', async () => {
    const file = join(me.desk, 'no-unit.yaml');
    const { code, err } = await me.routerctl('init', '--unit', 'not-there', '-o', file);

    expect([code, readdirSync(dirname(file)).includes('no-unit.yaml')]).toEqual([7, false]);
    expect(err).toContain('knows the unit not-there.service');
  });
});
