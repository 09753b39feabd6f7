// The tarball: launcher, Node.js of its own, program and packages below one directory, for hosts where nothing may be installed beside it.
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeTarGz } from '../dist/src/router/lab/package-archive.js';
import { nodeLicence } from './dist-platform.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export function makeTarball(into, release, platform, contents) {
  if (platform.strange.length > 0)
    throw new Error(`${platform.node} needs ${platform.strange.join(', ')}, which other machines lack; use the Node.js of nodejs.org`);
  const ofFile = (path, file, executable = false) => ({ path, bytes: readFileSync(file), executable });
  const needs = ['machine', 'loader', 'glibc'].map((name) => `routerctl_${name}=${platform[name]}\n`).join('');
  const archive = writeTarGz(
    [
      ofFile('bin/routerctl', join(root, 'bin/dist-launcher'), true),
      ofFile('runtime/node', platform.node, true),
      ofFile('runtime/LICENSE', nodeLicence(platform.node)),
      ofFile('LICENSE', join(root, 'LICENSE')),
      { path: 'platform', bytes: Buffer.from(needs), executable: false },
      { path: 'README.md', bytes: Buffer.from(readme(release, platform)), executable: false },
      ...contents.map(({ path, file, executable }) => ofFile(`app/${path}`, file, executable)),
    ].map((entry) => ({ ...entry, path: `${release.stem}/${entry.path}` })),
    release.created,
  );
  const name = `${release.stem}.tar.gz`;
  const unfinished = join(into, `${name}.${process.pid}.new`);
  writeFileSync(unfinished, archive);
  renameSync(unfinished, join(into, name));
  return { name, bytes: archive.length, sha256: createHash('sha256').update(archive).digest('hex') };
}

function readme({ version, commit, stem }, { name, machine, glibc }) {
  return `# routerctl ${version} for Linux on ${machine} (${name})

Needs glibc ${glibc} or newer and libstdc++; no Node.js, no compiler, no network.${commit === null ? '' : `\nMade of commit ${commit}.`}

    sudo tar -xzf ${stem}.tar.gz -C /opt
    sudo ln -sfn /opt/${stem}/bin/routerctl /usr/local/bin/routerctl
    routerctl --version

\`app/\` is routerctl with the packages that it uses, \`runtime/\` its Node.js ${process.versions.node}, which nothing else uses. Each licence lies
beside what it is for. \`routerctl explain WORD\` explains every word, error and exit code; \`routerctl completion --help\` completes commands.
`;
}
