// The two pictures of the report as inline SVG: when each step ran, and when users could not be served. Same time axis for both.
import { html, toneOf } from './html-text.js';
import type { ReportDocument, TimelineEntry } from './report-document.js';
import { downWords } from './users-line.js';
import { clockTime, isoTime, took } from './wording.js';

const width = 960;
const nameWidth = 190;
const rowHeight = 22;
const top = 26;

interface Axis {
  readonly fromMs: number;
  readonly toMs: number;
  readonly x: (ms: number) => number;
}

export function plots(report: ReportDocument): string {
  const axis = axisOf(report);
  if (axis === null) return '';
  return `<div class="scroll" tabindex="0" role="group" aria-label="plots">${timelinePlot(report, axis)}${downtimeStrip(report, axis)}</div>`;
}

function axisOf({ startedAt, finishedAt, timeline }: ReportDocument): Axis | null {
  const fromMs = Date.parse(startedAt);
  const toMs = Math.max(Date.parse(finishedAt), fromMs + 1);
  if (Number.isNaN(fromMs) || Number.isNaN(toMs) || timeline.length === 0) return null;
  const x = (ms: number): number =>
    nameWidth + ((Math.min(Math.max(ms, fromMs), toMs) - fromMs) / (toMs - fromMs)) * (width - nameWidth - 12);
  return { fromMs, toMs, x };
}

function timelinePlot(report: ReportDocument, axis: Axis): string {
  const height = top + report.timeline.length * rowHeight + 6;
  const label = `Timeline of ${report.timeline.length} steps from ${report.startedAt} to ${report.finishedAt}; the table below says the same in words.`;
  const zones = (report.availability?.outages ?? []).map(({ fromMs, toMs }) =>
    rectangle('zone', axis.x(fromMs), top, axis.x(toMs) - axis.x(fromMs), height - top - 4),
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${html(label)}">${ticks(axis, height)}${zones.join('')}${report.timeline.map((entry, index) => bar(entry, index, axis)).join('')}</svg>`;
}

function bar(entry: TimelineEntry, index: number, axis: Axis): string {
  const y = top + index * rowHeight;
  const fromMs = Date.parse(entry.startedAt);
  const toMs = entry.endedAt === null ? axis.toMs : Date.parse(entry.endedAt);
  const name = `${entry.way === 'back' ? '↩ ' : ''}${entry.step}`;
  const shown = name.length > 27 ? `${name.slice(0, 26)}…` : name;
  const tip = `${entry.step}: ${entry.status}, ${took(entry.tookMs)}`;
  const shape = rectangle(`bar-${toneOf(entry.status)}`, axis.x(fromMs), y + 5, axis.x(toMs) - axis.x(fromMs), 11, tip);
  return `<text class="name" x="0" y="${y + 15}">${html(shown)}</text>${shape}`;
}

function downtimeStrip({ availability }: ReportDocument, axis: Axis): string {
  if (availability === null) return '';
  const { requests, failures, outages, holes = [] } = availability;
  const label = `Availability: ${requests} probes, ${failures} failed, ${downWords(availability)} in all.`;
  const serving = rectangle('up', axis.x(availability.fromMs), 24, axis.x(availability.toMs) - axis.x(availability.fromMs), 16);
  const gaps = outages.map(({ fromMs, toMs }) =>
    rectangle(
      'down',
      axis.x(fromMs),
      24,
      axis.x(toMs) - axis.x(fromMs),
      16,
      `down ${clockTime(isoTime(fromMs))} to ${clockTime(isoTime(toMs))}`,
    ),
  );
  const unseen = holes.map(({ fromMs, toMs }) => {
    const tip = `nobody asked ${clockTime(isoTime(fromMs))} to ${clockTime(isoTime(toMs))}`;
    return rectangle('unseen', axis.x(fromMs), 24, axis.x(toMs) - axis.x(fromMs), 16, tip);
  });
  return `<svg viewBox="0 0 ${width} 48" role="img" aria-label="${html(label)}">${ticks(axis, 44)}<text class="name" x="0" y="37">users served</text>${serving}${unseen.join('')}${gaps.join('')}</svg>`;
}

function ticks({ fromMs, toMs, x }: Axis, height: number): string {
  return [0, 1, 2, 3, 4]
    .map((part) => {
      const at = fromMs + ((toMs - fromMs) * part) / 4;
      const anchor = part === 0 ? 'start' : part === 4 ? 'end' : 'middle';
      return `<line class="axis" x1="${fixed(x(at))}" x2="${fixed(x(at))}" y1="18" y2="${height}"/><text x="${fixed(x(at))}" y="12" text-anchor="${anchor}">${clockTime(isoTime(at))}</text>`;
    })
    .join('');
}

/** Never narrower than two units: what is too short to draw to scale must still be seen. */
function rectangle(name: string, x: number, y: number, wide: number, high: number, tip?: string): string {
  const size = `x="${fixed(x)}" y="${y}" width="${fixed(Math.max(wide, 2))}" height="${high}" rx="2"`;
  return tip === undefined ? `<rect class="${name}" ${size}/>` : `<rect class="${name}" ${size}><title>${html(tip)}</title></rect>`;
}

const fixed = (value: number): string => String(Math.round(value * 10) / 10);
