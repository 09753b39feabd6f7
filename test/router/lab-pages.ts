// The reference pages of the lab as tests read them: sections, tables and their cells.
import { readFileSync } from 'node:fs';

export const page = (name: string): string => readFileSync(new URL(`../../docs/reference/lab/${name}.md`, import.meta.url), 'utf8');

export const section = (text: string, title: string): string => text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';

/** The first table whose first column has this head; empty when there is none. */
export const tableUnder = (text: string, head: string): string => text.split(/\n\n/).find((part) => part.startsWith(`| ${head} |`)) ?? '';

/** What stands in code in the first cell of each row. */
export const firstCells = (text: string): string[] => [...text.matchAll(/^\| `([^|]+)` \|/gm)].map(([, cell = '']) => cell);

/** Everything in code. */
export const words = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
