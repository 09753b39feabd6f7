// The text of /metrics as series, for tests that count.
import type { StartedRouter } from '../started-router.js';
import { tokens } from '../started-router.js';

export interface Scraped {
  readonly text: string;
  /** Every series with its value, by `name{label="value",…}`. */
  readonly series: ReadonlyMap<string, number>;
  /** The sum over all series of a name whose labels include the given ones. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

export const mayReadMetrics = {
  admin_auth: { policy: [{ subject: 'caller:everyone', domain: '*', object: 'metrics', action: 'read' }] },
};

export async function scrapeOf(router: StartedRouter): Promise<Scraped> {
  const answer = await router.get('/metrics', tokens.all);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(text);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const series = new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))] as const;
    }),
  );
  return {
    text,
    series,
    sum: (name, labels = {}) =>
      [...series]
        .filter(([key]) => key.split('{', 1)[0] === `reference_router_${name}`)
        .filter(([key]) => Object.entries(labels).every(([label, value]) => key.includes(`${label}="${value}"`)))
        .reduce((total, [, value]) => total + value, 0),
  };
}
