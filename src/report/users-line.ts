// What users noticed, in one line, from the independent prober's figures alone.
import type { ReportDocument } from './report-document.js';
import { clockTime, isoTime, took } from './wording.js';

export function usersLine({ availability }: ReportDocument): string {
  if (availability === null) return 'not measured';
  const { downtimeMs, failures, requests, longestGapMs, outages } = availability;
  const asked = `${failures} of ${requests} probes failed, longest gap ${took(longestGapMs)}`;
  const [first, last] = [outages[0], outages.at(-1)];
  if (first === undefined || last === undefined) return `0 s down; ${asked}`;
  return `${took(downtimeMs)} down (${clockTime(isoTime(first.fromMs))} to ${clockTime(isoTime(last.toMs))} UTC); ${asked}`;
}
