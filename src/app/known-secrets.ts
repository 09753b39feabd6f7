// Every secret that a target refers to or keeps in its files, read once so that the redactor knows them before anything is said.
import { readEnvFile } from '../core/env-file.js';
import { RouterctlError } from '../core/errors.js';
import type { Ports } from '../core/ports/ports.js';
import type { Redactor } from '../core/redaction.js';
import type { Component, SecretReference, Target } from '../core/target.js';

const SECRET_KEY = /(secret|passw(or)?d|credential|private|access_?key|api_?key|token|_key$|^key$|dsn|auth)/i;
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
        if (SECRET_KEY.test(key) && value.length >= SHORTEST) redactor.register(value, `${path}#${key}`);
    }
    for (const path of [component.files.license, component.files.licenseState]) {
      if (path === undefined) continue;
      for (const value of (await textOf(ports, target.host, path)).matchAll(/"([^"\\]{32,})"/g))
        if (value[1] !== undefined) redactor.register(value[1], path);
    }
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
