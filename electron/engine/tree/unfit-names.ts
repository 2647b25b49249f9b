import { isUtf8 } from 'node:buffer';
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  childOf,
  isReserved,
  parseSitePath,
  RESERVED_FOLDER,
  ROOT,
  type SitePath,
} from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/codes.ts';
import { systemCode } from './file-error.ts';
import { findExactStats } from './find-stats.ts';
import type { SiteRoot } from './site-root.ts';
import { isServed } from './is-served.ts';

/** Why a file or folder in the folder of a site is not published. */
export type UnfitCode = Extract<ErrorCode, `unfit.${string}`>;

/** Left out as it is meant to be: nobody has to do anything about it. */
export const LINK: UnfitCode = 'unfit.link';

/** It may be read again. */
export const UNREADABLE: UnfitCode = 'unfit.unreadable';

export interface Unfit {
  /** From the site's folder, in the bytes that the disk has: not every name is text. */
  readonly path: Buffer;
  readonly code: UnfitCode;
}

/** To be looked at closely: not served, or its bytes may be no text (it reads as U+FFFD then). Our own folder is not. */
export function isOdd(folder: SitePath, item: Pick<Dirent, 'name' | 'isFile' | 'isDirectory'>): boolean {
  if (folder === ROOT && item.name === RESERVED_FOLDER) return false;
  return isDoubtful(item.name) || !isServed(folder, item);
}

/** Of some items of one folder: those whose names no site can hold, and symbolic links. Special files are none. */
export function unfitOf(root: SiteRoot, folder: SitePath, items: readonly Dirent[]): Unfit[] {
  const unfit: Unfit[] = [];
  for (const item of items) {
    if (!item.isFile() && !item.isDirectory() && !item.isSymbolicLink()) continue;
    const code = item.isSymbolicLink() ? codeOfLink(folder, item.name) : codeOf(root, folder, item.name);
    if (code) unfit.push({ path: Buffer.from(childOf(folder, item.name)), code });
  }
  return items.some(({ name }) => isDoubtful(name)) ? [...unfit, ...withoutText(root, folder)] : unfit;
}

/** The same of a whole folder. */
export function unfitIn(root: SiteRoot, folder: SitePath): Unfit[] {
  const items = readFolder(() => readdirSync(root.locate(folder), { withFileTypes: true }));
  return unfitOf(
    root,
    folder,
    items.filter((item) => isOdd(folder, item)),
  );
}

export function isDoubtful(name: string): boolean {
  return name.includes('\ufffd');
}

function codeOf(root: SiteRoot, folder: SitePath, name: string): UnfitCode | undefined {
  const path = childOf(folder, name);
  const parsed = parseSitePath(path);
  if (!parsed.ok) {
    if (parsed.error.code === 'path.too-long') return 'unfit.too-long';
    if (folder !== ROOT || !isReserved(name)) return 'unfit.characters';
    return isSame(root, path, RESERVED_FOLDER) ? undefined : 'unfit.reserved';
  }
  // A disk that normalises names itself has it under either spelling.
  return parsed.value === path || isSame(root, path, parsed.value) ? undefined : 'unfit.decomposed';
}

/** Whatever name it had, it would not be published. */
function codeOfLink(folder: SitePath, name: string): UnfitCode | undefined {
  return isDoubtful(name) || (folder === ROOT && isReserved(name)) ? undefined : LINK;
}

function withoutText(root: SiteRoot, folder: SitePath): Unfit[] {
  const above = Buffer.from(folder === ROOT ? '' : `${folder}/`);
  const items = readFolder(() =>
    readdirSync(Buffer.from(join(root.folder, folder)), { encoding: 'buffer', withFileTypes: true }),
  );
  return items
    .filter((item) => !isUtf8(item.name) && (item.isFile() || item.isDirectory()))
    .map(({ name }) => ({ path: Buffer.concat([above, name]), code: 'unfit.bytes' }));
}

/** False also where it may not be looked at. */
function isSame(root: SiteRoot, one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => findExactStats(join(root.folder, path)));
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

/** A folder that is gone, or cannot be read, is told of elsewhere. */
function readFolder<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch (error) {
    if (systemCode(error) === undefined && !(error instanceof AppError)) throw error;
    return [];
  }
}
