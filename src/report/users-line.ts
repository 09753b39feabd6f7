// What users noticed, in one line, from the independent prober's figures alone.
import type { Availability } from './availability.js';
import type { ReportDocument } from './report-document.js';
import { clockTime, isoTime, took } from './wording.js';

/** `0.4 s down`, `at least 0.4 s down`, or that nobody knows: never a number that was not measured. */
export function downWords({ downtimeMs, holes = [] }: Availability): string {
  if (downtimeMs === null) return 'downtime unknown';
  return `${holes.length > 0 ? 'at least ' : ''}${downtimeMs === 0 ? '0 s' : took(downtimeMs)} down`;
}

export function usersLine({ availability }: ReportDocument): string {
  if (availability === null) return 'not measured';
  const { failures, requests, longestGapMs, outages } = availability;
  const asked = `${failures} of ${requests} probes failed, longest gap ${took(longestGapMs)}`;
  const [first, last] = [outages[0], outages.at(-1)];
  const down = downWords(availability);
  if (first === undefined || last === undefined) return `${down}; ${asked}`;
  return `${down} (${clockTime(isoTime(first.fromMs))} to ${clockTime(isoTime(last.toMs))} UTC); ${asked}`;
}
