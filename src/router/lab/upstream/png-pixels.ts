// PNG bytes to pixels and back.
import { PNG } from 'pngjs';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel, row by row. */
  readonly rgba: Buffer;
}

/** Null for bytes that are no whole PNG. */
export function pixelsOf(bytes: Buffer): Pixels | null {
  try {
    const { width, height, data } = PNG.sync.read(bytes);
    return { width, height, rgba: data };
  } catch {
    return null;
  }
}

export function pngOf({ width, height, rgba }: Pixels): Buffer {
  const png = new PNG({ width, height });
  png.data = rgba;
  return PNG.sync.write(png);
}
