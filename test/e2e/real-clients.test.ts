import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drawPracticePicture, pictureAnswer } from '../../src/router/lab/upstream/practice-picture.js';
import { codexModels, type Proof, proveRun, withDeployment } from './client-deployment.js';
import { type ClientRun, clientRoom, findClient, runClaude, runCodex } from './real-client.js';

const codex = findClient('codex', 'CODEX_BIN');
const claude = findClient('claude', 'CLAUDE_BIN');
const here = (program: string | null, name: string): string =>
  program === null ? `skipped: ${name} is missing, bin/provision brings it; would be asked` : `${name} is answered`;

const picture = { colours: ['purple', 'orange', 'green', 'red'], digits: '9316' } as const;
const secret = `SECRET-${randomUUID()}`;
const nonce = `NONCE-${randomUUID()}`;
/** The client's last words hold the secret only when its tool ran, the provider got the result, and the client got the answer. */
const words = { prompt: `Reply with exactly: ${nonce}`, expected: nonce, requests: 1 };
const note = { prompt: 'Look into note.txt and answer.', expected: secret, requests: 2 };
const twoNotes = { prompt: 'Look into note.txt and other.txt in parallel.', expected: `other ${secret}`, requests: 2 };
const lookAtPicture = { prompt: 'Look at picture.png.', expected: pictureAnswer(picture), requests: 2, images: 1 };

interface Question extends Proof {
  readonly prompt: string;
}

interface CodexQuestion extends Question {
  readonly model?: (typeof codexModels)[number];
  readonly image?: string;
}

interface ClaudeQuestion extends Question {
  readonly bare: boolean;
}

/** What the run left in the file that a patch makes. */
async function askCodex(dialect: string, { model = 'smoke-model', prompt, image, ...proof }: CodexQuestion): Promise<string | null> {
  return withDeployment(dialect, async ({ url, token, upstream }) => {
    const room = preparedRoom();
    try {
      const shown = image === undefined ? {} : { image: join(room.work, image) };
      const run = await runCodex(codex ?? '', room, { routerUrl: url, token, model, prompt, ...shown });
      proveRun(run, upstream, proof);
      return read(join(room.work, 'p.txt'));
    } finally {
      room.remove();
    }
  });
}

async function askClaude(dialect: string, { bare, prompt, ...proof }: ClaudeQuestion): Promise<ClientRun> {
  return withDeployment(dialect, async ({ url, token, upstream }) => {
    const room = preparedRoom();
    try {
      const run = await runClaude(claude ?? '', room, { routerUrl: url, token, model: 'smoke-model', prompt, bare });
      proveRun(run, upstream, proof);
      return run;
    } finally {
      room.remove();
    }
  });
}

function preparedRoom(): ReturnType<typeof clientRoom> {
  const room = clientRoom();
  writeFileSync(join(room.work, 'note.txt'), `${secret}\n`);
  writeFileSync(join(room.work, 'other.txt'), `other ${secret}\n`);
  writeFileSync(join(room.work, 'picture.png'), drawPracticePicture(picture));
  return room;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const useRead = { ...note, prompt: 'Use Read on note.txt.' };
const useBash = { ...note, prompt: 'Use Bash to show note.txt.' };
const readPicture = { ...lookAtPicture, prompt: 'Use Read on picture.png.' };

describe.skipIf(codex === null).concurrent(`${here(codex, 'Codex')} in its own dialect`, () => {
  test('in words', async () => {
    await askCodex('openai-responses', words);
  });

  test('with two commands in one answer', async () => {
    await askCodex('openai-responses', twoNotes);
  });

  test('about a picture that came with the question', async () => {
    await askCodex('openai-responses', { ...lookAtPicture, prompt: 'What does it show?', requests: 1, image: 'picture.png' });
  });
});

describe.skipIf(codex === null).concurrent.each(['openai-responses', 'anthropic-messages', 'openai-chat'])(
  `${here(codex, 'Codex')} by a target that speaks %s`,
  (dialect) => {
    test.each(codexModels)('with a command, in the tools that it offers for %s', async (model) => {
      await askCodex(dialect, { ...note, model });
    });

    test('with a patch as the free text of a custom tool', async () => {
      const proof = { model: 'gpt-5.5', prompt: `Apply a patch that adds p.txt with ${nonce}.`, expected: 'p.txt', requests: 2 } as const;

      expect(await askCodex(dialect, proof)).toBe(`${nonce}\n`);
    });

    test('about a picture that a tool showed', async () => {
      await askCodex(dialect, lookAtPicture);
    });
  },
);

describe.skipIf(claude === null).concurrent(`${here(claude, 'Claude Code')} in its own dialect`, () => {
  test.each([true, false])('in words; bare: %s', async (bare) => {
    await askClaude('anthropic-messages', { ...words, bare });
  });

  test('with a command, bare', async () => {
    await askClaude('anthropic-messages', { ...useBash, bare: true });
  });

  test('with a file that it reads, with all its tools', async () => {
    await askClaude('anthropic-messages', { ...useRead, bare: false });
  });

  test('with two commands in one answer', async () => {
    await askClaude('anthropic-messages', { ...twoNotes, prompt: 'Use Bash to show note.txt and other.txt.', bare: true });
  });
});

describe.skipIf(claude === null).concurrent.each(['anthropic-messages', 'openai-responses', 'openai-chat'])(
  `${here(claude, 'Claude Code')} by a target that speaks %s`,
  (dialect) => {
    test('with a command, with all its tools', async () => {
      await askClaude(dialect, { ...useBash, bare: false });
    });

    test('with a file that it reads, bare', async () => {
      await askClaude(dialect, { ...useRead, bare: true });
    });

    test('about a picture that it reads', async () => {
      await askClaude(dialect, { ...readPicture, bare: true });
    });
  },
);
