import { randomBytes } from 'node:crypto';
import { link, mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fileError, rootError, systemCode } from '../tree/file-error.ts';
import { findAbove, findBelow, type Nested, standingAt } from '../tree/nested-roots.ts';
import { MARK_FILE, readMark } from '../tree/read-mark.ts';
import { findReserved } from '../tree/reserved-folder.ts';
import {
  type Claimant,
  judgeOwner,
  OWNER_FILE,
  ownerText,
  parseOwner,
  readOwner,
  type Standing,
} from './root-owner.ts';
import { syncFolder } from '../tree/sync-file.ts';
import { writeFlushed } from '../tree/write-flushed.ts';
import { writeMark } from '../tree/write-mark.ts';

/** Somebody else was quicker each time. */
const TRIES = 5;

export interface Claim {
  /** Nothing came of it: the folder is as it was, also for whoever had it. */
  undo(): Promise<void>;
}

/** What a folder said of itself before it was claimed; undefined: nothing. */
interface Earlier {
  readonly owner: string | undefined;
  readonly mark: string | undefined;
  readonly isNew: boolean;
}

export interface ClaimOptions {
  readonly claimant: Claimant | undefined;
  /** A person has said that whoever had the folder has it no longer, or that it is a copy. */
  readonly takeOver?: boolean;
}

/**
 * Whether an install may publish or fill a folder: nobody else does so in it, above it or below it. Writes nothing. Throws
 * `site.root-taken`, `site.root-used`, `site.root-data`, `site.reserved-taken`.
 */
export async function requireFree(folder: string, { claimant, takeOver = false }: ClaimOptions): Promise<void> {
  try {
    await findReserved(folder);
    refuse(await judgeOwner(folder, claimant), { root: folder }, takeOver);
  } catch (error) {
    throw rootError(error, folder);
  }
  await requireApart(folder, claimant, takeOver);
}

/**
 * Notes that a folder is the root of this install's site from now on: by the name of the file one of several is the first, and the others
 * are refused. What another has noted before is replaced, and then its mark goes. Throws as `requireFree`, `site.root-denied` and `file.*`.
 */
export async function claimFolder(
  folder: string,
  site: string,
  options: ClaimOptions & { readonly claimant: Claimant },
): Promise<Claim> {
  try {
    return await claim(folder, site, options);
  } catch (error) {
    throw rootError(error, folder);
  }
}

async function claim(
  folder: string,
  site: string,
  { claimant, takeOver = false }: ClaimOptions & { readonly claimant: Claimant },
): Promise<Claim> {
  const text = ownerText(claimant, site, folder);
  const nothing: Claim = { undo: () => Promise.resolve() };
  await findReserved(folder);
  if (readOwner(folder) === text) {
    await endTakeOver(folder, claimant);
    return nothing;
  }
  const first = await judgeOwner(folder, claimant);
  if (first.is !== 'ours') await requireFree(folder, { claimant, takeOver });
  const reserved = join(folder, RESERVED_FOLDER);
  const isNew = await makeReserved(reserved);
  try {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const standing = await judgeOwner(folder, claimant);
      refuse(standing, { root: folder }, takeOver);
      const earlier = { owner: standing.text, mark: readMark(folder), isNew };
      if (!(await put(folder, text, standing.text))) continue;
      if (standing.is === 'ours') return nothing;
      const undo = (): Promise<void> => giveBack(folder, text, earlier);
      await removeMark(folder).catch(async (error: unknown) => {
        await undo();
        throw error;
      });
      return { undo };
    }
  } catch (error) {
    if (isNew) await rmdir(reserved).catch(() => undefined);
    throw fileError(error, RESERVED_FOLDER);
  }
  throw new AppError('site.root-taken', { root: folder });
}

/** The folder is no site's of this install any more: any may have it. What cannot be said is found out by its config. */
export async function releaseFolder(folder: string, id: string): Promise<void> {
  await withoutFailing(async () => {
    if (!(await findReserved(folder))) return;
    const text = readOwner(folder);
    if (text !== undefined && parseOwner(text)?.id !== id) return;
    for (const file of [MARK_FILE, OWNER_FILE]) await rm(join(folder, RESERVED_FOLDER, file), { force: true });
  });
}

/** That it is ours is known by the mark already. Where it cannot be written the folder is ours all the same. */
export async function noteOwner(folder: string, site: string, claimant: Claimant): Promise<void> {
  const text = ownerText(claimant, site, folder);
  await withoutFailing(async () => {
    const before = readOwner(folder);
    if (before !== text) await put(folder, text, before);
  });
}

async function requireApart(folder: string, claimant: Claimant | undefined, takeOver: boolean): Promise<void> {
  const own = standingAt(folder).filter(({ is }) => is === 'data');
  for (const nested of [...own, ...findAbove(folder), ...(await findBelow(folder))]) await requireOther(folder, nested);

  async function requireOther(root: string, { is, folder: other }: Nested): Promise<void> {
    if (is === 'data') throw new AppError('site.root-data', { root, other });
    refuse(await judgeOwner(other, claimant), { root, other }, takeOver);
  }
}

function refuse(standing: Standing, where: { root: string; other?: string }, takeOver: boolean): void {
  if (standing.is === 'used') throw new AppError('site.root-used', { ...where, ...standing.whose });
  if (standing.is === 'doubt' && !takeOver) throw new AppError('site.root-taken', { ...where, ...standing.whose });
}

/** Exclusive, also where two take away what stood there: false, where by now it is not `before` that stands there. */
async function put(folder: string, text: string, before: string | undefined): Promise<boolean> {
  const reserved = join(folder, RESERVED_FOLDER);
  const [file, hex] = [join(reserved, OWNER_FILE), randomBytes(6).toString('hex')];
  const [temporary, aside] = [`${file}.${hex}.new`, `${file}.${hex}.old`];
  let isAside = false;
  try {
    await writeFlushed(temporary, text);
    if (before !== undefined) {
      if (!(await succeeds(rename(file, aside), 'ENOENT'))) return false;
      isAside = true;
      if (readOwner(folder, `${OWNER_FILE}.${hex}.old`) !== before) {
        // It is of somebody who was quicker.
        await putFirst(aside, file);
        return false;
      }
    }
    if (!(await putFirst(temporary, file))) return false;
    await syncFolder(reserved).catch(async (error: unknown) => {
      // A later flush would say nothing of this name: it is made anew the next time.
      await rm(file, { force: true });
      throw error;
    });
    return true;
  } catch (error) {
    // Whoever had it keeps it.
    if (isAside) await putFirst(aside, file).catch(() => undefined);
    throw error;
  } finally {
    for (const each of [temporary, aside]) await rm(each, { force: true });
  }
}

/** A second name, which there is only once. Disks that know none (FAT) have to do with a rename. */
async function putFirst(temporary: string, file: string): Promise<boolean> {
  try {
    return await succeeds(link(temporary, file), 'EEXIST');
  } catch (error) {
    if (!WITHOUT_LINKS.has(systemCode(error) ?? '')) throw error;
    await rename(temporary, file);
    return true;
  }
}

const WITHOUT_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'EISDIR']);

async function succeeds(work: Promise<void>, failure: 'ENOENT' | 'EEXIST'): Promise<boolean> {
  return work.then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === failure) return false;
      throw error;
    },
  );
}

/** True: it was not there. */
async function makeReserved(reserved: string): Promise<boolean> {
  return mkdir(reserved, { mode: 0o700 }).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === 'EEXIST') return false;
      throw fileError(error, RESERVED_FOLDER);
    },
  );
}

/** Whoever had it before knows by its mark that this is not theirs any more: not before it is ours. */
async function removeMark(folder: string): Promise<void> {
  await rm(join(folder, RESERVED_FOLDER, MARK_FILE), { force: true });
}

/** One that was broken off has left the mark of whoever had it: they would go on. */
async function endTakeOver(folder: string, claimant: Claimant): Promise<void> {
  const mark = readMark(folder);
  if (mark !== undefined && !claimant.knows(mark)) await removeMark(folder);
}

/** By the mark those who had it know it again, so it goes first. Nobody is harmed where it is somebody else's by now. */
async function giveBack(folder: string, text: string, { owner, mark, isNew }: Earlier): Promise<void> {
  await withoutFailing(async () => {
    if (readOwner(folder) !== text) return;
    if (mark === undefined) await removeMark(folder);
    else await writeMark(folder, mark);
    if (owner === undefined) await rm(join(folder, RESERVED_FOLDER, OWNER_FILE), { force: true });
    else await put(folder, owner, text);
    if (isNew) await rmdir(join(folder, RESERVED_FOLDER)).catch(() => undefined);
  });
}

/** What the system refuses here is found out later, by whoever opens the folder. */
async function withoutFailing(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError) && systemCode(error) === undefined) throw error;
  }
}
