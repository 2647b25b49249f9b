import type { FileInfo } from 'basic-ftp';
import type { Sha256 } from '../../../shared/domain/change.ts';
import { childOf, mayCompose, parseSitePath, type SitePath } from '../../../shared/domain/site-path.ts';
import { Lock } from '../core/lock.ts';
import type { Connection } from './connection.ts';
import { ifRefused } from './ftp-change.ts';
import { ftpError } from './ftp-error.ts';
import { type Place, type PlaceEntry, UNKNOWN } from './place.ts';
import { absoluteAt } from './way.ts';

/** A name that a file has at a server without releases until it is whole, or after another one took its place. */
const TEMPORARY_NAME = /^\.lockstep-[0-9a-f]{16}\.(?:part|old)$/;

export type HashCommand = 'HASH' | 'XSHA256';

/** How the server tells the SHA-256 of a file; undefined: it does not. */
export function hashCommandOf(connection: Connection): HashCommand | undefined {
  const line = [...connection.features].find((each) => /^HASH\b/.test(each));
  if (line !== undefined && /\bSHA-256\b/.test(line)) return 'HASH';
  return connection.has('XSHA256') ? 'XSHA256' : undefined;
}

/** `absolute`: as the server knows it. Undefined: it does not tell. */
export async function hashAt(connection: Connection, absolute: string): Promise<Sha256 | undefined> {
  const command = hashCommandOf(connection);
  if (command === undefined) return undefined;
  const answer = await connection.slowCommand(command === 'HASH' ? `HASH ${absolute}` : `XSHA256 "${absolute}"`);
  return /\b[0-9a-f]{64}\b/i.exec(answer)?.[0]?.toLowerCase();
}

/** What stands at a server below `base`, asked over one connection, one thing at a time. */
export function ftpPlace(connection: Connection, base: string): Place {
  const lock = new Lock();
  const run = <T>(path: SitePath, task: () => Promise<T>): Promise<T> =>
    lock.run(task).catch((error: unknown) => {
      throw ftpError(error, { path });
    });
  return {
    bytesMax: Number.MAX_SAFE_INTEGER,
    list: (folder) =>
      run(folder, async () =>
        (await connection.list(absoluteAt(base, folder)))?.flatMap((info) => entryOf(folder, info)),
      ),
    // It may have been deleted since it was listed, or be too large for the server to hash.
    hash: (path) => run(path, () => hashAt(connection, absoluteAt(base, path)).catch(ifRefused(UNKNOWN))),
  };
}

/**
 * Names come from the server: one that leads elsewhere, or that no site can hold, is not there for us; nor is one in another form (a Mac may
 * have sent it), which to most servers is another name.
 */
function entryOf(folder: SitePath, info: FileInfo): PlaceEntry[] {
  const { name } = info;
  if (!mayCompose(name) || name !== name.normalize('NFC')) return [];
  if (name === '' || name.includes('/') || TEMPORARY_NAME.test(name)) return [];
  if (!info.isFile && !info.isDirectory) return [];
  if (!parseSitePath(childOf(folder, name)).ok) return [];
  return [
    {
      name,
      kind: info.isDirectory ? 'dir' : 'file',
      size: Number.isSafeInteger(info.size) ? info.size : -1,
      mtime: info.modifiedAt?.getTime(),
    },
  ];
}
