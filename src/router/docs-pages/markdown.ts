// A release note's Markdown as HTML that can do nothing: HTML in the note is shown as text, pictures become their description,
// and a link goes to the web, to a mail address or nowhere. The only file of the router that knows the Markdown package.
import { Marked } from 'marked';
import { htmlText } from './html-text.js';

const harmless = /^(https?:\/\/|mailto:|#)/i;

const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => htmlText(text),
    image: ({ text }) => htmlText(text),
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens);
      return harmless.test(href) ? `<a href="${htmlText(href)}" rel="noreferrer">${text}</a>` : text;
    },
  },
});

export function markdownToHtml(text: string): string {
  return marked.parse(text, { async: false });
}
