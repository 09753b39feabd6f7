// The kill matrix as people read it: step, moment, way out and how it ended, on the terminal and as a page of the docs.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Cell } from './matrix-case.js';

const page = fileURLToPath(new URL('../../docs/reference/kill-matrix.md', import.meta.url));

export function matrixLines(cells: readonly Cell[]): readonly string[] {
  const rows = cells.map(({ step, point, way, end, gaps }) => [step, point, way, gaps.length === 0 ? end : `GAP: ${gaps.join('; ')}`]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export async function writeMatrixPage(cells: readonly Cell[]): Promise<void> {
  const names = [...new Set(cells.map(({ scenario }) => scenario))];
  const gaps = cells.filter((cell) => cell.gaps.length > 0).length;
  const head = [
    '# Kill matrix',
    '',
    'Written by `./bin/test --full`; do not edit. A run process is killed with SIGKILL at every moment: after every journalled event, after',
    'every call that changes something, in the middle of those that take a while, and before the first. Then one of these ways out ends it:',
    'the guard; `resume` with an empty environment; the guard killed too, then `resume`; guard and `resume` at once. "resume" also stands',
    'where a guard was to come but none was armed yet. Afterwards exactly one writer was at work, the journal is whole, the version in the',
    'last column serves, config, environment and link are byte for byte those of that version, the usage database lost nothing, nothing',
    'half-written is left, nothing else runs, and the signed report verifies.',
    '',
    `${cells.length} cells, ${gaps} gaps.`,
  ];
  const tables = names.flatMap((name) => [
    '',
    `## ${name[0]?.toUpperCase()}${name.slice(1)}`,
    '',
    '| step | killed | way out | exit and version |',
    '|---|---|---|---|',
    ...cells
      .filter(({ scenario }) => scenario === name)
      .map(
        ({ step, point, way, end, gaps: wrong }) =>
          `| ${[step, cell(point), way, wrong.length === 0 ? end : `GAP: ${wrong.join('; ')}`].join(' | ')} |`,
      ),
  ]);
  await writeFile(page, `${[...head, ...tables].join('\n')}\n`);
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
