// Placeholder; replaced by the redaction room.
export interface Redactor {
  /** Registers a value that must never leave; every line of a multi-line value apart, short ones refused with a warning. */
  register(value: string, label: string): void;
  /** The text with every registered value (in its usual encodings) and every secret-shaped pattern replaced. */
  mask(text: string): string;
  /** Labels of registered values or pattern names that the text holds; empty means clean. */
  scan(text: string): readonly string[];
}
