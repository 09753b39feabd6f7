// Untrusted text on a terminal: control and direction characters can rewrite what the operator reads, so they are shown as \u and four digits.

// C0, DEL, C1, left/right marks, embeddings, isolates, line and paragraph separators, byte order mark
const dangerous = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** `keepNewlines` is for text that we laid out ourselves; a model's or a server's text never gets it. */
export function terminalText(text: string, options: { readonly keepNewlines?: boolean } = {}): string {
  return text.replace(dangerous, (character) =>
    character === '\n' && options.keepNewlines === true ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
