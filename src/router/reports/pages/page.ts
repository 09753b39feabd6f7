// The frame of every admin page: language, title, skip link, the router's name, navigation and who is signed in.
import type { AdminIdentity } from '../../access/admin-access.js';
import type { Gateway } from '../../gateway.js';
import { Html, type HtmlValue, html } from './html.js';
import { stylesheet } from './stylesheet.js';

export interface PageParts {
  readonly title: string;
  readonly body: HtmlValue;
  /** Null: nobody is signed in, and there is nothing to navigate to. */
  readonly identity: AdminIdentity | null;
  /** Path of the entry of the navigation that the page belongs to. */
  readonly at: string;
}

const entries = [
  ['/admin/reports/', 'Overview'],
  ['/admin/reports/requests', 'Requests'],
] as const;

export function page({ generation, release }: Gateway, { title, body, identity, at }: PageParts): string {
  const name = generation.names.display;
  const version = `version ${release.version}, built ${release.buildDate}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${name}</title>
<link rel="icon" href="data:,">
<style>${new Html(stylesheet)}</style>
</head>
<body>
${
  identity !== null &&
  html`<a class="skip" href="#content">Skip to content</a>
<header class="top"><div class="wide">
<a class="name" href="/admin/reports/">${name}<small>Reports</small></a>
${navigation(at)}
<div class="who"><span>${identity.username}</span><form method="post" action="/admin/auth/logout"><button>Sign out</button></form></div>
</div></header>`
}
<main id="content" class="wide" tabindex="-1">
${body}
</main>
<footer class="foot wide">${name}, ${version}</footer>
</body>
</html>
`.text;
}

function navigation(at: string): Html {
  const items = entries.map(
    ([path, label]) => html`<li><a href="${path}"${path === at && new Html(' aria-current="page"')}>${label}</a></li>`,
  );
  return html`<nav aria-label="Reports"><ul>${items}</ul></nav>`;
}
