import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askWhich } from '../../src/ui/ask.js';

async function asked(answer: string, isTty = true): Promise<{ readonly index: number | null; readonly said: string }> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(answer);
  const index = await askWhich('Which one?', ['unit a.service', 'unit b.service'], { input, output, isTty });
  return { index, said: String(output.read() ?? '') };
}

test('the number of a line chooses it, and the lines are shown first', async () => {
  expect(await asked('2\n')).toEqual({ index: 1, said: '  1  unit a.service\n  2  unit b.service\nWhich one? [1-2] ' });
});

test.each(['', '0\n', '3\n', 'b\n', '-1\n'])('the answer %j chooses nothing', async (answer) => {
  expect((await asked(answer)).index).toBeNull();
});

test('without a terminal nobody is asked', async () => {
  expect(await asked('1\n', false)).toEqual({ index: null, said: '' });
});
