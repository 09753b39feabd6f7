// Writes the files of a practice deployment: router config, environment, license, secrets, keys and routerctl.yaml. The license's
// state is the router's own to write.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashPassword } from '../access/password-hash.js';
import { writeYaml } from '../config/yaml-text.js';
import { createBackupKey, createSigningKey } from './lab-keys.js';
import type { LabLayout } from './lab-layout.js';
import { labLicense, signLicense } from './lab-license.js';

export interface LabFilesOptions {
  readonly layout: LabLayout;
  readonly version: string;
  readonly routerPort: number;
  readonly upstreamUrl: string;
}

export const labModels = ['chat-small', 'chat-large'] as const;
export const labAdministrator = 'admin';
const operator = 'operator@lab';

export async function writeLabFiles({ layout, version, routerPort, upstreamUrl }: LabFilesOptions): Promise<void> {
  const token = `rt-lab-${randomBytes(24).toString('hex')}`;
  const providerKey = `sk-lab-${randomBytes(24).toString('hex')}`;
  const password = randomBytes(24).toString('base64url');
  // As many random bits are not found by trying, however little a try costs.
  const passwordHash = await hashPassword(password, { cost: 1024 });
  const signing = createSigningKey(operator);
  const backup = await createBackupKey();
  const secret = (path: string, text: string): void => writeFileSync(path, text, { mode: 0o600 });
  secret(layout.callerToken, `${token}\n`);
  secret(layout.providerKey, `${providerKey}\n`);
  secret(layout.adminPassword, `${password}\n`);
  secret(layout.signingKey, signing.pem);
  secret(layout.backupIdentity, `${backup.identity}\n`);
  const environment = [`REFERENCE_ROUTER_VERSION=${version}`, `PRIMARY_API_KEY=${providerKey}`, ...pathToNode()];
  secret(layout.environment, `# environment of the router\n${environment.map((line) => `${line}\n`).join('')}`);
  writeFileSync(layout.allowedSigners, signing.allowedSigners);
  writeFileSync(layout.config, writeYaml(routerConfig(layout, routerPort, upstreamUrl, { token, passwordHash })), { mode: 0o640 });
  writeFileSync(layout.license, signLicense(labLicense), { mode: 0o640 });
  writeFileSync(layout.targetConfig, targetConfig(layout, routerPort, upstreamUrl, backup.recipient));
}

/** Its package looks for Node on PATH. Where that has none, as beside a routerctl that brought its own, it gets the one that runs this. */
function pathToNode(): readonly string[] {
  const ordinary = process.env['PATH'] ?? '';
  const found = ordinary.split(':').some((directory) => directory !== '' && existsSync(join(directory, 'node')));
  return found ? [] : [`PATH=${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`];
}

interface Identities {
  readonly token: string;
  readonly passwordHash: string;
}

function routerConfig(layout: LabLayout, port: number, upstreamUrl: string, { token, passwordHash }: Identities): unknown {
  const target = (modelRef: string) => ({ strategy: 'static', targets: [{ provider: 'primary', model_ref: modelRef }] });
  const price = (input: number, output: number) => ({ input_price_per_million_usd: input, output_price_per_million_usd: output });
  const grant = (object: string, action: string) => ({ subject: `basic:${labAdministrator}`, domain: '*', object, action });
  return {
    product: 'reference-router',
    listen: { host: '127.0.0.1', port },
    database: { path: layout.database },
    license: { file: layout.license, state_file: layout.licenseState },
    upstream: { connect_timeout_ms: 2000, first_byte_timeout_ms: 10_000, idle_timeout_ms: 10_000, total_timeout_ms: 60_000 },
    limits: { body_bytes: 1_048_576, drain_ms: 10_000 },
    providers: {
      primary: {
        base_url: `${upstreamUrl}/v1`,
        dialect: 'openai-chat',
        api_key_env: 'PRIMARY_API_KEY',
        models: { small: { model: 'echo-1', ...price(0.5, 1.5) }, large: { model: 'echo-2', ...price(5, 15) } },
      },
    },
    models: { 'chat-small': target('small'), 'chat-large': target('large') },
    callers: [
      { id: 'lab-caller', token_id: 'tok_lab', token_sha256: createHash('sha256').update(token).digest('hex'), allow: [...labModels] },
    ],
    admin_auth: {
      users: [{ username: labAdministrator, password_hash: passwordHash }],
      policy: [grant('admin:reports', 'read|export|drilldown'), grant('admin:license', 'read'), grant('metrics', 'read')],
    },
  };
}

function targetConfig(layout: LabLayout, routerPort: number, upstreamUrl: string, recipient: string): string {
  const router = {
    url: `http://127.0.0.1:${routerPort}`,
    credentials: { caller: `file:${layout.callerToken}` },
    models: [...labModels],
    artifact: { kind: 'binary', program: 'reference-router', versions: layout.versions, current: layout.current },
    deployment: {
      kind: 'process',
      command: [layout.program, 'serve', '--config', layout.config],
      directory: layout.home,
      environmentFile: layout.environment,
      pidFile: layout.routerPid,
      log: layout.routerLog,
      drain: '12s',
      start: '20s',
    },
    files: { config: layout.config, providerEnvironment: layout.environment, license: layout.license, licenseState: layout.licenseState },
  };
  return writeYaml({
    routerctl: 1,
    targets: {
      lab: {
        profile: 'reference-router',
        environment: 'lab',
        root: layout.home,
        components: { router },
        databases: { usage: { kind: 'sqlite', path: layout.database, component: 'router' } },
        upstreams: { primary: { url: upstreamUrl, dialect: 'openai-chat', model: 'echo-1', credential: `file:${layout.providerKey}` } },
        backup: { directory: layout.backups, recipients: [recipient] },
        temporary: { roots: [layout.temporary] },
        policy: { guard: 'process' },
        signing: { key: layout.signingKey, identity: operator, allowedSigners: layout.allowedSigners },
      },
    },
  });
}
