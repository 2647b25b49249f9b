import { type BigIntStats, lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { Millis, Present, Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import { hashFile } from '../tree/hash.ts';
import { isSameTime } from '../tree/same-time.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { identityOf } from '../tree/steps.ts';
import type { Ready } from './publisher.ts';

/** A file that is about to be replaced or removed. */
export interface Standing {
  readonly content: { readonly sha256: Sha256; readonly size: number; readonly mtime: Millis };
  readonly identity: string;
  /** It is what the index says. */
  readonly isOurs: boolean;
}

/** What stands at the paths of a batch, read before the transaction. */
export interface Survey {
  readonly identities: ReadonlyMap<SitePath, string>;
  readonly standing: ReadonlyMap<SitePath, Standing>;
}

/** Looks at what is to be replaced or removed. */
export async function surveyPlaces(root: SiteRoot, state: MirrorState, batch: readonly Ready[]): Promise<Survey> {
  const identities = new Map<SitePath, string>();
  const standing = new Map<SitePath, Standing>();
  for (const { want, staged } of batch) {
    const { path, target } = want;
    const entry = state.entry(path);
    if (target.kind === 'gone' ? entry?.kind === 'file' : target.kind === 'file' && staged !== null) {
      const found = await findStanding(root.plain(path), entry);
      if (found) standing.set(path, found);
    }
    if (!entry || (target.kind === 'file' && entry.kind === 'file')) continue;
    try {
      const info = await lstat(await root.resolve(path), { bigint: true });
      if (entry.kind === 'dir' ? info.isDirectory() : info.isFile()) identities.set(path, identityOf(info));
    } catch {
      // It is not there, or not ours any more: nothing to remove.
    }
  }
  return { identities, standing };
}

/** The file at a path: by size and time what the index says, or whatever somebody else has made of it, hashed. */
async function findStanding(absolute: string, entry: Present | undefined): Promise<Standing | undefined> {
  const info = findFile(absolute);
  if (!info) return undefined;
  const identity = identityOf(info);
  const [size, mtime] = [Number(info.size), Math.round(Number(info.mtimeNs) / 1e6)];
  if (entry?.kind === 'file' && size === entry.size && isSameTime(mtime, entry.mtime))
    return { content: { sha256: entry.sha256, size, mtime }, identity, isOurs: true };
  try {
    const { sha256 } = await hashFile(absolute);
    return { content: { sha256, size, mtime }, identity, isOurs: entry?.kind === 'file' && entry.sha256 === sha256 };
  } catch {
    // What cannot be read cannot be kept; whether it can be replaced shows when that is done.
    return undefined;
  }
}

export function findFile(absolute: string): BigIntStats | undefined {
  try {
    const info = lstatSync(absolute, { bigint: true, throwIfNoEntry: false });
    return info?.isFile() ? info : undefined;
  } catch {
    // A folder above it is none any more: what is wrong there shows when the step is done.
    return undefined;
  }
}
