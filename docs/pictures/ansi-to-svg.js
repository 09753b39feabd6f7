// Draws what tmux captured (`capture-pane -e -p`) as SVG: node ansi-to-svg.js FRAME TITLE FROM > picture.svg
// With FROM, everything above the first line that begins with that text is left out. Each run of cells is set on the grid with
// textLength, so that the columns stay true in whatever monospaced font the reader has.
import { readFileSync } from 'node:fs';

const [file, title, from] = process.argv.slice(2);
const cell = { width: 8.4, height: 19 };
const edge = { x: 16, top: 40, bottom: 14 };
const columns = 100;
const palette = {
  ground: '#0f1419', bar: '#1a2129', text: '#d5dbe1',
  31: '#ff7a85', 32: '#7ee2a0', 33: '#ffcf70', 34: '#7fb8ff', 35: '#d9a5ff', 36: '#76dfe6', 37: '#d5dbe1', 90: '#7d8996', 97: '#ffffff', 41: '#b3202e',
};

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The runs of one line: text with the colour, weight and ground that the escape sequences before it left. */
function runsOf(line, state) {
  const runs = [];
  let column = 0;
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    const codes = /^\u001b\[([0-9;]*)m$/.exec(part);
    if (codes !== null) {
      apply(codes[1].split(';').map(Number), state);
    } else if (part !== '') {
      runs.push({ ...state, column, text: part });
      column += [...part].length;
    }
  }
  return runs;
}

function apply(codes, state) {
  for (const code of codes) {
    if (code === 0) Object.assign(state, { bold: false, dim: false, color: null, ground: null });
    else if (code === 1) state.bold = true;
    else if (code === 2) state.dim = true;
    else if (code === 22) Object.assign(state, { bold: false, dim: false });
    else if (code === 39) state.color = null;
    else if (code === 49) state.ground = null;
    else if ((code >= 30 && code < 38) || code >= 90) state.color = code;
    else if (code >= 40 && code < 48) state.ground = code;
    else throw new Error(`a colour that nobody asked for: ${code}`);
  }
}

function draw(run, row) {
  const text = run.text.replace(/\s+$/, '');
  const width = (length) => (length * cell.width).toFixed(1);
  const x = (edge.x + run.column * cell.width).toFixed(1);
  const y = edge.top + row * cell.height;
  const ground = run.ground === null ? '' : `<rect x="${x}" y="${y}" width="${width([...run.text].length)}" height="${cell.height}" fill="${palette[run.ground]}"/>`;
  if (text === '') return ground;
  const style = [`fill="${run.color === null ? palette.text : palette[run.color]}"`];
  if (run.bold) style.push('font-weight="700"');
  if (run.dim) style.push('opacity="0.62"');
  return `${ground}<text x="${x}" y="${y + 14}" textLength="${width([...text].length)}" xml:space="preserve" ${style.join(' ')}>${escape(text)}</text>`;
}

const state = { bold: false, dim: false, color: null, ground: null };
const plain = (line) => line.replaceAll(/\u001b\[[0-9;]*m/g, '');
const lines = readFileSync(file, 'utf8').split('\n');
const parsed = lines.map((line) => ({ plain: plain(line).trimEnd(), runs: runsOf(line, state) }));
const first = from === '' ? 0 : parsed.findIndex((line) => line.plain.startsWith(from));
if (first === -1) throw new Error(`${file} has no line that begins with "${from}"`);
const last = parsed.findLastIndex((line) => line.plain !== '' && line.plain !== '$');
const shown = parsed.slice(first, last + 1);
const size = { width: Math.round(edge.x * 2 + columns * cell.width), height: edge.top + shown.length * cell.height + edge.bottom };

console.log(`<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escape(title)}">
<title>${escape(title)}</title>
<rect width="${size.width}" height="${size.height}" rx="8" fill="${palette.ground}"/>
<path d="M0 8a8 8 0 0 1 8-8h${size.width - 16}a8 8 0 0 1 8 8v20H0z" fill="${palette.bar}"/>
<g fill="#46515d"><circle cx="18" cy="14" r="4.5"/><circle cx="34" cy="14" r="4.5"/><circle cx="50" cy="14" r="4.5"/></g>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">
${shown.map((line, row) => line.runs.map((run) => draw(run, row)).join('')).filter((line) => line !== '').join('\n')}
</g>
</svg>`);
