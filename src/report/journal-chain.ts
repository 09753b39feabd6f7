// The journal's hash chain, checked from its exported lines alone: sequence, links, one run.
import { sha256Hex } from './checksum-list.js';

export interface JournalChain {
  readonly entries: number;
  readonly head: string;
  readonly runId: string;
  readonly planHash: string | null;
}

/** What the lines say, or why they are not a whole chain (with the first bad line). */
export function checkJournalChain(lines: string): JournalChain | string {
  const texts = lines.split('\n');
  if (texts.pop() !== '') return 'the journal does not end with a line end';
  let head = '0'.repeat(64);
  let runId: string | null = null;
  let planHash: string | null = null;
  for (const [index, text] of texts.entries()) {
    const event = parse(text);
    if (event === null) return `journal line ${index + 1} is not an event`;
    if (event['seq'] !== index) return `journal line ${index + 1} has the number ${String(event['seq'])}, not ${index}`;
    if (event['prev'] !== head) return `journal line ${index + 1} does not follow from the line before it`;
    if (typeof event['runId'] !== 'string' || (runId !== null && event['runId'] !== runId))
      return `journal line ${index + 1} belongs to another run`;
    runId = event['runId'];
    if (index === 0) planHash = planHashOf(event['data']);
    head = sha256Hex(text);
  }
  return runId === null ? 'the journal is empty' : { entries: texts.length, head, runId, planHash };
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function planHashOf(data: unknown): string | null {
  const hash = typeof data === 'object' && data !== null && 'planHash' in data ? data.planHash : null;
  return typeof hash === 'string' ? hash : null;
}
