#!/usr/bin/env node
import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute, Plugin, settings } from '@oclif/core';

// With NODE_ENV=test or development oclif would look for TypeScript sources and warn; what runs is always what was built.
settings.enableAutoTranspile = false;

// oclif asks Node for the user's shell, and Node throws where the system has no name for the user, as in a container with --user.
try {
  userInfo();
} catch {
  process.env['SHELL'] ??= '/bin/sh';
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const writtenMs = (path) => statSync(`${root}/${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The commands as they were built, each one loaded: right after a bare `tsc`, when the list of an earlier build may be wrong. */
async function asBuilt() {
  const plugin = new Plugin({ root, isRoot: true, ignoreManifest: true });
  await plugin.load();
  return { plugins: new Map([[plugin.name, plugin]]) };
}

// An installed package has no build record, and its list is always right.
const isListed = writtenMs('oclif.manifest.json') >= writtenMs('dist/.tsbuildinfo');

await execute({ loadOptions: { root, ...(isListed ? {} : await asBuilt()) } });
