// A suite that was read and checked: a named list of checks with inputs of its own. It stands alone because both the playbook that
// names it and the reader of that playbook's steps need it.
import type { CheckStep, InputSpec } from './language.js';
import type { YamlText } from './yaml-text.js';

export interface Suite {
  readonly name: string;
  readonly title: string;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly steps: readonly CheckStep[];
  readonly document: YamlText;
}
