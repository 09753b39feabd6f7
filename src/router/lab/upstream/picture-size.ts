// The size of a picture as its header says, without decoding it.
import type { Picture } from './asked.js';

/** Pixels; null for anything but PNG. The two numbers stand in the first chunk of a PNG (W3C PNG, section 11.2.1). */
export function pictureSizeOf({ base64 }: Picture): { readonly width: number; readonly height: number } | null {
  const head = Buffer.from(base64.slice(0, 44), 'base64');
  if (head.length < 24 || head.toString('latin1', 1, 4) !== 'PNG') return null;
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}
