// `routerctl lab package`: one version of the reference router as a binary package.
import { readFileSync } from 'node:fs';
import { Flags } from '@oclif/core';
import type { CommandResult } from '../../cli/base-command.js';
import { LabCommand } from '../../cli/lab-command.js';
import { RouterctlError } from '../../core/errors.js';

export default class LabPackage extends LabCommand {
  static override summary = 'write a binary package of the reference router';
  static override description =
    `The same inputs give the same bytes. A package for another architecture is for practice only: it must be refused.
--defect makes a release that looks healthy and is not.

EXIT STATUS
  0  written
  2  wrong flags, a directory that cannot be written, or nothing is built yet`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --version 1.1.0 --out packages',
    '<%= config.bin %> <%= command.id %> --version 1.2.0 --out packages --defect cut-streams --defect no-stream-usage',
  ];
  static override flags = {
    version: Flags.string({ required: true, description: 'version that the package carries' }),
    out: Flags.string({ required: true, description: 'directory for the package' }),
    arch: Flags.string({ options: ['amd64', 'arm64'], description: "architecture (default: this machine's)" }),
    defect: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      options: ['cut-streams', 'no-stream-usage'],
      description: 'a fault to carry',
    }),
    'build-date': Flags.string({ description: 'RFC 3339 (default: fixed for each version)' }),
    commit: Flags.string({ description: 'commit (default: from the digest of the code)' }),
    'release-note': Flags.string({ description: 'Markdown file to ship as RELEASE_NOTES.md' }),
  };

  protected override async practise(): Promise<CommandResult> {
    const { flags } = await this.parse(LabPackage);
    const { packageRelease } = await import('../../router/lab/package-release.js');
    const note = flags['release-note'];
    const result = packageRelease({
      version: flags.version,
      outDirectory: flags.out,
      defects: (flags.defect ?? []).map((name) => (name === 'cut-streams' ? 'cut-streams' : 'no-stream-usage')),
      ...(flags.arch === undefined ? {} : { architecture: flags.arch === 'arm64' ? 'arm64' : 'amd64' }),
      ...(flags['build-date'] === undefined ? {} : { buildDate: flags['build-date'] }),
      ...(flags.commit === undefined ? {} : { commit: flags.commit }),
      ...(note === undefined ? {} : { releaseNote: readNote(note) }),
    });
    const size = `${(result.bytes / 1024 / 1024).toFixed(1)} MiB`;
    return { exitCode: 0, text: [`${result.file}  ${size}  sha256 ${result.sha256}`], json: { ...result } };
  }
}

function readNote(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new RouterctlError('FILE_UNREADABLE', `the release note ${path} cannot be read`, { hint: 'check --release-note', cause: error });
  }
}
