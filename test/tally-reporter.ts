// Counts for bin/test: how many tests passed, failed and were skipped, and which were skipped, written to the file in ROUTERCTL_TALLY.
// A file that could not be loaded, and an error outside of any test, count as failed, so that nothing red is lost in the sum.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const broken = modules.filter((module) => module.state() === 'failed' && ![...module.children.allTests('failed')].length);
    const skipped = inState('skipped');
    const failed = inState('failed').length + inState('pending').length + broken.length + unhandled.length;
    const lines = skipped.map((test) => `${relative('.', test.module.moduleId)} > ${test.fullName}`);
    const file = process.env['ROUTERCTL_TALLY'];
    if (file !== undefined) writeFileSync(file, `${[`${inState('passed').length} ${failed} ${skipped.length}`, ...lines].join('\n')}\n`);
  }
}
