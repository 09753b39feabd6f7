import { expect, test } from 'vitest';
import { evidenceHeaders } from '../../src/core/evidence-headers.js';
import { terminalText } from '../../src/core/terminal-text.js';

test.each([
  ['\u001b[2Jgone', '\\u001b[2Jgone'],
  ['ok\rFAIL', 'ok\\u000dFAIL'],
  ['a\u202Etxt', 'a\\u202etxt'],
  ['c1 \u009b31m', 'c1 \\u009b31m'],
  ['del \u007f bom \ufeff sep \u2028 iso \u2066', 'del \\u007f bom \\ufeff sep \\u2028 iso \\u2066'],
  ['Grüße 日本 ✓', 'Grüße 日本 ✓'],
])('%j is shown as %s', (text, shown) => {
  expect(terminalText(text)).toBe(shown);
});

test('newlines stay only in text of our own layout', () => {
  expect(terminalText('a\nb')).toBe('a\\u000ab');
  expect(terminalText('a\nb', { keepNewlines: true })).toBe('a\nb');
});

test('of headers only the listed ones keep their value', () => {
  expect(evidenceHeaders({ 'Content-Type': 'a', 'X-RateLimit-Left': '3', 'Set-Cookie': 's', Via: 'x' })).toEqual({
    'content-type': 'a',
    'x-ratelimit-left': '3',
    'set-cookie': '[redacted]',
    via: '[redacted]',
  });
});
