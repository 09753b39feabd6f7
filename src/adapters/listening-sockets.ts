// Which TCP ports a process listens on, as the kernel's tables and its open descriptors tell: asked of every process of this host, so
// that the tables are read once for all of them.
import { readdirSync, readFileSync } from 'node:fs';
import type { ListeningAddress } from '../core/ports/discovery.js';
import { procLink } from './proc.js';

const listening = '0A';

/** By the inode of its socket; those of this process's own network namespace. */
export function listeningSockets(): ReadonlyMap<string, ListeningAddress> {
  const found = new Map<string, ListeningAddress>();
  for (const table of ['/proc/self/net/tcp', '/proc/self/net/tcp6'])
    for (const row of rowsOf(table)) {
      const [address = '', port = ''] = (row[1] ?? '').split(':');
      if (row[3] === listening) found.set(row[9] ?? '', { host: urlHost(address), port: Number.parseInt(port, 16) });
    }
  return found;
}

/** Each address once. */
export function listensOf(pid: number, sockets: ReadonlyMap<string, ListeningAddress>): readonly ListeningAddress[] {
  const own = descriptorsOf(pid).flatMap((text) => {
    const inode = /^socket:\[(\d+)\]$/.exec(text)?.[1];
    const address = inode === undefined ? undefined : sockets.get(inode);
    return address === undefined ? [] : [address];
  });
  return [...new Map(own.map((address) => [`${address.host}:${address.port}`, address])).values()].sort((a, b) => a.port - b.port);
}

/** Where the descriptors of a process lead; empty where this user may not see them. */
export function descriptorsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => procLink(pid, `fd/${name}`) ?? '');
  } catch {
    return [];
  }
}

function rowsOf(table: string): readonly (readonly string[])[] {
  try {
    const lines = readFileSync(table, 'utf8').split('\n').slice(1);
    return lines.map((line) => line.trim().split(/\s+/)).filter((fields) => fields.length > 9);
  } catch {
    return [];
  }
}

/** The kernel writes an address as 32-bit words in the order of the machine's bytes, which is little-endian wherever we run. */
function urlHost(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (bytes.every((byte) => byte === 0)) return '127.0.0.1';
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.slice(0, 12).join('.') === '0.0.0.0.0.0.0.0.0.0.255.255') return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_unused, index) => (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname;
}
