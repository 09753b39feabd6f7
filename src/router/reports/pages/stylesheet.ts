// The look of every admin page: one sheet, sent with each page and named by its digest in the content security policy. Colours are
// pairs for light and dark; the text colours keep a contrast of at least 4.5 to 1 on each background that they stand on.
import { createHash } from 'node:crypto';

export const stylesheet = `
:root { color-scheme: light dark; --ground: #f5f6f8; --card: #fff; --line: #dde1e8; --grid: #e8ebf0; --text: #1b2230; --soft: #566072;
  --accent: #2a5bd0; --accent-ground: #e9effc; --one: #3b6fd9; --two: #c0392b; --three: #0e8074; --four: #a86400; --bad: #b02a1d; --good: #1d6b3f; }
@media (prefers-color-scheme: dark) { :root { --ground: #11141a; --card: #191e27; --line: #2d3542; --grid: #252c38; --text: #e7eaf0; --soft: #a5afbf;
  --accent: #93b5ff; --accent-ground: #223052; --one: #6f9bf2; --two: #ff8a7d; --three: #4fc3b3; --four: #e3a951; --bad: #ff9d92; --good: #7fd3a2; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: 16px; top: -60px; background: var(--card); color: var(--accent); padding: 10px 14px; border-radius: 0 0 8px 8px; z-index: 2; }
.skip:focus { top: 0; }
.wide { max-width: 1200px; margin: 0 auto; padding: 0 20px; }
.top { background: var(--card); border-bottom: 1px solid var(--line); }
.top .wide { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 24px; min-height: 60px; padding-top: 8px; padding-bottom: 8px; }
.top .name { font-weight: 650; color: var(--text); text-decoration: none; margin-right: auto; }
.top .name small { display: block; font-weight: 400; color: var(--soft); font-size: 12.5px; }
.top nav ul, .periods { display: flex; flex-wrap: wrap; gap: 4px; list-style: none; margin: 0; padding: 0; }
.top nav a, .periods a { display: block; padding: 6px 12px; border-radius: 7px; text-decoration: none; color: var(--text); }
.top nav a:hover, .periods a:hover { background: var(--ground); }
.top nav [aria-current], .periods [aria-current] { background: var(--accent-ground); color: var(--accent); font-weight: 600; }
.who { display: flex; align-items: center; gap: 10px; color: var(--soft); font-size: 13.5px; }
button, .button { font: inherit; padding: 6px 14px; border-radius: 7px; border: 1px solid var(--line); background: var(--card); color: var(--text); cursor: pointer; }
button:hover { border-color: var(--accent); }
.first { background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 600; }
main.wide { padding-top: 26px; padding-bottom: 36px; }
main:focus { outline: 0; }
h1 { font-size: 24px; line-height: 1.25; margin: 0; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 34px 0 12px; }
h3, .card > h2:first-child { font-size: 15px; margin: 0; }
.head { display: flex; flex-wrap: wrap; gap: 10px 24px; align-items: end; justify-content: space-between; margin-bottom: 20px; }
.head p { margin: 4px 0 0; color: var(--soft); }
.periods { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 3px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px; min-width: 0; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 14px; margin: 0; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 13px 18px 14px; min-width: 0; }
.tiles dt { color: var(--soft); font-size: 13.5px; }
.tiles dd { margin: 0; font-size: 24px; font-weight: 620; line-height: 1.3; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tiles dd small { display: block; font-size: 13px; font-weight: 400; color: var(--soft); }
.two { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px; align-items: start; }
.chart-head { display: flex; flex-wrap: wrap; gap: 2px 14px; justify-content: space-between; margin-bottom: 10px; }
.key { display: flex; flex-wrap: wrap; gap: 2px 14px; list-style: none; margin: 0; padding: 0; font-size: 13px; color: var(--soft); }
.key svg { width: 11px; height: 11px; margin-right: 6px; vertical-align: -1px; }
.plot { display: grid; grid-template-columns: minmax(44px, auto) 1fr; gap: 4px 8px; }
.plot .up { display: flex; flex-direction: column; justify-content: space-between; text-align: right; font-size: 12px; line-height: 1; color: var(--soft); font-variant-numeric: tabular-nums; }
.plot > svg { width: 100%; height: 150px; display: block; overflow: visible; }
.plot .along { grid-column: 2; display: flex; justify-content: space-between; font-size: 12px; color: var(--soft); font-variant-numeric: tabular-nums; }
.grid { stroke: var(--grid); stroke-width: 1; vector-effect: non-scaling-stroke; }
.trace { fill: none; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.fill-one { fill: var(--one); } .fill-two { fill: var(--three); } .fill-three { fill: var(--four); } .fill-bad { fill: var(--two); }
.line-one { stroke: var(--one); } .line-two { stroke: var(--three); stroke-dasharray: 7 4; } .line-three { stroke: var(--four); stroke-dasharray: 1 5; } .line-bad { stroke: var(--two); stroke-dasharray: 4 4; }
.quiet { color: var(--soft); }
details { margin-top: 10px; font-size: 13.5px; }
summary { cursor: pointer; color: var(--soft); width: fit-content; }
.sideways { overflow-x: auto; }
.scroll { max-height: 320px; overflow-y: auto; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; font-size: 15px; padding: 0 0 8px; }
caption small { font-weight: 400; color: var(--soft); font-size: 13px; }
details caption { font-size: 13.5px; padding-top: 8px; }
th, td { text-align: left; padding: 6px 10px; border-bottom: 1px solid var(--grid); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 500; font-size: 13px; white-space: nowrap; border-bottom-color: var(--line); }
tbody th { font-weight: 400; overflow-wrap: anywhere; min-width: 96px; }
tbody th a { text-decoration: none; } tbody th a:hover { text-decoration: underline; }
table.open tbody th { min-width: 0; }
.few { width: 1%; }
tfoot th, tfoot td { border-bottom: 0; font-weight: 600; }
tbody tr:last-child > * { border-bottom-color: var(--line); }
table.open tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
.nowrap { white-space: nowrap; }
.share { display: block; width: 100%; height: 3px; margin-top: 4px; }
.share rect { fill: var(--one); opacity: .55; }
.mark { display: inline-block; padding: 0 8px; border-radius: 99px; font-size: 13px; border: 1px solid currentColor; }
.bad { color: var(--bad); } .good { color: var(--good); }
code, .code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, "Liberation Mono", monospace; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 12px 24px; margin: 0; }
.facts dt { color: var(--soft); font-size: 13px; }
.facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
form.filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 10px 14px; align-items: end; }
label { display: block; font-size: 13.5px; color: var(--soft); }
input, select { font: inherit; width: 100%; min-width: 0; margin-top: 3px; padding: 6px 9px; color: var(--text); background: var(--ground); border: 1px solid #7a8494; border-radius: 7px; }
.onward { margin: 16px 0 0; }
.sign-in { max-width: 380px; margin: 9vh auto 0; }
.sign-in .card { padding: 26px 28px 28px; }
.sign-in form { display: grid; gap: 16px; margin-top: 18px; }
.sign-in input { padding: 9px 11px; }
.sign-in .first { padding: 10px; }
.refusal { border-left: 3px solid var(--bad); padding: 2px 0 2px 12px; margin: 14px 0 0; color: var(--bad); }
.foot { color: var(--soft); font-size: 13px; }
footer.wide { padding-bottom: 34px; }
@media (max-width: 860px) { .tiles { grid-template-columns: repeat(2, 1fr); } .two, .facts { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 860px) { .sideways table.open { min-width: 780px; } .sideways table.short { min-width: 0; } }
@media (max-width: 480px) { .group, .group thead th { font-size: 12.5px; } table.group th, table.group td { padding-left: 3px; padding-right: 3px; } table.group tr > :first-child { padding-left: 0; } table.group tr > :last-child { padding-right: 0; } .group tbody th { min-width: 64px; } .group .share-of { display: none; } .wide { padding-left: 14px; padding-right: 14px; } .tiles { gap: 10px; } .tiles div { padding: 11px 13px; } .tiles dd { font-size: 20px; } h1 { font-size: 21px; }
  .card { padding: 14px; } .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); } .periods { width: 100%; justify-content: space-between; } .periods a { padding: 6px 9px; } .who { width: 100%; justify-content: space-between; } }
@media print { .top nav, .who form, .periods, details { display: none; } }
`;

const digest = createHash('sha256').update(stylesheet).digest('base64');

/** Content Security Policy, Level 3: no script at all, no style but the sheet above, nothing from elsewhere, no frame around it. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${digest}'`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');
