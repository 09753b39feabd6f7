// What a backup of one component consists of: its files by role, and every database that is its own or nobody's.
import { RouterctlError } from '../core/errors.js';
import type { FileFacts, FileReads } from '../core/ports/files.js';
import type { Database, Target } from '../core/target.js';
import type { ComponentSubject } from './component-subject.js';

export type BackupSource =
  | { readonly kind: 'file'; readonly name: string; readonly path: string }
  | { readonly kind: 'database'; readonly name: string; readonly path: string; readonly database: Database };

export async function backupSources(
  { name: component, component: { files: named } }: ComponentSubject,
  target: Target,
  files: FileReads,
): Promise<{ sources: readonly BackupSource[]; absent: readonly string[] }> {
  const roles = [
    { name: 'config', path: named.config, required: true },
    { name: 'provider-environment', path: named.providerEnvironment, required: true },
    { name: 'license', path: named.license, required: true },
    { name: 'license-state', path: named.licenseState, required: false },
  ];
  const sources: BackupSource[] = [];
  const absent: string[] = [];
  for (const { name, path, required } of roles) {
    if (path === undefined) continue;
    const facts = await followed(files, path);
    if (facts === null && required)
      throw new RouterctlError('FILE_MISSING', `the ${name} to back up does not exist: ${path}`, {
        hint: 'correct `files` of the component in routerctl.yaml',
      });
    if (facts !== null && facts.kind !== 'file')
      throw new RouterctlError('FILE_UNREADABLE', `the ${name} to back up is not an ordinary file: ${path}`);
    if (facts === null) absent.push(name);
    else sources.push({ kind: 'file', name, path });
  }
  for (const [name, database] of Object.entries(target.databases)) {
    if (database.component !== undefined && database.component !== component) continue;
    if ((await followed(files, database.path)) === null)
      throw new RouterctlError('DATABASE_MISSING', `the database ${name} to back up does not exist: ${database.path}`, {
        hint: 'correct `databases` in routerctl.yaml',
      });
    sources.push({ kind: 'database', name: `database-${name}`, path: database.path, database });
  }
  if (sources.length === 0)
    throw new RouterctlError('CONFIG_INVALID', `there is nothing to back up for ${component}`, {
      hint: 'name its `files` and `databases` in routerctl.yaml',
    });
  return { sources, absent };
}

export async function followed(files: FileReads, path: string): Promise<FileFacts | null> {
  const real = await files.realPath(path);
  return real === null ? null : await files.stat(real);
}
