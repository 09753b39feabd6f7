// The container image: from scratch, of Node.js, its libraries and the program, so that there is nothing in it that routerctl does not need.
import { join } from 'node:path';
import { writeImage } from '../dist/src/router/lab/image-archive.js';
import { libraryLicences, nodeLicence } from './dist-platform.js';

/** Of a layer that is the same in every version, so that an engine keeps it once. */
const runtimeTime = new Date('2026-01-01T00:00:00Z');
const user = 65532;

export function makeImage(into, release, platform, contents) {
  const { files: licences, versions } = libraryLicences(platform.libraries);
  const text = (path, content) => ({ path, content: Buffer.from(content), executable: false });
  const copy = (path, file) => ({ path, content: { file }, executable: false });
  const runtime = [
    { path: 'usr/local/bin/node', content: { file: platform.node }, executable: true },
    ...platform.libraries,
    copy('usr/share/doc/node/LICENSE', nodeLicence(platform.node)),
    ...licences.map((path) => copy(path.slice(1), path)),
    text('usr/share/doc/libraries.txt', `The libraries are those of these Debian packages:\n${versions.join('\n')}\n`),
    text('etc/passwd', `root:x:0:0::/:/nologin\nrouterctl:x:${user}:${user}::/var/lib/routerctl:/nologin\n`),
    text('etc/group', `root:x:0:\nrouterctl:x:${user}:\n`),
    text('etc/nsswitch.conf', 'hosts: files dns\n'),
  ];
  const name = `${release.stem}.image.tar`;
  const written = writeImage(join(into, name), {
    reference: `routerctl:${release.version}`,
    architecture: platform.name,
    created: release.created,
    createdBy: 'npm run dist',
    layers: [
      // Anybody's, as /tmp: with --user it is whoever owns the files of the deployment that runs it.
      { files: runtime, directories: { 'tmp/': 0o1777, 'var/lib/routerctl/': 0o1777, 'work/': 0o1777 }, time: runtimeTime },
      {
        files: contents.map(({ path, file, executable }) => ({ path: `opt/routerctl/${path}`, content: { file }, executable })),
        directories: {},
        time: release.created,
      },
    ],
    config: {
      Entrypoint: ['/usr/local/bin/node', '/opt/routerctl/bin/run.js'],
      Env: ['PATH=/usr/local/bin', 'HOME=/var/lib/routerctl'],
      Labels: {
        'org.opencontainers.image.title': 'routerctl',
        'org.opencontainers.image.description': release.description,
        'org.opencontainers.image.version': release.version,
        'org.opencontainers.image.created': release.created.toISOString(),
        'org.opencontainers.image.licenses': 'Apache-2.0',
        ...(release.commit === null ? {} : { 'org.opencontainers.image.revision': release.commit }),
      },
      User: `${user}:${user}`,
      WorkingDir: '/work',
    },
  });
  return { name, ...written };
}
