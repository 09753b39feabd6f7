// One chart as SVG, with its numbers as a table beside it for whoever cannot see it. The picture is stretched to its place, so that
// the words stand around it in HTML and keep their size on every screen.
import type { Chart } from '../charts.js';
import type { SeriesPoint } from '../summary-document.js';
import { type Html, html } from './html.js';
import { duration, moment, short, usd, whole } from './numbers.js';

const width = 1000;
const height = 100;

export function chartPicture(chart: Chart, points: readonly SeriesPoint[], stepSeconds: number): Html {
  const values = points.map((point) => chart.lines.map((line) => line.numberOf(point)));
  const heights = values.map((row) =>
    chart.kind === 'bars' ? row.reduce<number>((sum, value) => sum + (value ?? 0), 0) : Math.max(0, ...row.map((value) => value ?? 0)),
  );
  const top = niceTop(Math.max(0, ...heights), chart.unit);
  const say = sayer(chart);
  const times = points.map(({ timeUtc }) => (stepSeconds < 86_400 ? moment(timeUtc, false) : timeUtc.slice(0, 10)));
  const peakAt = heights.indexOf(Math.max(...heights));
  const description =
    top === 0
      ? 'Nothing in this period.'
      : `${points.length} stretches from ${times[0]} to ${times.at(-1)} UTC; the highest is ${say(heights[peakAt] ?? 0)} at ${times[peakAt]}.`;
  const drawn = chart.kind === 'bars' ? bars(chart, values, top, times) : lines(chart, values, top);
  const grid = [0, 0.5, 1].map((share) => html`<line class="grid" x1="0" x2="${width}" y1="${share * height}" y2="${share * height}"/>`);
  return html`<section class="card" aria-labelledby="chart-${chart.id}">
<div class="chart-head"><h3 id="chart-${chart.id}">${chart.title}</h3>${chart.lines.length > 1 && key(chart)}</div>
<div class="plot">
<div class="up" aria-hidden="true"><span>${axis(chart, top)}</span><span>${axis(chart, top / 2)}</span><span>0</span></div>
<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-labelledby="title-${chart.id} desc-${chart.id}">
<title id="title-${chart.id}">${chart.title} over time</title><desc id="desc-${chart.id}">${description}</desc>
${grid}${drawn}
</svg>
<div class="along" aria-hidden="true">${[0, Math.floor((times.length - 1) / 2), times.length - 1].filter((at, index, all) => all.indexOf(at) === index).map((at) => html`<span>${label(times[at] ?? '', times[0] ?? '', at)}</span>`)}</div>
</div>
${table(chart, values, times, say)}
</section>`;
}

/** The day is said once, unless it changes. */
function label(time: string, first: string, at: number): string {
  return at > 0 && time.length > 10 && time.slice(0, 10) === first.slice(0, 10) ? time.slice(11) : time;
}

function key({ lines: all, kind }: Chart): Html {
  const items = all.map(({ label: name, tone }) =>
    kind === 'bars'
      ? html`<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="fill-${tone}" width="10" height="10" rx="2"/></svg>${name}</li>`
      : html`<li><svg viewBox="0 0 10 10" aria-hidden="true"><line class="trace line-${tone}" x1="0" x2="10" y1="5" y2="5"/></svg>${name}</li>`,
  );
  return html`<ul class="key">${items}</ul>`;
}

function bars(chart: Chart, values: readonly (readonly (number | null)[])[], top: number, times: readonly string[]): readonly Html[] {
  const step = width / Math.max(1, values.length);
  const gap = Math.min(step * 0.25, 6);
  return values.map((row, slot) => {
    let floor = height;
    const parts = row.map((value, at) => {
      const tall = top === 0 ? 0 : ((value ?? 0) / top) * height;
      floor -= tall;
      return (
        tall > 0 &&
        html`<rect class="fill-${chart.lines[at]?.tone}" x="${fixed(slot * step + gap / 2)}" width="${fixed(step - gap)}" y="${fixed(floor)}" height="${fixed(tall)}"/>`
      );
    });
    const said = chart.lines.map(({ label: name }, at) => `${sayer(chart)(row[at] ?? 0)} ${name}`).join(', ');
    return floor < height ? html`<g>${parts}<title>${times[slot]} UTC: ${said}</title></g>` : html``;
  });
}

/** A point without a request is a gap; one that stands alone is a dot. */
function lines(chart: Chart, values: readonly (readonly (number | null)[])[], top: number): readonly Html[] {
  const x = (slot: number): number => (values.length === 1 ? width / 2 : (slot / (values.length - 1)) * width);
  return chart.lines.map(({ tone }, line) => {
    let pen = false;
    const path = values.map((row, slot) => {
      const value = row[line] ?? null;
      const draws = value !== null && top > 0;
      const step = draws ? `${pen ? 'L' : 'M'}${fixed(x(slot))} ${fixed(height - (value / top) * height)}${pen ? '' : 'h0.01'}` : '';
      pen = draws;
      return step;
    });
    return html`<path class="trace line-${tone}" d="${path.join('') || 'M0 0'}"/>`;
  });
}

function table(
  chart: Chart,
  values: readonly (readonly (number | null)[])[],
  times: readonly string[],
  say: (value: number) => string,
): Html {
  const rows = values.map(
    (row, slot) =>
      html`<tr><th scope="row" class="nowrap">${times[slot]}</th>${row.map((value) => html`<td class="number">${value === null ? '–' : say(value)}</td>`)}</tr>`,
  );
  return html`<details><summary>Numbers<span class="sr"> of ${chart.title.toLowerCase()}</span></summary>
<div class="sideways scroll" tabindex="0" role="region" aria-label="Numbers of ${chart.title.toLowerCase()}"><table><caption>${chart.title}, times in UTC</caption>
<thead><tr><th scope="col">From</th>${chart.lines.map(({ label: name }) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div></details>`;
}

function sayer({ unit }: Chart): (value: number) => string {
  return unit === 'USD' ? usd : unit === 'ms' ? duration : whole;
}

function axis({ unit }: Chart, value: number): string {
  if (unit === 'USD') return value === 0 ? '$0' : value >= 1 ? `$${short(value)}` : `$${Number(value.toPrecision(2))}`;
  if (unit === 'ms') return value < 1000 ? `${short(value)} ms` : `${short(value / 1000)} s`;
  return value > 0 && value < 1 ? '' : short(value);
}

/** A round number at or above the value, whose half is one too. */
function niceTop(value: number, unit: Chart['unit']): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const nice = ([1, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value * 0.9999) ?? 10) * power;
  return unit === 'requests' || unit === 'tokens' ? Math.max(2, nice) : nice;
}

function fixed(value: number): string {
  return String(Math.round(value * 100) / 100);
}
