// Secrets by reference, resolved late, registered with the redactor the moment they are read.
import type { SecretReference } from '../target.js';

export interface Secrets {
  /** Throws SECRET_UNREADABLE with the reference named (never a value). Trailing newline trimmed. */
  read(reference: SecretReference): Promise<string>;
}
