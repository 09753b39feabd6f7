// How a compose project is named on a command line: for compose itself, and for the lines that a person types.
import type { ComposeProject } from './ports/compose.js';

/** Options before the subcommand; the operator's own directory and variables then do not matter. */
export function composeOptions({ directory, files, name, environmentFile }: ComposeProject): readonly string[] {
  return [
    ...['--project-directory', directory],
    ...files.flatMap((file) => ['--file', file]),
    ...(name === null ? [] : ['--project-name', name]),
    ...(environmentFile === null ? [] : ['--env-file', environmentFile]),
  ];
}

/** Builds and pulls nothing, leaves other services alone, and takes the image that the name means now. */
export const recreateWords = (service: string): readonly string[] => [
  ...['up', '--detach', '--no-deps', '--no-build', '--pull', 'never', '--force-recreate', service],
];
