// Rows under headings, without boxes, so that they can be piped; the one owner of the table library.
import CliTable from 'cli-table3';
import { terminalText } from '../core/terminal-text.js';
import { inLocale, paint, type Style } from './style.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const empty = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
};
const chars = { ...empty, left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' };

export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], style: Style): string[] {
  const table = new CliTable({
    chars,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: columns.map(({ align }) => align ?? 'left'),
  });
  const shown = (text: string): string => inLocale(terminalText(text), style);
  table.push(
    columns.map(({ title }) => paint(shown(title), 'strong', style)),
    ...rows.map((row) => row.map(shown)),
  );
  return table
    .toString()
    .split('\n')
    .map((text) => text.trimEnd());
}
