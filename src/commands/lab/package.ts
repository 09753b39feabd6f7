// `routerctl lab package`: one version of the reference router as a binary package, or as an image with its compose project.
import { readFileSync } from 'node:fs';
import { Flags } from '@oclif/core';
import type { CommandResult } from '../../cli/base-command.js';
import { LabCommand } from '../../cli/lab-command.js';
import { RouterctlError } from '../../core/errors.js';
import type { PackageOptions } from '../../router/lab/package-release.js';

export default class LabPackage extends LabCommand {
  static override summary = 'write a package of the reference router: binaries, or an image';
  static override description =
    `The same inputs give the same bytes. A package for another architecture is for practice only: it must be refused.
--image writes a directory instead: the image as a file for \`docker load\`, and the compose project that runs it.
--defect makes a release that looks healthy and is not.

EXIT STATUS
  0  written
  2  wrong flags, a directory that cannot be written, or nothing is built yet`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --version 1.1.0 --out packages',
    '<%= config.bin %> <%= command.id %> --version 1.1.0 --out packages --image',
    '<%= config.bin %> <%= command.id %> --version 1.2.0 --out packages --defect cut-streams --defect no-stream-usage',
  ];
  static override flags = {
    version: Flags.string({ required: true, description: 'version that the package carries' }),
    out: Flags.string({ required: true, description: 'directory for the package' }),
    image: Flags.boolean({ description: 'an image and its compose project' }),
    product: Flags.string({
      dependsOn: ['image'],
      description: "the product's name in files, tags and variables (default: reference-router)",
    }),
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
    const note = flags['release-note'];
    const options = {
      version: flags.version,
      outDirectory: flags.out,
      defects: (flags.defect ?? []).map((name) => (name === 'cut-streams' ? 'cut-streams' : 'no-stream-usage')),
      ...(flags.arch === undefined ? {} : { architecture: flags.arch === 'arm64' ? 'arm64' : 'amd64' }),
      ...(flags['build-date'] === undefined ? {} : { buildDate: flags['build-date'] }),
      ...(flags.commit === undefined ? {} : { commit: flags.commit }),
      ...(note === undefined ? {} : { releaseNote: readNote(note) }),
    } satisfies PackageOptions;
    if (flags.image) {
      const { packageImage } = await import('../../router/lab/package-image.js');
      const made = packageImage({ ...options, ...(flags.product === undefined ? {} : { product: flags.product }) });
      return { exitCode: 0, text: [`${made.directory}  ${mebibytes(made.bytes)}  ${made.image}  ${made.imageId}`], json: { ...made } };
    }
    const { packageRelease } = await import('../../router/lab/package-release.js');
    const result = packageRelease(options);
    return { exitCode: 0, text: [`${result.file}  ${mebibytes(result.bytes)}  sha256 ${result.sha256}`], json: { ...result } };
  }
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

function readNote(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new RouterctlError('FILE_UNREADABLE', `the release note ${path} cannot be read`, { hint: 'check --release-note', cause: error });
  }
}
