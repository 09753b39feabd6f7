import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { registerFileSecrets } from '../../src/app/known-secrets.js';
import type { Ports } from '../../src/core/ports/ports.js';
import { createRedactor } from '../../src/core/redaction.js';
import { openRoom } from '../checks/check-room.js';

const room = openRoom();

/** The labels by which these texts are known after the file was read. */
async function known(file: string, ...texts: readonly string[]): Promise<readonly (readonly string[])[]> {
  const path = join(room.directory, '.env');
  writeFileSync(path, file);
  const redactor = createRedactor();
  await registerFileSecrets(room.target({}, { files: { providerEnvironment: path } }), room.ports as Ports, redactor);
  return texts.map((text) => redactor.scan(`before ${text} after`).map((label) => label.replace(/^.*_env_/, '')));
}

test.each([
  ['DB_PASS=correct-horse', 'correct-horse'],
  ['OPENAI_KEY_2=0f1e2d3c4b5a', '0f1e2d3c4b5a'],
  ['OPENAI_KEY_EU=0f1e2d3c4b5a', '0f1e2d3c4b5a'],
  ['OPENAI_KEY2=0f1e2d3c4b5a', '0f1e2d3c4b5a'],
  ['MYSQL_PWD=correct-horse', 'correct-horse'],
  ['SLACK_WEBHOOK=https://hooks.test/T0/B0/x9x9', 'https://hooks.test/T0/B0/x9x9'],
  ['DATABASE_URL=postgres://router:Pa%21ss-word@db/x', 'postgres://router:Pa%21ss-word@db/x'],
  ['DATABASE_URL=postgres://router:Pa%21ss-word@db/x', 'Pa!ss-word'],
  ['CACHE=redis://:correct-horse@cache:6379', 'correct-horse'],
  ['CONNECTION="host=db user=router password=correct-horse"', 'correct-horse'],
  ['CONNECTION="Server=db;Uid=sa;Pwd=correct-horse;"', 'correct-horse'],
  ['ENDPOINT=https://api.test/v1?api_key=correct-horse&x=1', 'correct-horse'],
])('%s makes its secret known', async (line, secret) => {
  expect((await known(`${line}\n`, secret))[0]).not.toEqual([]);
});

test.each([
  ['OPENAI_KEY_FILE=/run/secrets/openai', '/run/secrets/openai'],
  ['CACHE_KEY_PREFIX=reference-router', 'reference-router'],
  ['DATABASE_URL=postgres://postgres:postgres@postgres/x', 'postgres'],
  ['UPSTREAM=https://api.test/v1/chat', 'https://api.test/v1/chat'],
  ['COMPASS=north-by-west', 'north-by-west'],
  ['MONKEY=north-by-west', 'north-by-west'],
])('%s holds nothing that must not be said', async (line, text) => {
  expect((await known(`${line}\n`, text))[0]).toEqual([]);
});
