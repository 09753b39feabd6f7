// What differs from one machine and one moment to the next, replaced by names, so that a golden file holds what is meant.

export interface Known {
  /** Directory -> name; the longest directory wins. */
  readonly places: Readonly<Record<string, string>>;
}

const rules: readonly (readonly [RegExp, string])[] = [
  [/\b\d{8}T\d{6}Z-(?=<run>|\d{8}-)/g, '<stamp>-'],
  [/\b\d{8}-\d{6}-[a-z0-9]{4}\b/g, '<run>'],
  [/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, '<time>'],
  [/\b\d{2}:\d{2}:\d{2}Z/g, '<clock>'],
  [/\b(127\.0\.0\.1|localhost):\d+/g, '$1:<port>'],
  [/\bpid \d+/g, 'pid <pid>'],
  [/\b[0-9a-f]{64}\b/g, '<sha256>'],
  [/\b[0-9a-f]{40}\b/g, '<sha1>'],
  [/\([0-9a-f]{8}\)/g, '(<hash>)'],
  [/\bSHA256:[A-Za-z0-9+/]{43}/g, 'SHA256:<key>'],
  [/\b(amd64|arm64)\b/g, '<arch>'],
  [/ @ [\w.-]+/g, ' @ <host>'],
  [/\d+(\.\d+)? [KMGT]iB free/g, '<room> free'],
  // the prober may or may not have asked before a run was refused
  [/^ users .*\n/gm, ''],
  [/ +\d[\d.,]*(\.\d+)? (ms|s|min|h)\b/g, ' <span>'],
  [/ +(exit \d+)$/gm, ' $1'],
  [/\([^()@ ]+@[^()@, ]+,/g, '(<user>@<host>,'],
];

export function scrubbed(text: string, { places }: Known): string {
  // where a sentence is broken depends on how long the paths of this machine are
  let result = text.replace(/^ why .*(\n {11}\S.*)+/gm, (block) => block.replace(/\n {11}/g, ' ')).replace(/(\d)\n +(ms|s)$/gm, '$1 $2');
  for (const [place, name] of Object.entries(places).sort(([a], [b]) => b.length - a.length)) result = result.replaceAll(place, name);
  for (const [pattern, name] of rules) result = result.replace(pattern, name);
  return result;
}
