import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { errorCatalogue } from '../../src/core/errors.js';
import { exitCodes } from '../../src/core/exit-code.js';
import { commandSurface, commandsPage, errorsPage, exitCodesPage } from './reference-pages.js';

const page = (name: string) => resolve('docs/reference', name);

test('the page of errors is what the code says', async () => {
  await expect(errorsPage()).toMatchFileSnapshot(page('errors.md'));
});

test('the page of exit codes is what the code says', async () => {
  await expect(exitCodesPage()).toMatchFileSnapshot(page('exit-codes.md'));
});

test('the page of commands is what the program offers', async () => {
  await expect(commandsPage(await commandSurface())).toMatchFileSnapshot(page('commands.md'));
});

test('every error ends with an exit code that exists', () => {
  const wrong = Object.entries(errorCatalogue).filter(([, { exit }]) => !(exit in exitCodes));

  expect(wrong).toEqual([]);
});

test('every command has a summary, examples that name it, and its exit codes', async () => {
  const commands = await commandSurface();
  const poor = commands.filter(
    ({ id, summary, description, examples }) =>
      summary === '' ||
      !/EXIT STATUS/.test(description) ||
      examples.length === 0 ||
      !examples.every((example) => example.includes(`routerctl ${id}`)),
  );

  expect(commands.length).toBeGreaterThan(0);
  expect(poor.map(({ id }) => id)).toEqual([]);
});

test('every exit code that a command lists exists', async () => {
  const unknown = (await commandSurface()).flatMap(({ id, description }) =>
    [...(description.split('EXIT STATUS')[1] ?? '').matchAll(/^\s*(\d+)\b/gm)]
      .filter(([, code]) => !((code ?? '') in exitCodes))
      .map(([, code]) => `${id}: ${code}`),
  );

  expect(unknown).toEqual([]);
});
