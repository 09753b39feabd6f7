// The built-in picture: four coloured squares above four seven-segment digits. Drawn by code, so that anyone can make it again,
// and read back pixel by pixel, so that a picture that was dropped, altered or replaced on its way gets another answer.
import type { Picture } from './asked.js';
import { type Pixels, pixelsOf, pngOf } from './png-pixels.js';

const palette = {
  red: [220, 40, 40],
  green: [40, 160, 60],
  blue: [40, 80, 220],
  yellow: [240, 210, 40],
  purple: [140, 50, 180],
  orange: [240, 130, 20],
  black: [0, 0, 0],
  white: [255, 255, 255],
} as const;
type Colour = keyof typeof palette;
export const pictureColours = ['red', 'green', 'blue', 'yellow', 'purple', 'orange'] as const satisfies readonly Colour[];

export interface PictureContent {
  /** Four of `pictureColours`, from left to right. */
  readonly colours: readonly (typeof pictureColours)[number][];
  /** Four decimal digits. */
  readonly digits: string;
}

const width = 200;
const height = 120;
const cell = 50;
/** Seven segments of a digit as rectangles in its cell: x, y, width, height; top, two upper, middle, two lower, bottom. */
const segments = [
  [12, 4, 26, 6],
  [8, 10, 6, 20],
  [36, 10, 6, 20],
  [12, 30, 26, 6],
  [8, 36, 6, 20],
  [36, 36, 6, 20],
  [12, 56, 26, 6],
] as const;
const litSegments = ['1110111', '0010010', '1011101', '1011011', '0111010', '1101011', '1101111', '1010010', '1111111', '1111011'];
const digitsTop = 52;

export const usualPicture: PictureContent = { colours: ['red', 'green', 'blue', 'yellow'], digits: '4072' };

/** The picture as PNG bytes; equal content gives equal pixels. */
export function drawPracticePicture(content: PictureContent = usualPicture): Buffer {
  return pngOf(paint(content));
}

/** What is answered about a picture with this content, and about no other. */
export function pictureAnswer({ colours, digits }: PictureContent = usualPicture): string {
  return `The squares are ${colours.join(', ')}; the digits are ${[...digits].join(' ')}.`;
}

/** Says what a picture shows, from its pixels. */
export function describePicture(picture: Picture): string {
  if (picture.mediaType === 'remote') return 'I was given the address of a picture, and I fetch none.';
  const pixels = pixelsOf(Buffer.from(picture.base64, 'base64'));
  if (pixels === null) return `I was given a picture (${picture.mediaType}) that is no readable PNG.`;
  const content = contentOf(pixels);
  if (content === null) return `I see a picture of ${pixels.width} x ${pixels.height} pixels that I do not know.`;
  const strange = differences(pixels, paint(content));
  return strange === 0 ? pictureAnswer(content) : `${pictureAnswer(content)} ${strange} pixels do not belong there.`;
}

function contentOf(pixels: Pixels): PictureContent | null {
  if (pixels.width !== width || pixels.height !== height) return null;
  const places = [0, 1, 2, 3];
  const colours = places.map((at) => pictureColours.find((name) => isColour(pixels, at * cell + cell / 2, cell / 2, name)));
  const digits = places.map((at) => {
    const lit = segments.map(([x, y, w, h]) => (isColour(pixels, at * cell + x + w / 2, digitsTop + y + h / 2, 'black') ? '1' : '0'));
    return litSegments.indexOf(lit.join(''));
  });
  if (colours.includes(undefined) || digits.includes(-1)) return null;
  return { colours: colours.filter((colour) => colour !== undefined), digits: digits.join('') };
}

function paint({ colours, digits }: PictureContent): Pixels {
  const pixels: Pixels = { width, height, rgba: Buffer.alloc(width * height * 4, 255) };
  for (const [at, colour] of colours.entries()) fill(pixels, [at * cell + 5, 5, cell - 10, cell - 10], colour);
  for (const [at, digit] of [...digits].entries()) {
    const lit = litSegments[Number(digit)] ?? '';
    for (const [which, [x, y, w, h]] of segments.entries())
      if (lit[which] === '1') fill(pixels, [at * cell + x, digitsTop + y, w, h], 'black');
  }
  return pixels;
}

function fill({ rgba }: Pixels, [left, top, w, h]: readonly [number, number, number, number], colour: Colour): void {
  for (let y = top; y < top + h; y += 1)
    for (let x = left; x < left + w; x += 1)
      for (const [channel, value] of palette[colour].entries()) rgba[(y * width + x) * 4 + channel] = value;
}

function isColour({ rgba }: Pixels, x: number, y: number, colour: Colour): boolean {
  const at = (Math.floor(y) * width + Math.floor(x)) * 4;
  return palette[colour].every((value, channel) => Math.abs((rgba[at + channel] ?? 0) - value) <= 2);
}

function differences(one: Pixels, other: Pixels): number {
  let count = 0;
  for (let at = 0; at < one.rgba.length; at += 4) if (one.rgba.compare(other.rgba, at, at + 4, at, at + 4) !== 0) count += 1;
  return count;
}
