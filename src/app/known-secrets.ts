// Every secret that a target refers to or keeps in its files, read once so that the redactor knows them before anything is said.
import { readEnvFile } from '../core/env-file.js';
import { RouterctlError } from '../core/errors.js';
import type { Ports } from '../core/ports/ports.js';
import type { Redactor } from '../core/redaction.js';
import { isSecretVariable, secretMembers } from '../core/secret-keys.js';
import { contextRanges } from '../core/secret-patterns.js';
import type { Component, SecretReference, Target } from '../core/target.js';

const SHORTEST = 8;

export function secretReferences(target: Target): readonly SecretReference[] {
  const components = Object.values(target.components).flatMap((component) => Object.values(component.credentials));
  const upstreams = Object.values(target.upstreams).flatMap((upstream) => (upstream.credential === undefined ? [] : [upstream.credential]));
  const passphrase = target.signing?.passphrase;
  return [...new Set([...components, ...upstreams, ...(passphrase === undefined ? [] : [passphrase])])];
}

/** Reads every reference; returns those that could not be read, each with its reason. */
export async function readSecrets(target: Target, ports: Ports): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const reference of secretReferences(target)) {
    try {
      await ports.secrets.read(reference);
    } catch (error) {
      if (!(error instanceof RouterctlError)) throw error;
      problems.push(error.hint === undefined ? error.message : `${error.message} (${error.hint})`);
    }
  }
  return problems;
}

/** Registers what lies in the target's env and license files; a file that is absent has nothing to hide. */
export async function registerFileSecrets(target: Target, ports: Ports, redactor: Redactor): Promise<void> {
  for (const component of Object.values(target.components)) {
    for (const path of environmentFiles(component)) {
      for (const { key, value } of readEnvFile(await textOf(ports, target.host, path)).entries)
        for (const secret of secretsOf(key, value)) if (secret.length >= SHORTEST) redactor.register(secret, `${path}#${key}`);
    }
    for (const path of [component.files.license, component.files.licenseState]) {
      if (path === undefined) continue;
      for (const value of (await textOf(ports, target.host, path)).matchAll(/"([^"\\]{32,})"/g))
        if (value[1] !== undefined) redactor.register(value[1], path);
    }
  }
}

/** The value of a variable that is named like a secret, and under any name the password of a URL or a connection string. */
function secretsOf(key: string, value: string): readonly string[] {
  const passwords = contextRanges(value).flatMap(({ rule, start, end }) => {
    if (rule === 'url-user') return passwordOf(value, start, end);
    return rule === 'url-query' ? [value.slice(start, end)] : [];
  });
  const members = secretMembers(value).map(({ start, end }) => value.slice(start, end));
  const hidden = [...passwords, ...members];
  return isSecretVariable(key) || (passwords.length > 0 && hidden.some(({ length }) => length >= SHORTEST)) ? [value, ...hidden] : hidden;
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

/** What this user may not read cannot be said by this process either. */
async function textOf(ports: Ports, host: string, path: string): Promise<string> {
  const files = ports.on(host).files;
  try {
    return (await files.stat(path)) === null ? '' : await files.readText(path);
  } catch (error) {
    if (error instanceof RouterctlError && error.code === 'FILE_UNREADABLE') return '';
    throw error;
  }
}
