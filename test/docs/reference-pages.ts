// The reference pages that are made from the code: errors, exit codes and commands. `npm run docs` writes them, a test compares them.
import { execa } from 'execa';
import { errorCatalogue } from '../../src/core/errors.js';
import { exitCodes } from '../../src/core/exit-code.js';

const made = (from: string) => `<!-- Made from ${from}; to change this page, change that and run: npm run docs -->`;

export function errorsPage(): string {
  const rows = Object.entries(errorCatalogue).map(([code, { exit, when }]) => `| \`${code}\` | ${exit} | ${when} |`);
  return [
    '# Errors',
    '',
    made('src/core/errors.ts'),
    '',
    'Every refusal has a code, printed with `--json` as `error.code`. The text says what is wrong, where, and what to do next;',
    'the code is what scripts should test. `routerctl explain CODE` prints the same line offline. An error without one of these',
    'codes is `BUG` (exit 1): a fault in routerctl itself, printed with its stack.',
    '',
    '| code | exit | raised when |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

export function exitCodesPage(): string {
  const rows = Object.entries(exitCodes).map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return [
    '# Exit codes',
    '',
    made('src/core/exit-code.ts'),
    '',
    'Text and `--json` end with the same code. A code tells what became of the deployment, not only that something was wrong:',
    'after 3, 6 and 7 nothing was changed, after 4 the old version serves, after 5 a person has to act.',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...rows,
    '',
    'When several apply, the first of 5, 4, 9, 3, 7, 8 wins. 8 replaces only 0. The codes 129, 130 and 143 are used only while',
    'nothing was changed; afterwards the state of the deployment decides (4, 5 or 9).',
    '',
  ].join('\n');
}

export interface CommandSurface {
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly args: readonly { readonly name: string; readonly required: boolean; readonly description: string }[];
  readonly flags: readonly {
    readonly name: string;
    readonly char: string | null;
    readonly takes: string | null;
    readonly many: boolean;
    readonly group: string;
    readonly description: string;
  }[];
}

const ask = `
  const { Config, Plugin, settings } = await import('@oclif/core');
  settings.enableAutoTranspile = false;
  const root = process.cwd();
  // the list of an earlier build may be wrong
  const plugin = new Plugin({ root, isRoot: true, ignoreManifest: true });
  await plugin.load();
  const config = await Config.load({ root, plugins: new Map([[plugin.name, plugin]]) });
  const example = (one) => typeof one === 'string' ? one : one.command;
  const said = (text) => (text ?? '').replaceAll('<%= config.bin %>', config.bin);
  const commands = config.commands.filter((command) => !command.hidden).map((command) => ({
    id: command.id.replaceAll(':', ' '),
    summary: command.summary ?? '',
    description: said(command.description),
    examples: (command.examples ?? []).map((one) => said(example(one)).replaceAll('<%= command.id %>', command.id.replaceAll(':', ' '))),
    args: Object.values(command.args).filter((arg) => !arg.hidden)
      .map((arg) => ({ name: arg.name, required: arg.required === true, description: arg.description ?? '' })),
    flags: Object.values(command.flags).filter((flag) => !flag.hidden).map((flag) => ({
      name: flag.name, char: flag.char ?? null, takes: flag.type === 'option' ? (flag.options?.join('|') ?? flag.helpValue ?? flag.name.toUpperCase()) : null,
      many: flag.multiple === true, group: flag.helpGroup ?? '', description: flag.summary ?? flag.description ?? '',
    })),
  }));
  console.log(JSON.stringify(commands));`;

/** What the built program offers, asked in a process of its own: oclif would look for TypeScript sources inside a test run. */
export async function commandSurface(): Promise<readonly CommandSurface[]> {
  const { stdout } = await execa('node', ['--input-type=module', '--eval', ask]);
  const commands = JSON.parse(stdout) as readonly CommandSurface[];
  return commands.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function flagRow(flag: CommandSurface['flags'][number]): string {
  const short = flag.char === null ? '' : `-${flag.char}, `;
  const value = flag.takes === null ? '' : ` ${flag.takes}`;
  return `| \`${cell(`${short}--${flag.name}${value}`)}\` | ${cell(flag.description)}${flag.many ? ' (repeatable)' : ''} |`;
}

function commandSection(command: CommandSurface): readonly string[] {
  const args = command.args.map((arg) => (arg.required ? arg.name.toUpperCase() : `[${arg.name.toUpperCase()}]`));
  const flags = command.flags.filter((flag) => flag.group !== 'GLOBAL');
  const table = (rows: readonly string[]) => (rows.length === 0 ? [] : ['', '| | |', '| --- | --- |', ...rows]);
  return [
    `## routerctl ${command.id}`,
    '',
    `${command.summary}.`.replace(/\.\.$/, '.'),
    '',
    '```text',
    ['routerctl', command.id, ...args, ...(flags.length > 0 ? ['[flags]'] : [])].join(' '),
    '```',
    ...table([...command.args.map((arg) => `| \`${arg.name.toUpperCase()}\` | ${cell(arg.description)} |`), ...flags.map(flagRow)]),
    '',
    '```text',
    command.description.trim(),
    '```',
    '',
    'Examples:',
    '',
    '```text',
    ...command.examples,
    '```',
    '',
  ];
}

export function commandsPage(commands: readonly CommandSurface[]): string {
  const everywhere = commands[0]?.flags.filter((flag) => flag.group === 'GLOBAL') ?? [];
  return [
    '# Commands',
    '',
    made('the commands themselves'),
    '',
    'Results go to stdout, progress to stderr. These flags work everywhere:',
    '',
    '| | |',
    '| --- | --- |',
    ...everywhere.map(flagRow),
    '',
    ...commands.flatMap(commandSection),
  ].join('\n');
}
