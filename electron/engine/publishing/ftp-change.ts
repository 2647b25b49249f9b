import { FTPError } from 'basic-ftp';
import { nameOf, parentOf, type SitePath } from '../../../shared/domain/site-path.ts';
import type { PlaceItem } from './compare.ts';
import type { Connection } from './connection.ts';
import { ftpError } from './ftp-error.ts';
import { absoluteAt } from './way.ts';

/** A folder that is there already, from an earlier try, is as good. */
export async function makeDirAt(connection: Connection, base: string, path: SitePath): Promise<void> {
  await makeDir(connection, absoluteAt(base, path), path);
}

async function makeDir(connection: Connection, name: string, path: string): Promise<void> {
  try {
    await connection.command(`MKD ${name}`);
  } catch (error) {
    if (error instanceof FTPError && (await connection.ask(`CWD ${name}`)) !== undefined) return;
    throw ftpError(error, { path });
  }
}

/** What is gone already, from an earlier try, is as good. A folder in which something else stands stays. */
export async function removeAt(connection: Connection, base: string, { path, kind }: PlaceItem): Promise<void> {
  const name = absoluteAt(base, path);
  try {
    await connection.command(`${kind === 'dir' ? 'RMD' : 'DELE'} ${name}`);
  } catch (error) {
    if (error instanceof FTPError && (kind === 'dir' || !(await isListed(connection, base, path)))) return;
    throw ftpError(error, { path });
  }
}

/** Not every server tells sizes. */
async function isListed(connection: Connection, base: string, path: SitePath): Promise<boolean> {
  const there = await connection.list(absoluteAt(base, parentOf(path)));
  return there?.some(({ name }) => name === nameOf(path)) === true;
}

/** The folder that drops go into, with those above. */
export async function makeBase(connection: Connection, base: string): Promise<void> {
  if (base === '' || (await connection.ask(`CWD ${base}`)) !== undefined) return;
  await makeBase(connection, base.slice(0, base.lastIndexOf('/')));
  await makeDir(connection, base, base);
}

/** For `catch`: what the server refuses is `value`; anything else goes on. */
export function ifRefused<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof FTPError) return value;
    throw error;
  };
}
