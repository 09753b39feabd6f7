import { expect, test } from 'vitest';
import { SseDecoder } from '../../src/adapters/sse-decoder.js';

const decode = (...chunks: (string | Uint8Array)[]) => {
  const decoder = new SseDecoder();
  for (const [index, chunk] of chunks.entries()) decoder.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk, index);
  decoder.end();
  return decoder.events.map(({ event, data }) => [event, data]);
};

const whole = ': comment\nevent: x\r\ndata: ä€😀\r\ndata:two\r\n\r\nid: 7\nretry: 1\ndata\n\ndata: {"a":1}\r\rdata: [DONE]';
const meant = [
  ['x', 'ä€😀\ntwo'],
  [null, ''],
  [null, '{"a":1}'],
  [null, '[DONE]'],
];

test('events are the same wherever the bytes are split', () => {
  const bytes = new TextEncoder().encode(whole);
  expect(decode(bytes)).toEqual(meant);
  for (let at = 1; at < bytes.length; at += 1) expect(decode(bytes.subarray(0, at), bytes.subarray(at)), `split at ${at}`).toEqual(meant);
  expect(decode(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(meant);
});

test('an event takes the time of its last line, not of the chunk that ends it', () => {
  const decoder = new SseDecoder();
  decoder.push(new TextEncoder().encode('data: 1\n'), 10);
  decoder.push(new TextEncoder().encode('\ndata: 2\n\n'), 30);
  expect(decoder.events.map(({ atMs }) => atMs)).toEqual([10, 30]);
});

test('without a proper end an unfinished event does not count', () => {
  const decoder = new SseDecoder();
  decoder.push(new TextEncoder().encode('data: 1\n\ndata: 2\n'), 0);
  expect(decoder.events).toHaveLength(1);
});
