import { existsSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

/** What of Lockstep's lies above or below a folder: the root of a site, or the data folder of an install. */
export interface Nested {
  readonly is: 'root' | 'data';
  readonly folder: string;
}

/** Folders that are looked at below one, the upper ones first: a root of its own far down in a large tree is not looked for. */
export const NESTED_FOLDERS_MAX = 5000;
/** A disk of the network takes its time for each. */
const AT_ONCE = 32;

/** Those that hold the folder. */
export function findAbove(folder: string): Nested[] {
  const found: Nested[] = [];
  for (let at = dirname(folder), below = folder; at !== below; below = at, at = dirname(at))
    found.push(...standingAt(at));
  return found;
}

/** Those that it holds, as far as they are found. Links are not followed. */
export async function findBelow(folder: string): Promise<Nested[]> {
  const found: Nested[] = [];
  let looked = 0;
  for (let folders = [folder]; folders.length > 0 && looked < NESTED_FOLDERS_MAX; ) {
    const now = folders.splice(0, Math.min(AT_ONCE, NESTED_FOLDERS_MAX - looked));
    looked += now.length;
    for (const at of now) if (at !== folder) found.push(...standingAt(at));
    const below = await Promise.all(now.map(foldersIn));
    // Beyond the limit none is looked at: no more of them are kept in mind than that.
    folders = [...folders, ...below.flat()].slice(0, NESTED_FOLDERS_MAX);
  }
  return found;
}

async function foldersIn(folder: string): Promise<string[]> {
  // What may not be read here cannot be published or filled either.
  const items = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return items.flatMap((item) =>
    item.isDirectory() && item.name !== RESERVED_FOLDER ? [join(folder, item.name)] : [],
  );
}

/** A data folder in a site would publish its keys, and one in another goes with that one; it need not be there yet. Throws `site.root-clash`. */
export function refuseWithin(dataDir: string): void {
  const place = withoutLinks(resolve(dataDir));
  if (standingAt(place).some(({ is }) => is === 'root')) throw new AppError('site.root-clash', { root: dataDir });
  const [other] = findAbove(place);
  if (other) throw new AppError('site.root-clash', { root: dataDir, other: other.folder });
}

/** The root of a site, of any install, in which a file lies or would lie. */
export function siteAround(file: string): string | undefined {
  return findAbove(withoutLinks(resolve(file))).find(({ is }) => is === 'root')?.folder;
}

/** It holds the key of an install, of this one or of another: nobody means to publish it. */
export function isDataFolder(folder: string): boolean {
  const has = (...names: string[]): boolean => existsSync(join(folder, ...names));
  return has('config.json') && (has('lockstep.db') || has('identity', 'key.pem'));
}

/** In a data folder: what browsers have sent to be published. */
export const SENT_FOLDER = 'sent';

/** Of what is to be published. Throws `publish.own-data` where it is, or stands in, a data folder, other than as what a browser has sent. */
export function refuseData(source: string): void {
  for (let at = source; ; at = dirname(at)) {
    if (at !== source && basename(at) === SENT_FOLDER && isDataFolder(dirname(at))) return;
    if (isDataFolder(at)) throw new AppError('publish.own-data', { path: at });
    if (at === dirname(at)) return;
  }
}

function withoutLinks(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    try {
      return join(realpathSync.native(at), relative(at, folder));
    } catch {
      if (at === dirname(at)) return folder;
    }
  }
}

/** What the folder itself is. */
export function standingAt(folder: string): Nested[] {
  const has = (...names: string[]): boolean => existsSync(join(folder, ...names));
  if (has(RESERVED_FOLDER, 'owner.json') || has(RESERVED_FOLDER, 'mark')) return [{ is: 'root', folder }];
  if (has('config.json') && (has('config.lock') || has('lockstep.db'))) return [{ is: 'data', folder }];
  return [];
}
