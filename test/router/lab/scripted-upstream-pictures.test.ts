import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ScriptedUpstream, startScriptedUpstream } from '../../../src/router/lab/scripted-upstream.js';
import {
  drawPracticePicture,
  type PictureContent,
  pictureAnswer,
  usualPicture,
} from '../../../src/router/lab/upstream/practice-picture.js';
import { say, spellings } from './upstream-spellings.js';

let upstream: ScriptedUpstream;

beforeAll(async () => {
  upstream = await startScriptedUpstream();
});
afterAll(async () => upstream.stop());

const others: readonly PictureContent[] = [
  { colours: ['purple', 'orange', 'purple', 'red'], digits: '9876' },
  { colours: ['blue', 'blue', 'blue', 'blue'], digits: '1235' },
];
const user = 'What do you see?';
const see = async (png: Buffer, which = 0): Promise<string> =>
  (await say(upstream, spellings[which] ?? spellings[0], { turns: [{ user, picture: png.toString('base64') }] })).text;

function changed(png: Buffer, change: (pixels: PNG) => void): Buffer {
  const pixels = PNG.sync.read(png);
  change(pixels);
  return PNG.sync.write(pixels);
}

test.each([usualPicture, ...others])('colours and digits of %j are read from the pixels, in every dialect', async (content) => {
  const told = await Promise.all(spellings.map((_, which) => see(drawPracticePicture(content), which)));

  expect(told).toEqual(spellings.map(() => pictureAnswer(content)));
  expect(pictureAnswer(content)).toBe(`The squares are ${content.colours.join(', ')}; the digits are ${[...content.digits].join(' ')}.`);
});

test('a picture that was packed anew is the same, and one with a pixel changed is not', async () => {
  const png = drawPracticePicture();
  const anew = changed(png, () => undefined);
  const spotted = changed(png, ({ data }) => data.fill(128, 0, 4));

  expect(await see(anew)).toBe(pictureAnswer());
  expect(await see(spotted)).toBe(`${pictureAnswer()} 1 pixels do not belong there.`);
});

test('another picture, and bytes that are none, get other answers', async () => {
  const blank = PNG.sync.write(new PNG({ width: 20, height: 10 }));

  expect(await see(blank)).toBe('I see a picture of 20 x 10 pixels that I do not know.');
  expect(await see(Buffer.from('no picture'))).toBe('I was given a picture (image/png) that is no readable PNG.');
});

test('a question without its picture is answered like every other', async () => {
  expect((await say(upstream, spellings[0], { turns: [{ user }] })).text).toBe('You wrote 4 words: What do you see?');
});

test('a picture is counted by its size, the same in every dialect', async () => {
  const picture = drawPracticePicture().toString('base64');
  const small = PNG.sync.write(new PNG({ width: 20, height: 10 })).toString('base64');
  const counts = await Promise.all(
    spellings.map(async (spelling) => {
      const inputs = [undefined, picture, small].map(async (each) => {
        const turn = each === undefined ? { user } : { user, picture: each };
        return (await say(upstream, spelling, { turns: [turn] })).usage?.input ?? 0;
      });
      const [without = 0, large = 0, little = 0] = await Promise.all(inputs);
      return [large - without, little - without];
    }),
  );

  expect(counts).toEqual(spellings.map(() => [70 + 48, 70 + 1]));
});

test('a picture by address is not fetched', async () => {
  const content = [
    { type: 'text', text: user },
    { type: 'image_url', image_url: { url: 'https://example.com/x.png' } },
  ];
  const answer = await fetch(`${upstream.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: JSON.stringify({ model: 'echo-1', messages: [{ role: 'user', content }] }),
  });

  expect(await answer.text()).toContain('the address of a picture, and I fetch none');
});
