// What a question is about, as far as a scripted provider needs it: quoted phrases, files, proper names, and the directory that
// a client says it works in.

export interface Subjects {
  /** What is asked about, in order; more than one only when the question asks for several things. */
  readonly things: readonly string[];
  readonly files: readonly string[];
  /** What a file is to hold, when the question says so. */
  readonly content: string;
}

const fileName = /(?:^|[\s"'`(])((?:[\w.-]*\/)*[\w-]+\.[A-Za-z][A-Za-z0-9]{0,4})(?=$|[\s"'`),.;:?!])/g;

export function subjectsOf(question: string): Subjects {
  const quoted = [...question.matchAll(/["'`]([^"'`\n]{1,80})["'`]/g)].map(([, phrase = '']) => phrase);
  const files = [...question.matchAll(fileName)].map(([, file = '']) => file);
  // The first word of a sentence is capitalised whatever it is.
  const names = [...question.matchAll(/(?<=[a-z,;]\s)[A-Z][\w-]+/g)].map(([name]) => name);
  const found = quoted.length > 0 ? quoted : files.length > 0 ? files : names;
  const several = /\b(?:and|both|two|parallel)\b/i.test(question);
  const content = /\b(?:with|containing|saying|holds?)\b\s+["'`]?([^"'`\n.]+)/i.exec(question)?.[1]?.trim() ?? 'hello';
  return { things: [...new Set(found)].slice(0, several ? 4 : 1), files, content };
}

/** The absolute directory that clients tell in their prompts; null when none does. */
export function workingDirectoryOf(texts: readonly string[]): string | null {
  for (const text of texts) {
    const found = /(?:<cwd>|working directory:?\s*)(\/[^\s<>"'`]+)/i.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return null;
}
