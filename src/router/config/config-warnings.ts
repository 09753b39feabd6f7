// What a router takes a config with, and a person should know: files that are too open, and administrators who cannot sign in. The
// environment is asked here and not with the schema, since who checks a file need not have the environment of the router.
import { parsePasswordHash } from '../access/password-hash.js';
import type { ConfigFinding, RouterConfig } from './config.js';
import type { LoadedConfig } from './config-file.js';
import { modeWarnings } from './file-modes.js';

type Environment = Readonly<Record<string, string | undefined>>;

export function configWarnings(file: string, { config, report }: LoadedConfig, environment: Environment): readonly string[] {
  return [...passwordsNotThere(config, environment).map(report), ...modeWarnings(file, config)];
}

function passwordsNotThere({ admin_auth: { users } }: RouterConfig, environment: Environment): readonly ConfigFinding[] {
  return users.flatMap(({ username, password_hash_env: variable }, index) => {
    if (variable === undefined) return [];
    const text = environment[variable] ?? '';
    if (parsePasswordHash(text) !== null) return [];
    const what = text === '' ? 'is not set in this environment' : 'does not hold a scrypt hash as lab hash-password prints it';
    const path = ['admin_auth', 'users', index, 'password_hash_env'];
    return [{ path, message: `${variable} ${what}; "${username}" cannot sign in` }];
  });
}
