// What a target keeps secret: the references that it names, and what lies in its env and license files. One reading for the masker,
// which must not say it, and for whoever asks whether something else holds it.
import { readEnvFile } from './env-file.js';
import { RouterctlError } from './errors.js';
import type { FileReads } from './ports/files.js';
import { isSecretVariable, secretMembers } from './secret-keys.js';
import { contextRanges } from './secret-patterns.js';
import { shortestSecret } from './secret-variants.js';
import type { Component, SecretReference, Target } from './target.js';

export interface FileSecret {
  /** Where it lies: `path#KEY`, or the path of a license. */
  readonly label: string;
  readonly value: string;
}

export function secretReferences(target: Target): readonly SecretReference[] {
  const components = Object.values(target.components).flatMap((component) => Object.values(component.credentials));
  const upstreams = Object.values(target.upstreams).flatMap((upstream) => (upstream.credential === undefined ? [] : [upstream.credential]));
  const passphrase = target.signing?.passphrase;
  return [...new Set([...components, ...upstreams, ...(passphrase === undefined ? [] : [passphrase])])];
}

/** A file that is absent has nothing to hide, and what this user may not read cannot be said by this process either. */
export async function fileSecrets(target: Target, files: FileReads): Promise<readonly FileSecret[]> {
  const found: FileSecret[] = [];
  for (const component of Object.values(target.components)) {
    for (const path of environmentFiles(component)) {
      for (const { key, value } of readEnvFile(await textOf(files, path)).entries) {
        const secrets = secretsOf(key, value).filter(({ length }) => length >= shortestSecret);
        found.push(...secrets.map((secret) => ({ label: `${path}#${key}`, value: secret })));
      }
    }
    for (const path of [component.files.license, component.files.licenseState]) {
      if (path === undefined) continue;
      for (const [, value] of (await textOf(files, path)).matchAll(/"([^"\\]{32,})"/g))
        if (value !== undefined) found.push({ label: path, value });
    }
  }
  return found;
}

/** The value of a variable that is named like a secret, and under any name the password of a URL or a connection string. */
function secretsOf(key: string, value: string): readonly string[] {
  const passwords = contextRanges(value).flatMap(({ rule, start, end }) => {
    if (rule === 'url-user') return passwordOf(value, start, end);
    return rule === 'url-query' ? [value.slice(start, end)] : [];
  });
  const members = secretMembers(value).map(({ start, end }) => value.slice(start, end));
  const hidden = [...passwords, ...members];
  const holdsPassword = passwords.some(({ length }) => length >= shortestSecret);
  return isSecretVariable(key) || holdsPassword ? [value, ...hidden] : hidden;
}

/** As it stands in the URL and as the database gets it. One that the rest of the URL says anyway would mask ordinary words. */
function passwordOf(url: string, start: number, end: number): readonly string[] {
  const user = url.slice(start, end);
  const password = user.slice(user.indexOf(':') + 1);
  const rest = url.slice(0, start) + user.slice(0, Math.max(0, user.indexOf(':'))) + url.slice(end);
  if (rest.includes(password)) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

function environmentFiles(component: Component): readonly string[] {
  return [component.files.providerEnvironment, component.deployment?.environmentFile].filter((path) => path !== undefined);
}

async function textOf(files: FileReads, path: string): Promise<string> {
  try {
    return (await files.stat(path)) === null ? '' : await files.readText(path);
  } catch (error) {
    if (error instanceof RouterctlError && error.code === 'FILE_UNREADABLE') return '';
    throw error;
  }
}
