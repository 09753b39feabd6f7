// The report's whole style sheet. Its digest stands in the page's content security policy, so it is one constant text.

export const reportStyle = `
:root{color-scheme:light dark;--ink:#16191d;--soft:#57606a;--line:#d5dae0;--page:#fff;--card:#f6f8fa;--good:#1a7f37;--bad:#cf222e;--care:#9a6700;--calm:#0b62b8}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa5b1;--line:#363d46;--page:#14171b;--card:#1c2026;--good:#4cc06b;--bad:#ff7b72;--care:#e0b341;--calm:#6cb2ff}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:68rem;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .35rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2.25rem 0 .6rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:0 0 .2rem}
p{margin:.3rem 0}
code,.mono{font:.86em/1.5 ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.soft{color:var(--soft)}
.good{color:var(--good)}.bad{color:var(--bad)}.care{color:var(--care)}
.verdict{border-left:.4rem solid var(--calm);padding:.2rem 0 .2rem 1rem}
.verdict.good{border-color:var(--good)}.verdict.bad{border-color:var(--bad)}.verdict.care{border-color:var(--care)}
.verdict h1,.verdict p{color:var(--ink)}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.2rem 1rem;margin:.8rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.cards{display:grid;align-items:start;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:.9rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.85rem 1rem;break-inside:avoid}
.card ul{margin:.5rem 0 0;padding:0;list-style:none}
.card li{padding:.15rem 0 .15rem 1.4rem;text-indent:-1.4rem;overflow-wrap:anywhere}
.mark{display:inline-block;width:1.4rem;text-indent:0;font-weight:700}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th{text-align:left;font-weight:600;color:var(--soft);white-space:nowrap}
th,td{padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td{overflow-wrap:anywhere;min-width:3.5rem}table.flow td:nth-child(3),table.flow td:nth-child(4){overflow-wrap:normal}td.wide{min-width:14rem}td.state,td.time{white-space:nowrap;width:1%}
tr.back td{background:var(--card)}
svg{display:block;width:100%;min-width:40rem;height:auto;margin:.4rem 0}
svg text{font:12px system-ui,"DejaVu Sans",sans-serif;fill:var(--soft)}
svg .name{fill:var(--ink)}
svg .axis{stroke:var(--line)}svg .rail{fill:var(--card)}
svg .bar-good{fill:var(--good)}svg .bar-bad{fill:var(--bad)}svg .bar-care{fill:var(--care)}svg .bar-calm{fill:var(--calm)}
svg .down{fill:var(--bad)}svg .up{fill:var(--good)}svg .unseen{fill:var(--care)}svg .zone{fill:var(--bad);opacity:.14}
@media (max-width:40rem){body{padding:1.25rem .9rem 3rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.45rem}
table.flow thead{display:none}table.flow tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}table.flow td{display:inline;border:0;padding:0 .6rem 0 0;min-width:0}table.flow td.wide{display:block;min-width:0}}
@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--page:#fff;--card:#fff;--good:#135e29;--bad:#a40e26;--care:#7a5200;--calm:#0b4f94}body{max-width:none;padding:0;font-size:10.5pt}h2{break-after:avoid}tr{break-inside:avoid}.scroll{overflow:visible}svg{min-width:0}}
`;
