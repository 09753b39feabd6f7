// The files that take minutes begin first, so that no worker is left alone with one of them at the end. A fresh clone has no record
// of how long each takes.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const longest = [
  'faults/kill-matrix',
  'faults/interrupted',
  'e2e/hold-and-guard',
  'e2e/quickstart',
  'e2e/nobody-drives',
  'e2e/viewers',
  'cli/bad-input',
  'router/reports/browser',
  'router/limits/restart',
  'docs/shell-blocks',
  'faults/',
  'e2e/',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex((name) => moduleId.includes(`/test/${name}`));
      return at === -1 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
