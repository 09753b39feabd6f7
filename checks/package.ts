// Is this package the release that it claims to be, for this machine, whole, and free of secrets? Asked of the file alone, before
// anything of it is used; the archive is hostile input and is never unpacked here.
import { type CheckContext, defineCheck } from '../src/core/check.js';
import { RouterctlError } from '../src/core/errors.js';
import type { HostReadPorts, ReadPorts } from '../src/core/ports/ports.js';
import { fail, measured, pass, skip, type Verdict, warn } from '../src/core/verdict.js';
import { z } from '../src/core/zod.js';
import { artifactPath, artifactSpec } from './parts/artifact.js';
import { bytesInWords } from './parts/bytes-in-words.js';
import { ownSecrets } from './parts/own-secrets.js';
import { type Contents, packageContents } from './parts/package-contents.js';
import { packageName } from './parts/package-name.js';
import { releaseFaults } from './parts/release-document.js';
import { type Reviewed, reviewedFindings } from './parts/reviewed-findings.js';

const spec = z.strictObject({
  /** The package file, or a directory that holds exactly one. */
  artifact: artifactSpec,
  /** File of reviewed false positives of the secret scan. */
  allow: z.string().min(1).nullish(),
});

type Observation =
  | { readonly left: string }
  | { readonly trouble: string; readonly hint: string | null }
  | {
      readonly path: string;
      readonly fileName: string;
      readonly product: string;
      readonly sha256: string;
      readonly hostOs: string;
      readonly hostArchitecture: string;
      readonly unusedReviews: number;
      /** References of the target that could not be read, so that the package could not be searched for what they hold. */
      readonly unreadSecrets: readonly string[];
      readonly contents: Contents;
    };

const packageCheck = defineCheck<z.infer<typeof spec>, Observation>({
  kind: 'package',
  title: 'the package is whole, right for this machine, and holds no secret',
  why: 'A wrong, damaged or poisoned package is cheapest to refuse before anything of it runs.',
  subject: ['none', 'component'],
  effects: 'none',
  spec,
  async observe({ artifact, allow }, ports, context) {
    const profile = context.profile.package;
    if (profile === undefined) return measured({ left: `the profile ${context.profile.profile} describes no package` });
    const host = ports.on(context.target.host);
    const reviewed = allow === undefined || allow === null ? [] : reviewedFindings(await host.files.readText(allow), allow);
    const found = await onePackage(artifactPath(artifact), profile.name, host);
    if ('trouble' in found) return measured({ ...found, hint: null });
    try {
      return measured(await read(found.path, profile, reviewed, ports, context));
    } catch (error) {
      if (error instanceof RouterctlError && error.code.startsWith('PACKAGE_'))
        return measured({ trouble: error.message, hint: error.hint ?? null });
      throw error;
    }
  },
  judge(observation) {
    if ('left' in observation) return skip(observation.left);
    if ('trouble' in observation) return fail(observation.trouble, observation.hint === null ? {} : { hint: observation.hint });
    return judgeContents(observation);
  },
});

async function read(
  path: string,
  product: NonNullable<CheckContext['profile']['package']>,
  reviewed: readonly Reviewed[],
  ports: ReadPorts,
  { target, profile }: CheckContext,
): Promise<Observation> {
  const host = ports.on(target.host);
  const own = await ownSecrets(target, ports);
  const used = new Set<Reviewed>();
  const wanted = { own: own.secrets, forms: profile.tokens ?? {} };
  const contents = await packageContents(path, host.archives, product, wanted, (finding) => {
    const review = reviewed.find(({ sha256, path: file }) => sha256 === finding.sha256 && file === finding.path);
    if (review !== undefined) used.add(review);
    return review !== undefined;
  });
  const [sha256, hostOs, hostArchitecture] = await Promise.all([
    host.files.sha256(path),
    host.system.operatingSystem(),
    host.system.architecture(),
  ]);
  return {
    path,
    fileName: path.slice(path.lastIndexOf('/') + 1),
    product: product.name,
    sha256,
    hostOs,
    hostArchitecture,
    unusedReviews: reviewed.length - used.size,
    unreadSecrets: own.unread,
    contents,
  };
}

/** A directory is accepted when there is no doubt about which package is meant. */
async function onePackage(path: string, product: string, { files }: HostReadPorts): Promise<{ path: string } | { trouble: string }> {
  const facts = await files.stat(path);
  if (facts === null)
    throw new RouterctlError('FILE_MISSING', `${path} does not exist`, {
      hint: 'Name the package file, or a directory that holds exactly one.',
    });
  if (facts.kind !== 'directory') return { path };
  const packages = (await files.list(path)).filter((name) => packageName(name, product) !== null);
  const [only] = packages;
  if (only !== undefined && packages.length === 1) return { path: `${path}/${only}` };
  return {
    trouble:
      packages.length === 0
        ? `${path} holds no package of ${product}`
        : `${path} holds ${packages.length} packages, expected exactly one: ${packages.join(', ')}`,
  };
}

type Read = Extract<Observation, { contents: Contents }>;

function judgeContents(observation: Read): Verdict {
  const { path, fileName, sha256, contents, unusedReviews, unreadSecrets } = observation;
  const { secrets } = contents;
  const faults = [...formFaults(observation), ...secretFaults(contents)];
  const evidence = { path, sha256, files: contents.files, bytes: contents.bytes, release: contents.release, secrets };
  const [first] = faults;
  if (first !== undefined) {
    const toReview = secrets.map((finding) => `if reviewed and harmless: ${finding.sha256}  ${finding.path}  <reason>`);
    const hint =
      secrets.length > 0
        ? 'Never ship this package; if every finding is harmless, list it in the file that "allow" names.'
        : 'Get the package of this release for this machine again.';
    return fail(`${fileName}: ${first}`, { details: [...faults.slice(1), ...toReview], hint, evidence });
  }
  const reviews =
    unusedReviews > 0 ? [`${unusedReviews} reviewed ${unusedReviews === 1 ? 'finding is' : 'findings are'} no longer there`] : [];
  const summary = `${fileName}: ${contents.files} files, ${bytesInWords(contents.bytes)}, sha256 ${sha256.slice(0, 12)}`;
  if (unreadSecrets.length === 0) return pass(summary, { details: reviews, evidence });
  const unread = `not looked for, because it cannot be read: ${unreadSecrets.join(', ')}`;
  return warn(summary, { details: [unread, ...reviews], evidence });
}

function formFaults({ fileName, product, hostOs, hostArchitecture, contents }: Read): string[] {
  const name = packageName(fileName, product);
  if (name === null) return [`the file is not named ${product}-<version>-<os>-<architecture>.tar.gz`];
  const { roots, release, sums, built, setuid, programs } = contents;
  const faults: string[] = [];
  if (name.os !== hostOs) faults.push(`built for ${name.os}, this machine runs ${hostOs}`);
  if (name.architecture !== hostArchitecture) faults.push(`built for ${name.architecture}, this machine is ${hostArchitecture}`);
  for (const { architecture, example } of built) {
    if (architecture !== name.architecture) faults.push(`${example} is built for ${architecture}, the file name says ${name.architecture}`);
  }
  if (roots.length !== 1 || roots[0] !== name.stem)
    faults.push(`holds ${roots.slice(0, 3).join(', ') || 'nothing'}, expected the one directory ${name.stem}`);
  faults.push(...(release === null ? ['the release document is missing or no JSON'] : releaseFaults(release, name, product)));
  if (sums === null) faults.push('the list of digests is missing or not in the format of sha256sum');
  else {
    faults.push(...sums.differing.map((file) => `${file} does not have its listed digest`));
    faults.push(...sums.missing.map((file) => `${file} is listed but not there`));
    faults.push(...sums.extra.map((file) => `${file} is there but not listed`));
  }
  faults.push(...programs.filter(({ executable }) => !executable).map((program) => `bin/${program.name} is missing or not executable`));
  faults.push(...setuid.map((file) => `${file} has the setuid or setgid bit`));
  return faults;
}

function secretFaults({ secrets, secretCount }: Contents): string[] {
  const lines = secrets.map(({ path, line, pattern, own }) =>
    own ? `${path}:${line} holds a secret of this target (${pattern})` : `${path}:${line} holds what looks like a secret (${pattern})`,
  );
  return secretCount > secrets.length ? [...lines, `and ${secretCount - secrets.length} more`] : lines;
}

// `package` is a reserved word, but a fine name to import by.
export { packageCheck as package };
