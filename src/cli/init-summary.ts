// What `init` says: every recognised fact with how it was recognised, the file that it wrote, and what to type next.
import type { Recognised } from '../app/first-contact.js';
import type { Json } from '../core/json.js';
import type { FoundRow } from '../ui/found-screen.js';

export interface InitOutcome {
  readonly file: string;
  readonly lines: number;
  /** Commands that are still missing before an upgrade, each with why. */
  readonly next: readonly { readonly command: string; readonly why: string }[];
}

export function initRows(recognised: Recognised, { file, lines, next }: InitOutcome): readonly FoundRow[] {
  const facts = factsOf(recognised).map(([label, text, how]) => ({ label, text, how }));
  return [
    ...facts,
    ...recognised.notes.map((text) => ({ label: 'note', text, how: null, tone: 'attention' as const })),
    { label: 'wrote', text: `${file} (${lines} lines, references only, no secret)`, how: null, tone: 'good' as const },
    ...next.map(({ command, why }) => ({ label: 'next', text: command, how: why })),
  ];
}

export function initJson(recognised: Recognised, { file, next }: InitOutcome): Json {
  const found = factsOf(recognised).map(([fact, value, how]) => ({ fact, value, how }));
  return {
    file,
    profile: recognised.profile,
    root: recognised.root,
    found,
    notes: [...recognised.notes],
    next: next.map((step) => ({ ...step })),
  };
}

type Fact = readonly [label: string, text: string, how: string];

function factsOf({ service, profile, root, layout, files, environmentFile, pidFile, log }: Recognised): readonly Fact[] {
  const { process, unit, url, product } = service;
  const facts: (Fact | null)[] = [
    unit === null
      ? null
      : [
          'unit',
          `${unit.unit} (${unit.scope}, ${unit.activeState})`,
          process === null ? service.how : `its main process is ${unit.mainPid}`,
        ],
    process === null ? null : ['process', `pid ${process.pid}`, service.how],
    url === null ? null : ['url', url, process === null ? service.how : `pid ${process.pid} listens there`],
    product === null
      ? null
      : ['product', `${product.product}${product.version === null ? '' : ` ${product.version}`}, profile ${profile}`, product.how],
    layout === null
      ? null
      : ['program', `${layout.program} ${layout.version}, below ${layout.versions}`, 'where the program that runs lies'],
    layout?.current == null ? null : ['link', `${layout.current}`, `it points to ${layout.version}`],
    environmentFile === null ? null : ['env file', environmentFile.path, environmentFile.how],
    files.config === null ? null : ['config', files.config.path, files.config.how],
    files.license === null ? null : ['license', files.license.path, files.license.how],
    files.licenseState === null ? null : ['license', files.licenseState.path, `state: ${files.licenseState.how}`],
    ...files.databases.map(({ path, how }): Fact => ['database', path, how]),
    pidFile === null ? null : ['pid file', pidFile.path, pidFile.how],
    log === null ? null : ['log', log, 'its output goes there'],
    ['root', root, 'lease and runs will lie in its .routerctl'],
  ];
  return facts.filter((fact) => fact !== null);
}
