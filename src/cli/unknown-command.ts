// What oclif asks when nobody knows a command: the nearest ones are named, in text and in JSON, with the exit code of wrong usage.
import type { Hook } from '@oclif/core';
import { nearestWords } from '../app/nearest-words.js';
import RouterctlHelp from './help.js';
import { printJson, printProgress } from './print.js';

const unknownCommand: Hook<'command_not_found'> = async ({ config, id, argv }) => {
  if (id === 'help') return new RouterctlHelp(config).showHelp([...(argv ?? [])]);
  const typed = id.replaceAll(':', ' ');
  const known = config.commands.filter(({ hidden }) => !hidden).map((command) => command.id.replaceAll(':', ' '));
  const near = nearestWords(typed, known);
  const message = `there is no command ${typed}`;
  const hint = near.length === 0 ? 'routerctl --help lists them' : `did you mean ${near.map((name) => `routerctl ${name}`).join(', or ')}?`;
  process.exitCode = 2;
  if (argv?.includes('--json') === true) printJson({ error: { code: 'USAGE', message, hint, details: [] }, exitCode: 2 });
  else printProgress(`error: ${message}\n  hint: ${hint}`);
};

export default unknownCommand;
