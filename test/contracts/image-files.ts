// Image files for tests of what reads them: made by the lab's own writer, then changed on purpose.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Image, type Layer, type WrittenImage, writeImage } from '../../src/router/lab/image-archive.js';
import { hostArchitecture } from '../../src/router/lab/package-release.js';

export const textLayer = (path: string, text: string): Layer => ({
  files: [{ path, content: Buffer.from(text), executable: false }],
  directories: {},
  time: new Date(0),
});

/** An image of two small layers, of which nothing can run. */
export function smallImage(file: string, reference: string, more: Partial<Image> = {}): WrittenImage {
  return writeImage(file, {
    reference,
    architecture: hostArchitecture(),
    created: new Date('2026-02-03T04:05:06.000Z'),
    layers: [textLayer('etc/lower', `of ${reference}\n`), textLayer('etc/upper', 'upper\n')],
    config: { Labels: { 'org.opencontainers.image.version': '1.2.3' } },
    ...more,
  });
}

/** The same with another manifest. */
export function withManifest(file: string, into: string, alter: (manifest: Manifest) => unknown): string {
  const directory = mkdtempSync(join(tmpdir(), 'image-'));
  execFileSync('tar', ['-xf', file, '-C', directory]);
  const manifest = JSON.parse(execFileSync('tar', ['-xOf', file, 'manifest.json'], { encoding: 'utf8' })) as Manifest;
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(alter(manifest)));
  execFileSync('tar', ['-cf', into, '-C', directory, ...execFileSync('ls', [directory], { encoding: 'utf8' }).trim().split('\n')]);
  execFileSync('rm', ['-r', directory]);
  return into;
}

export type Manifest = [{ Config: string; RepoTags: string[] | null; Layers: string[] }];

/** A static program of its own, and an image that starts it: says a line on each stream and ends, or stays with `stay`. */
export function programImage(directory: string, reference: string): WrittenImage {
  const source = join(directory, 'said.c');
  const program = join(directory, 'said');
  mkdirSync(directory, { recursive: true });
  writeFileSync(source, sourceText);
  execFileSync('g++', ['-x', 'c', '-static', '-Os', '-s', '-o', program, source]);
  return smallImage(join(directory, 'program.tar'), reference, {
    layers: [{ files: [{ path: 'said', content: { file: program }, executable: true }], directories: {}, time: new Date(0) }],
    config: { Entrypoint: ['/said'] },
  });
}

const sourceText = `
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **words) {
  const char *how = count > 1 ? words[1] : "";
  if (strcmp(how, "well") == 0) return 0;
  fputs("first\\n", stdout);
  fflush(stdout);
  usleep(50000);
  fputs("second, \\xc3\\xa4\\n", stderr);
  usleep(50000);
  fputs("third", stdout);
  fflush(stdout);
  if (strcmp(how, "stay") == 0) for (;;) pause();
  return 3;
}
`;
