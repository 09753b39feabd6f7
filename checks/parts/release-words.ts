// Words about releases that several checks judge alike.

/** `dev`, `dirty` and `unknown`, alone or as a part of a version. */
export function isUnreleased(text: string): boolean {
  return text.trim() === '' || /(^|[-+._])(dev|devel|dirty|unknown)([-+._\d]|$)/i.test(text.trim());
}

export function sameMoment(one: string, other: string): boolean {
  const [first, second] = [Date.parse(one), Date.parse(other)];
  return !Number.isNaN(first) && first === second;
}
