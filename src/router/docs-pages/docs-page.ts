// The shell of every page below /docs/: one banner that says which build answers, a few links, and no script or remote part.
import { createHash } from 'node:crypto';
import { htmlText } from './html-text.js';

const style = `
:root { color-scheme: light dark; --line: #8886; --soft: #8881; }
body { font: 1rem/1.55 system-ui, sans-serif; margin: 0; }
.banner { margin: 0; padding: .5rem 1rem; background: var(--soft); border-bottom: 1px solid var(--line); }
nav { padding: .5rem 1rem; } nav a { margin-right: 1rem; }
main { max-width: 60rem; padding: 0 1rem 3rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
pre { overflow-x: auto; padding: .75rem; background: var(--soft); } code { font-family: ui-monospace, monospace; }
.wide { overflow-x: auto; }
`;

/** Allows the one style above and nothing else. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface DocsPage {
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

export interface Banner {
  /** The product, for people. */
  readonly display: string;
  readonly version: string;
  readonly commit: string;
  readonly buildDate: string;
}

const links = [
  ['/docs/', 'Overview'],
  ['/docs/releases', 'Releases'],
  ['/docs/release-notes', 'Release Notes'],
] as const;

export function htmlPage({ title, body }: DocsPage, { display, version, commit, buildDate }: Banner): string {
  const say = htmlText;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${say(title)} – ${say(display)} ${say(version)}</title>
<style>${style}</style>
</head>
<body>
<p class="banner" role="note"><strong>${say(display)} ${say(version)}</strong>, built ${say(buildDate)}, commit <code>${say(commit.slice(0, 12))}</code></p>
<nav aria-label="Pages">${links.map(([path, name]) => `<a href="${path}">${name}</a>`).join('')}</nav>
<main>
<h1>${say(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

/** Cells are HTML. */
export function htmlTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((cell) => `<th scope="col">${cell}</th>`).join('');
  const lines = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n');
  return `<div class="wide" tabindex="0" role="region" aria-label="Table"><table><thead><tr>${head}</tr></thead>\n<tbody>\n${lines}\n</tbody></table></div>`;
}
