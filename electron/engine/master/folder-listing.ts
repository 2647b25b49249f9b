import { lstatSync, type Stats } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { childOf, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { createPace } from '../core/pace.ts';
import { fileError, systemCode } from '../tree/file-error.ts';
import { findStats } from '../tree/find-stats.ts';
import { toInfo } from './served.ts';
import { isServed } from '../tree/is-served.ts';
import { siteName } from '../tree/site-name.ts';
import type { FileInfo, Listing, ListOptions } from './site-files.ts';

/** Names that are kept as one string, and after which it is looked whether the folder is still the same. */
const PAGE_NAMES = 1024;

/**
 * Reads the names of the folder `path` at `absolute`. They are read at once and kept as few long strings, so that a client that
 * takes its time neither holds the folder open nor meets a file twice that is replaced meanwhile. Each entry is looked at when
 * it is its turn: of 200,000 there is one in memory. An entry that has gone by then is left out. The iteration rejects `file.changed` where
 * the folder itself has gone, or another is in its place; and `file.*` where an entry cannot be looked at, but for `onUnseen`.
 */
export async function openListing(path: SitePath, absolute: string, options: ListOptions = {}): Promise<Listing> {
  try {
    const folder = lstatSync(absolute);
    if (!folder.isDirectory()) throw new AppError(folder.isFile() ? 'file.not-directory' : 'path.link', { path });
    const { pages, count } = await readNames(path, absolute, options);
    return { count, [Symbol.asyncIterator]: () => lookAtEach(path, absolute, folder, pages, options) };
  } catch (error) {
    throw fileError(error, path);
  }
}

async function readNames(
  path: SitePath,
  absolute: string,
  { max = Number.POSITIVE_INFINITY, wanted }: ListOptions,
): Promise<{ pages: string[]; count: number }> {
  const pages: string[] = [];
  let page: string[] = [];
  let count = 0;
  const folder = await opendir(absolute, { bufferSize: PAGE_NAMES });
  const pace = createPace();
  for await (const item of folder) {
    await pace();
    item.name = siteName(absolute, item.name);
    if (!isServed(path, item) || wanted?.(item.name) === false) continue;
    count += 1;
    if (count > max) break;
    page.push(item.name);
    if (page.length < PAGE_NAMES) continue;
    pages.push(page.join(SEPARATOR));
    page = [];
  }
  if (page.length > 0) pages.push(page.join(SEPARATOR));
  return { pages, count };
}

async function* lookAtEach(
  path: SitePath,
  absolute: string,
  folder: Stats,
  pages: readonly string[],
  { onUnseen }: ListOptions,
): AsyncGenerator<FileInfo> {
  const pace = createPace();
  for (const page of pages) {
    const now = findStats(absolute);
    if (now?.ino !== folder.ino || now.dev !== folder.dev) throw new AppError('file.changed', { path });
    for (const name of page.split(SEPARATOR)) {
      await pace();
      const info = look(join(absolute, name), (error) => {
        // Who mirrors the folder, and deletes what is not listed, would delete it.
        if (!onUnseen) throw fileError(error, childOf(path, name));
        onUnseen(name, error);
      });
      if (info && (info.isFile() || info.isDirectory())) yield toInfo(name, info);
    }
  }
}

function look(absolute: string, onUnseen: (error: unknown) => void): Stats | undefined {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    onUnseen(error);
    return undefined;
  }
}

/** No name has it. */
const SEPARATOR = '/';
