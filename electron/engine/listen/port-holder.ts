import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { basename } from 'node:path';
import { platform } from 'node:process';

/** Who listens at a port, as far as this user may see it; else how to find out. */
export type PortHolder = { readonly program: string; readonly pid: number } | { readonly find: string };

/** Descriptors that are looked at, of all processes together. */
const LOOKED_AT_MAX = 200_000;
const LISTENING = '0A';

/** Of TCP. It is asked where a listener could not be bound, so that it may take some milliseconds. */
export function findPortHolder({ host, port }: { readonly host: string; readonly port: number }): PortHolder {
  const found = platform === 'linux' ? holderOf(socketsAt(host, port)) : undefined;
  return found ?? { find: commandFor(port) };
}

/** What `readlink` of a descriptor says where it is one of the sockets that listen there. */
function socketsAt(host: string, port: number): Set<string> {
  const own = isIPv4(host) ? hexOf(host) : undefined;
  const sockets = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of read(table).split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const [address = '', hexPort = ''] = local.split(':');
      if (state !== LISTENING || Number.parseInt(hexPort, 16) !== port) continue;
      const isInTheWay = own === undefined || isAny(own) || isAny(address) || address.endsWith(own);
      if (isInTheWay) sockets.add(`socket:[${inode}]`);
    }
  }
  return sockets;
}

function holderOf(sockets: ReadonlySet<string>): PortHolder | undefined {
  if (sockets.size === 0) return undefined;
  let left = LOOKED_AT_MAX;
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of list(`/proc/${pid}/fd`)) {
      left -= 1;
      if (left < 0) return undefined;
      if (sockets.has(follow(`/proc/${pid}/fd/${descriptor}`))) return { program: programOf(pid), pid: Number(pid) };
    }
  }
  return undefined;
}

/** By its file: some, Node among them, go by the name of a thread. */
function programOf(pid: string): string {
  const file = basename(follow(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
  return file === '' ? read(`/proc/${pid}/comm`).trim() : file;
}

function commandFor(port: number): string {
  switch (platform) {
    case 'linux':
      return `sudo ss -ltnp sport = :${port}`;
    case 'win32':
      return `netstat -ano | findstr :${port}`;
    default:
      return `sudo lsof -nP -iTCP:${port} -sTCP:LISTEN`;
  }
}

/** As the kernel writes it: four bytes, the last one first. */
function hexOf(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return bytes.toReversed().join('').toUpperCase();
}

function isAny(hex: string): boolean {
  return /^0+$/.test(hex);
}

// What is another user's cannot be seen, and processes end meanwhile.

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function follow(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
