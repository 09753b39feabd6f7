// The command line with a redactor that does nothing: the control of the leak tests, which must find here what they do not find elsewhere.
import { fileURLToPath } from 'node:url';
import { execute, settings } from '@oclif/core';
import { useRedactor } from '../../dist/src/cli/process-redactor.js';

settings.enableAutoTranspile = false;
useRedactor({
  register: () => undefined,
  mask: (text) => text,
  scan: () => [],
  ranges: () => [],
  longest: () => 0,
  counts: () => ({}),
});

await execute({ loadOptions: { root: fileURLToPath(new URL('../..', import.meta.url)) } });
