// Shell completion as a script per shell, made from the commands that this build has: commands, their flags, and the values
// of flags that have a fixed set. Pure, so that what a shell gets can be tested as text.

export interface CompletableFlag {
  readonly name: string;
  readonly char: string | null;
  readonly summary: string;
  /** Fixed values; null when anything goes (files are offered). */
  readonly options: readonly string[] | null;
  readonly takesValue: boolean;
  readonly repeatable: boolean;
}

export interface CompletableCommand {
  /** Words after the program: `run attach`. */
  readonly words: string;
  readonly summary: string;
  readonly flags: readonly CompletableFlag[];
  /** Fixed values of its first argument; null when anything goes, or nothing (files are offered). */
  readonly argument: readonly string[] | null;
}

export const completedShells = ['bash', 'zsh', 'fish'] as const;
export type CompletedShell = (typeof completedShells)[number];

export function completionScript(shell: CompletedShell, program: string, commands: readonly CompletableCommand[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(program, commands);
    case 'zsh':
      return zshScript(program, commands);
    case 'fish':
      return fishScript(program, commands);
  }
}

/** First words, and the second words of topics. */
function tree(commands: readonly CompletableCommand[]): Map<string, string[]> {
  const topics = new Map<string, string[]>();
  for (const { words } of commands) {
    const [first = '', second] = words.split(' ');
    topics.set(first, [...(topics.get(first) ?? []), ...(second === undefined ? [] : [second])]);
  }
  return topics;
}

const flagWords = ({ flags }: CompletableCommand): string =>
  flags.flatMap(({ name, char }) => [`--${name}`, ...(char === null ? [] : [`-${char}`])]).join(' ');

function bashScript(program: string, commands: readonly CompletableCommand[]): string {
  const topics = tree(commands);
  const second = [...topics]
    .filter(([, words]) => words.length > 0)
    .map(([topic, words]) => `    '${topic}') words='${words.join(' ')}' ;;`);
  const flags = commands.map((command) => `    '${command.words}') flags='${flagWords(command)}' ;;`);
  const fixed = commands.flatMap(({ words, argument }) => (argument === null ? [] : [`    '${words}') fixed='${argument.join(' ')}' ;;`]));
  const values = commands.flatMap(({ words, flags: list }) =>
    list
      .filter(({ options }) => options !== null)
      .map(
        ({ name, char, options }) =>
          `    '${words} --${name}'${char === null ? '' : ` | '${words} -${char}'`}) COMPREPLY=($(compgen -W '${(options ?? []).join(' ')}' -- "$current")); return ;;`,
      ),
  );
  return `# bash completion of ${program}; load it with: source <(${program} completion bash)
_${program}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words='' flags='' fixed='' command=\${COMP_WORDS[1]}
  # The sign in --flag=value is a word of its own here.
  if [ "$current" = '=' ]; then current=''; elif [ "$previous" = '=' ]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  case "$command" in
${second.join('\n')}
  esac
  if [ -n "$words" ] && [ "$COMP_CWORD" -gt 1 ]; then command="$command \${COMP_WORDS[2]}"; fi
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W '${[...topics.keys()].join(' ')}' -- "$current")); return; fi
  if [ -n "$words" ] && [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); return; fi
  case "$command $previous" in
${values.join('\n')}
  esac
  case "$command" in
${flags.join('\n')}
  esac
  case "$command" in
${fixed.join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$fixed" -- "$current")) ;;
  esac
}
complete -o default -F _${program} ${program}
`;
}

const zshText = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, '\\$&');

function zshScript(program: string, commands: readonly CompletableCommand[]): string {
  const topics = tree(commands);
  const describe = (words: string): string => zshText(commands.find((command) => command.words === words)?.summary ?? '');
  const first = [...topics.keys()].map((word) => `    '${word}:${describe(word)}'`);
  const second = [...topics]
    .filter(([, words]) => words.length > 0)
    .map(
      ([topic, words]) => `    ${topic}) words_of_topic=(${words.map((word) => `'${word}:${describe(`${topic} ${word}`)}'`).join(' ')}) ;;`,
    );
  const flags = commands.map(
    ({ words, flags: list, argument }) =>
      `    '${words}') _arguments ${list.map(zshFlag).join(' ')} ${zshArgument(words, argument)}'*:file:_files' ;;`,
  );
  return `#compdef ${program}
# zsh completion of ${program}; put it into a file _${program} of your fpath
_${program}() {
  local -a commands words_of_topic
  local command=$words[2]
  commands=(
${first.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case $command in
${second.join('\n')}
  esac
  if (( \${#words_of_topic} > 0 )); then
    if (( CURRENT == 3 )); then _describe command words_of_topic; return; fi
    command="$command $words[3]"
  fi
  case $command in
${flags.join('\n')}
  esac
}
# From a file of the fpath this is the body of the function at its first call; from \`source\` it is not.
if [ "$funcstack[1]" = _${program} ]; then _${program} "$@"; else compdef _${program} ${program}; fi
`;
}

/** The words of the command are arguments, too. */
function zshArgument(words: string, argument: readonly string[] | null): string {
  return argument === null ? '' : `'${words.split(' ').length + 1}:value:(${argument.join(' ')})' `;
}

function zshFlag({ name, char, summary, options, takesValue, repeatable }: CompletableFlag): string {
  const value = options !== null ? `:value:(${options.join(' ')})` : takesValue ? ':value:_files' : '';
  const one = (flag: string): string => `'${repeatable ? '*' : ''}${flag}[${zshText(summary)}]${value}'`;
  return [one(`--${name}${takesValue ? '=' : ''}`), ...(char === null ? [] : [one(`-${char}`)])].join(' ');
}

const fishText = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");

function fishScript(program: string, commands: readonly CompletableCommand[]): string {
  const lines = [
    `# fish completion of ${program}; load it with: ${program} completion fish | source`,
    `complete -c ${program} -n __fish_use_subcommand -f`,
  ];
  const topics = tree(commands);
  for (const [topic, words] of topics) {
    const summary = commands.find((command) => command.words === topic)?.summary ?? '';
    lines.push(`complete -c ${program} -n __fish_use_subcommand -f -a ${topic} -d '${fishText(summary)}'`);
    for (const word of words) {
      const told = commands.find((command) => command.words === `${topic} ${word}`)?.summary ?? '';
      lines.push(
        `complete -c ${program} -n '__fish_seen_subcommand_from ${topic}; and not __fish_seen_subcommand_from ${words.join(' ')}' -f -a ${word} -d '${fishText(told)}'`,
      );
    }
  }
  for (const { words, flags, argument } of commands) {
    const seen = words
      .split(' ')
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join('; and ');
    if (argument !== null) lines.push(`complete -c ${program} -n '${seen}' -f -a '${argument.join(' ')}'`);
    for (const { name, char, summary, options, takesValue } of flags) {
      const value = options !== null ? ` -x -a '${options.join(' ')}'` : takesValue ? ' -r' : '';
      lines.push(`complete -c ${program} -n '${seen}' -l ${name}${char === null ? '' : ` -s ${char}`}${value} -d '${fishText(summary)}'`);
    }
  }
  return `${lines.join('\n')}\n`;
}
