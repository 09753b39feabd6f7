// A run as it stands, printed once: what a screen shows, without the keys that only a screen has, and with the one next command.
import { labelledLines } from './labelled-block.js';
import { renderLine } from './line.js';
import { gateLines, headerLines, phaseLines, timeLine } from './render-run-view.js';
import type { RunView } from './run-view.js';
import type { Style } from './style.js';

/** `ended`: with a result, but without a report. */
type Standing = 'ended' | 'never-began' | 'running' | 'held' | 'awaits-guard' | 'interrupted';

/** What a person must know and do about a run that has no result. */
function standingWords(view: RunView, standing: Standing): { readonly state: string; readonly next: string } {
  const { runId, finished, rollingBack } = view;
  switch (standing) {
    case 'ended':
      return {
        state: `${finished?.outcome ?? 'ended'}: ${finished?.why ?? ''}`,
        next: `write its report: routerctl report build ${runId}`,
      };
    case 'never-began':
      return { state: 'never began; nothing was changed', next: 'begin again: routerctl upgrade' };
    case 'running':
      return { state: rollingBack ? 'rolling back' : 'running', next: `watch it: routerctl run attach ${runId}` };
    case 'held':
      return {
        state: 'held: a person decides',
        next: `go on: routerctl run continue ${runId}, keep it: routerctl run keep ${runId}, or take it back: routerctl run roll-back ${runId}`,
      };
    case 'awaits-guard':
      return { state: 'interrupted: nobody drives this run; its guard is awaited', next: `watch it: routerctl run attach ${runId}` };
    case 'interrupted':
      if (finished !== null)
        return { state: `${finished.outcome}, but nobody drives this run and it has no report`, next: `routerctl resume ${runId}` };
      if (rollingBack)
        return { state: 'interrupted on the way back: nobody drives this run', next: `go on taking it back: routerctl resume ${runId}` };
      return {
        state: 'interrupted: nobody drives this run',
        next: `go on: routerctl resume ${runId}, or take it back: routerctl resume ${runId} --roll-back`,
      };
  }
}

/** A picture of a moment: no keys, no figures that grow, nothing cut. */
export function renderSnapshot(view: RunView, standing: Standing, columns: number, style: Style): string[] {
  const { state, next } = standingWords(view, standing);
  const facts = [...headerLines(view), timeLine(view, columns), ...phaseLines(view.phases, Number.POSITIVE_INFINITY), ...gateLines(view)];
  const alarmed = standing === 'running' || standing === 'ended' || standing === 'never-began' ? 'plain' : 'attention';
  return [
    ...facts.map((each) => renderLine(each, columns, style)),
    ...labelledLines({ label: 'STATE', lines: [state], tone: alarmed, labelTone: 'strong' }, columns, style),
    ...labelledLines({ label: 'NEXT', lines: [next], tone: 'strong', labelTone: 'strong' }, columns, style),
  ];
}
