// Text made safe for HTML, and the tones that go with a status. Nothing reaches the page without passing `html`.
import { terminalText } from '../core/terminal-text.js';
import type { TimelineEntry } from './report-document.js';

export function html(text: string): string {
  return terminalText(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

export type Tone = 'good' | 'bad' | 'care' | 'calm';

export function toneOf(status: TimelineEntry['status']): Tone {
  switch (status) {
    case 'pass':
    case 'done':
    case 'unchanged':
      return 'good';
    case 'fail':
    case 'failed':
    case 'conflict':
      return 'bad';
    case 'warn':
    case 'waived':
    case 'inconclusive':
    case 'unfinished':
      return 'care';
    case 'skip':
      return 'calm';
  }
}
