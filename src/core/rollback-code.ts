// Which reasons of a rollback speak against the version: a person's wish, a signal or a dead runner say nothing about it.

const against: readonly string[] = ['failed', 'unproven', 'criterion'];

/** For a run that went back by itself; `code` is that of its `rollback-ordered`. */
export function blamesVersion(code: string): boolean {
  return against.includes(code);
}
