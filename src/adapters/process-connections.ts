// Counts the callers that a process is serving: established TCP connections to the ports on which it listens.
import { readdirSync } from 'node:fs';
import { procLink, procText } from './proc.js';

const established = '01';
const listening = '0A';

interface Socket {
  readonly port: string;
  readonly state: string;
  readonly inode: string;
}

export function openConnections(pid: number): number {
  const own = ownSockets(pid);
  const sockets = ['net/tcp', 'net/tcp6'].flatMap((name) => parse(procText(pid, name) ?? '')).filter(({ inode }) => own.has(inode));
  const ports = new Set(sockets.filter(({ state }) => state === listening).map(({ port }) => port));
  return sockets.filter(({ port, state }) => state === established && ports.has(port)).length;
}

function ownSockets(pid: number): ReadonlySet<string> {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map((name) => procLink(pid, `fd/${name}`) ?? '');
    return new Set(links.flatMap((text) => /^socket:\[(\d+)\]$/.exec(text)?.[1] ?? []));
  } catch {
    return new Set();
  }
}

function parse(table: string): readonly Socket[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length > 9)
    .map((fields) => ({ port: fields[1]?.split(':')[1] ?? '', state: fields[3] ?? '', inode: fields[9] ?? '' }));
}
