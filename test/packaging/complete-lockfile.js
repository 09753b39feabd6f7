// npm leaves a platform's optional package out of the lockfile when the registry at hand does not serve it, and then its own
// `npm ci` refuses that lockfile. This adds those entries back (version, os, cpu, libc; no digest, since nothing was fetched).
// Run after every `npm install` that changed the lockfile: `npm run lock`. A test says when it was forgotten.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Where node would find `name` asked for by the package at `from`, as a lockfile key; undefined when nothing is locked. */
function locked(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    const key = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[key] !== undefined) return key;
    if (at === '') return undefined;
  }
}

/** `[name, version]` of every exactly pinned optional package that the lockfile should name and does not. */
export function missingOptional(lock) {
  return Object.entries(lock.packages)
    .flatMap(([from, entry]) =>
      Object.entries(entry.optionalDependencies ?? {})
        .filter(([name, version]) => /^\d/.test(version) && locked(lock.packages, from, name) === undefined)
        .map(([name, version]) => [name, version]),
    )
    .sort();
}

function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = words.find((word) => /^(android|darwin|freebsd|linux|openharmony|win32)$/.test(word));
  const cpu = words.find((word) => /^(arm|arm64|x64|ia32|ppc64|riscv64|s390x|wasm32)$/.test(word));
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && os === 'linux' && { libc: [libc] }) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const missing = missingOptional(lock);
  for (const [name, version] of missing) {
    lock.packages[`node_modules/${name}`] = { version, dev: true, optional: true, ...platformOf(name) };
  }
  const keys = Object.keys(lock.packages).sort((a, b) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(keys.map((key) => [key, lock.packages[key]]));
  writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`package-lock.json: ${missing.length} entries added\n`);
}
