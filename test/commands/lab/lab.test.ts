import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Lab, startLab } from '../../lab/lab.js';
import { asNobody } from '../../lab/nobody.js';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
let scratch: string;
let lab: Lab;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'routerctl-lab-cli-'));
  lab = await startLab();
});
afterAll(async () => {
  await lab.stop();
  rmSync(scratch, { recursive: true });
});

const routerctl = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [program, 'lab', ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });

test('up builds a deployment that says where everything is, and down stops it', async () => {
  const home = join(scratch, 'home');
  onTestFinished(async () => void (await routerctl('down', '--home', home)));
  const up = await routerctl('up', '--home', home, '--version', '1.1.0', '--json');
  const record = JSON.parse(up.stdout) as { url: string; paths: { callerToken: string } };

  expect(up.code).toBe(0);
  expect(await (await fetch(`${record.url}/version`)).json()).toMatchObject({ version: '1.1.0' });
  expect(up.stdout).not.toContain(readFileSync(record.paths.callerToken, 'utf8').trim());
  expect(await routerctl('down', '--home', home)).toMatchObject({ code: 0, stdout: 'router: stopped\nupstream: stopped\n' });
  expect(await routerctl('down', '--home', home)).toMatchObject({
    code: 0,
    stdout: 'router: was not running\nupstream: was not running\n',
  });
});

test('up tells a person where the reports are and where the password lies, and never the password', async () => {
  const home = join(scratch, 'told');
  onTestFinished(async () => void (await routerctl('down', '--home', home)));
  const { stdout } = await routerctl('up', '--home', home);
  const file = join(home, 'secrets', 'admin.password');
  const url = /^ {2}reports {7}(http:\/\/127\.0\.0\.1:\d+\/admin\/reports\/)$/m.exec(stdout)?.[1] ?? '';

  expect(stdout).toContain(`  sign in       admin, password in ${file}\n`);
  expect(stdout).not.toContain(readFileSync(file, 'utf8').trim());
  expect((await fetch(url, { headers: { accept: 'text/html' } })).status).toBe(401);
});

test('up that is told to stop while it starts leaves nothing that runs, and its deployment can be started again', async () => {
  const home = join(scratch, 'stopped');
  onTestFinished(async () => void (await routerctl('down', '--home', home)));
  const child = execFile(process.execPath, [program, 'lab', 'up', '--home', home]);
  let stderr = '';
  child.stderr?.on('data', (piece) => {
    stderr += String(piece);
  });
  // The first thing that it makes, long before anything runs.
  while (!existsSync(join(home, 'packages'))) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');

  expect([code, stderr]).toEqual([
    130,
    expect.stringContaining('told to stop while the practice deployment started; it was stopped again'),
  ]);
  expect((await routerctl('down', '--home', home)).stdout).toBe('router: was not running\nupstream: was not running\n');
  const { code: again, stdout } = await routerctl('up', '--home', home);
  expect([again, stdout]).toEqual([0, expect.stringMatching(/^reference-router 1\.0\.0 is ready on http:/)]);
});

test('a config is checked without starting it: every finding with its place, and a warning of its mode', async () => {
  const whole = readFileSync(lab.paths.config, 'utf8');
  const file = join(scratch, 'checked.yaml');
  writeFileSync(file, whole, { mode: 0o600 });
  expect(await routerctl('check-config', file)).toEqual({ code: 0, stdout: `${file} is valid\n`, stderr: '' });
  chmodSync(file, 0o644);
  expect((await routerctl('check-config', file)).stdout).toBe(
    `warning: ${file} can be read by every user of this machine (mode 0644); give it 0640 or less\n${file} is valid\n`,
  );
  writeFileSync(file, `${whole.replace('drain_ms: 10000', 'drain_ms: soon').replace('model_ref: small', 'model_ref: tiny')}unknown: 1\n`);
  const broken = await routerctl('check-config', file, '--json');

  expect(broken.code).toBe(2);
  expect(JSON.parse(broken.stdout)).toMatchObject({
    valid: false,
    digest: null,
    findings: [
      expect.stringMatching(/checked\.yaml:\d+:\d+ limits\.drain_ms: /) as string,
      expect.stringMatching(/checked\.yaml:\d+:\d+ config: unrecognized key: "unknown"/) as string,
      expect.stringMatching(
        /checked\.yaml:\d+:\d+ models\.chat-small\.targets\.0\.model_ref: provider "primary" has no model "tiny"/,
      ) as string,
    ],
  });
  expect((await routerctl('check-config', join(scratch, 'nowhere.yaml'))).code).toBe(2);
});

test('a finding about tokens or a key is said in full: nothing of it is taken for a secret', async () => {
  const file = join(scratch, 'tokens.yaml');
  const text = readFileSync(lab.paths.config, 'utf8')
    .replace('    token_id: tok_lab\n', '    token_id: tok_lab\n    budget: { day: { tokens: -1 } }\n')
    .replace('    dialect: openai-chat\n', '    dialect: openai-chat\n    headers: { Authorization: Bearer x }\n');
  writeFileSync(file, text, { mode: 0o600 });
  const { code, stdout, stderr } = await routerctl('check-config', file);

  expect(code).toBe(2);
  expect(stdout + stderr).toContain('headers: "Authorization" is not given here: the key goes into api_key, api_key_env or api_key_file');
  expect(stdout + stderr).toContain('budget.day.tokens: too small: expected number to be >=0');
});

test('a config whose administrator has no password in this environment is valid with a warning of its place', async () => {
  const file = join(scratch, 'unset.yaml');
  const text = readFileSync(lab.paths.config, 'utf8').replace(/password_hash: .*/, 'password_hash_env: NO_SUCH_HASH');
  writeFileSync(file, text, { mode: 0o600 });
  const { code, stdout } = await routerctl('check-config', file);

  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^warning: .*unset\.yaml:\d+:\d+ admin_auth\.users\.0\.password_hash_env: NO_SUCH_HASH is not set in this environment/,
  );
});

test('a home that is taken is refused with the way out', async () => {
  const { code, stderr } = await routerctl('up', '--home', lab.home);

  expect(code).toBe(2);
  expect(stderr).toBe(
    `error: the practice deployment in ${lab.home} runs already\n  hint: stop it with: routerctl lab down --home ${lab.home}\n`,
  );
});

test('a home or an output directory that is a file is refused, not tripped over', async () => {
  const file = join(scratch, 'file');
  writeFileSync(file, '');
  const hint = 'choose a directory for the package; it is made when it is not there';
  const said = async (...args: string[]) => {
    const { code, stderr } = await routerctl(...args);
    return [code, stderr];
  };

  expect(await said('up', '--home', file)).toEqual([2, `error: ${file} is not a directory\n  hint: choose a new or empty directory\n`]);
  expect(await said('up', '--home', join(file, 'x'))).toEqual([
    2,
    expect.stringMatching(/^error: .*file\/x.* cannot be used: a part of it is not a directory\n {2}hint: .*\n$/),
  ]);
  expect(await said('package', '--version', '1.0.0', '--out', file)).toEqual([2, `error: ${file} is not a directory\n  hint: ${hint}\n`]);
  expect(await said('down', '--home', file)).toMatchObject([2, expect.stringContaining('holds no practice deployment')]);
});

test('down as another user says that it did not stop what serves, or that it cannot tell', async (context) => {
  if (process.getuid?.() !== 0) return context.skip();
  const down = (): Promise<Ended> =>
    new Promise((resolve) => {
      const [file = '', ...rest] = asNobody('/', [process.execPath, program, 'lab', 'down', '--home', lab.home]);
      execFile(file, rest, { env: { PATH: process.env['PATH'], HOME: '/nonexistent' } }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      );
    });
  chmodSync(lab.home, 0o755);
  expect(await down()).toMatchObject({ code: 6, stdout: '', stderr: expect.stringContaining('it cannot be told what runs: ') });
  chmodSync(dirname(lab.paths.routerPid), 0o755);
  expect(await down()).toMatchObject({
    code: 6,
    stderr: `error: process ${lab.routerPid()} belongs to another user and was not stopped\n  hint: ask as that user, or as root\n`,
  });
  chmodSync(lab.home, 0o700);
  expect(await down()).toMatchObject({ code: 2, stderr: expect.stringMatching(/lab\.json cannot be read \(EACCES\)/) });
  expect((await fetch(`${lab.url}/readyz`)).ok).toBe(true);
});

test.each(['down', 'traffic'])('%s in a directory without a deployment says how to make one', async (command) => {
  const { code, stderr } = await routerctl(command, '--home', '/nowhere');

  expect([code, stderr]).toEqual([2, 'error: /nowhere holds no practice deployment\n  hint: make one with: routerctl lab up --home DIR\n']);
});

test('traffic prints its counts', async () => {
  const { code, stdout } = await routerctl('traffic', '--home', lab.home, '--rate', '20', '--duration', '1');

  expect(code).toBe(0);
  expect(stdout).toMatch(/^sent \d+, ok \d+, failed 0, cut 0, longest gap \d+ ms\n$/);
});

test('package writes one file and says its digest', async () => {
  const note = join(scratch, 'note.md');
  writeFileSync(note, '# A note\n');
  const made = await routerctl(
    'package',
    '--version',
    '2.0.0',
    '--out',
    scratch,
    '--arch',
    'arm64',
    '--defect',
    'cut-streams',
    '--release-note',
    note,
    '--json',
  );
  const { file, sha256 } = JSON.parse(made.stdout) as { file: string; sha256: string };

  expect([made.code, existsSync(file), sha256.length]).toEqual([0, true, 64]);
  expect(file).toBe(join(scratch, 'reference-router-2.0.0-linux-arm64.tar.gz'));
});

test.each([
  [['package', '--version', 'newest', '--out', 'x'], 'error: "newest" is not a version\n  hint: give three numbers, for example 1.1.0\n'],
  [
    ['package', '--version', '1.0.0', '--out', 'x', '--release-note', '/nowhere'],
    'error: the release note /nowhere cannot be read\n  hint: check --release-note\n',
  ],
])('lab %j is refused', async (args, message) => {
  expect(await routerctl(...args)).toMatchObject({ code: 2, stderr: message });
});

test('serve runs the router in the foreground and refuses a broken config with its place', async () => {
  const config = join(scratch, 'config.yaml');
  writeFileSync(config, 'listen: []\n');
  const { code, stderr } = await routerctl('serve', '--config', config);

  expect(code).toBe(2);
  expect(stderr).toContain(`${config}:1:9 listen: invalid input`);
});

test('upstream listens, names its port, and ends on SIGTERM with its counts', async () => {
  const portFile = join(scratch, 'port');
  const child = execFile(process.execPath, [program, 'lab', 'upstream', '--port-file', portFile]);
  let stdout = '';
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
  });
  while (!existsSync(portFile) || readFileSync(portFile, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 10));
  expect((await fetch(`http://127.0.0.1:${readFileSync(portFile, 'utf8').trim()}/healthz`)).status).toBe(200);
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');

  expect([await ended, stdout]).toEqual([0, '0 requests, 0 left by their caller\n']);
});
