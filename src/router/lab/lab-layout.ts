// Where everything of a practice deployment lies below its home; fixed names, so that commands, tests and people find them.
import { join } from 'node:path';

export type LabLayout = ReturnType<typeof labLayout>;

export function labLayout(home: string) {
  const at = (...parts: string[]): string => join(home, ...parts);
  return {
    home,
    /** What `lab up` wrote down last; its presence means that the home is taken. */
    record: at('lab.json'),
    targetConfig: at('routerctl.yaml'),
    packages: at('packages'),
    versions: at('versions'),
    current: at('current'),
    program: at('current', 'bin', 'reference-router'),
    config: at('config.yaml'),
    environment: at('service.env'),
    license: at('license.json'),
    licenseState: at('license-state.json'),
    database: at('usage.sqlite'),
    callerToken: at('secrets', 'caller.token'),
    providerKey: at('secrets', 'provider.key'),
    adminPassword: at('secrets', 'admin.password'),
    signingKey: at('keys', 'signing.pem'),
    allowedSigners: at('keys', 'allowed_signers'),
    backupIdentity: at('keys', 'backup-identity.txt'),
    backups: at('backup'),
    temporary: at('tmp'),
    routerLog: at('logs', 'router.log'),
    upstreamLog: at('logs', 'upstream.log'),
    routerPid: at('run', 'router.pid'),
    upstreamPid: at('run', 'upstream.pid'),
    upstreamPort: at('run', 'upstream.port'),
  } as const;
}

/** The directories that must exist before anything is written. */
export function labDirectories(home: string): readonly string[] {
  return ['packages', 'versions', 'secrets', 'keys', 'backup', 'tmp', 'logs', 'run'].map((name) => join(home, name));
}
