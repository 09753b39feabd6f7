// Where the next page of a list begins: after the row with this moment and row number. Opaque to callers, checked when it comes back.
import { invalidFilter } from './report-period.js';

export interface Cursor {
  readonly ts: string;
  readonly rowid: number;
}

export function writeCursor({ ts, rowid }: Cursor): string {
  return Buffer.from(`${rowid} ${ts}`).toString('base64url');
}

/** @throws GatewayError `invalid-report-filter` */
export function readCursor(text: string): Cursor {
  const [, rowid, ts] =
    /^(\d{1,15}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/.exec(Buffer.from(text.slice(0, 100), 'base64url').toString('utf8')) ?? [];
  if (rowid === undefined || ts === undefined) throw invalidFilter('cursor', 'is not one that a page of this list named as its next');
  return { ts, rowid: Number(rowid) };
}
