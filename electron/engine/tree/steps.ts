import { type BigIntStats, lstatSync, lutimesSync, renameSync, rmdirSync, rmSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { millis, sha256, sitePath } from '../../../shared/contract/primitives.ts';
import { parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fileError, isNowhere, systemCode } from './file-error.ts';
import { findExactStats } from './find-stats.ts';
import { freeingLater, unlinkFreeing } from './free-later.ts';
import { inheritMode } from './inherit-mode.ts';
import { linkNow, linkOrCopy } from './link-or-copy.ts';
import { makeOneFolder } from './make-one-folder.ts';
import type { NamedFiles } from './named-files.ts';
import type { SiteRoot } from './site-root.ts';

const identity = z.string().max(64);
/** See `seenOf`. */
const seen = z.string().max(96);
const staged = z.string().regex(/^[\w.-]{1,200}$/);

/**
 * One atomic step on a tree. Steps are written to the database before they are done, and done again after a crash:
 * each can tell whether it has been done. A thing that is moved or removed is named by its identity too, so that a repetition
 * never touches what took its place.
 */
const step = z.discriminatedUnion('do', [
  /**
   * Renames a complete file from the reserved folder (`incoming` or `staging`) to its name, replacing a file there. `onto`: as that one was
   * seen, or `nothing`: what somebody has put there since, or has made of it, is not replaced.
   */
  z.object({
    do: z.literal('place'),
    from: z.enum(['incoming', 'staging']),
    staged,
    path: sitePath,
    identity: identity.optional(),
    onto: seen.optional(),
  }),
  /** `seen`: as `onto`. */
  z.object({ do: z.literal('remove'), path: sitePath, identity, seen: seen.optional() }),
  /**
   * `replaces`: the file that had the name before. Whatever somebody else has put at either name since gets no other one, and is not replaced;
   * nor is what they have made of a file that is to be as it was `seen`, or of that one, `onto` which it goes.
   */
  z.object({
    do: z.literal('move'),
    from: sitePath,
    path: sitePath,
    identity,
    seen: seen.optional(),
    replaces: identity.optional(),
    onto: seen.optional(),
  }),
  z.object({ do: z.literal('makeDir'), path: sitePath }),
  z.object({ do: z.literal('removeDir'), path: sitePath, identity }),
  /** `was`: the time before. With another one it has been written to since, and keeps that: else nobody would find what was written. */
  z.object({ do: z.literal('touch'), path: sitePath, mtime: millis, was: millis.optional() }),
  /**
   * Keeps what the steps after it replace or remove: under its SHA-256 in the folder of kept versions. `only`: somebody else has put it
   * there, and it is in no other place: as long as it cannot be kept nothing is done. `same`: nothing is done either where another
   * file stands there by now.
   */
  z.object({
    do: z.literal('keep'),
    path: sitePath,
    sha256,
    identity,
    only: z.literal(true).optional(),
    same: z.literal(true).optional(),
  }),
]);
export type Step = z.output<typeof step>;
export type KeepStep = Extract<Step, { do: 'keep' }>;
type PlaceStep = Extract<Step, { do: 'place' }>;
export const steps = z.array(step);

/**
 * `first`: it has not been done. `repeat`: a crash came before or after it. `lost`: it was done, and others after it, but
 * power failed before the disk had it: it is done again only where the tree itself shows that it is undone.
 */
export type Occasion = 'first' | 'repeat' | 'lost';

/**
 * Does a step. Repeated, what has been done is left alone; what stands in its place may be any of the files that are `named` by what is repeated,
 * as the disk may have kept an older one. Resolves what has to be flushed for it: folders, and a file whose time was set.
 */
export async function doStep(root: SiteRoot, step: Step, occasion: Occasion, named?: NamedFiles): Promise<SitePath[]> {
  const again = occasion !== 'first';
  if (occasion === 'lost' && (step.do === 'makeDir' || step.do === 'touch')) return [];
  try {
    switch (step.do) {
      case 'place':
        return await place(root, step, again, named);
      case 'remove':
      case 'removeDir':
        return await remove(root, step, again, named);
      case 'move':
        return await move(root, step, occasion, named);
      case 'makeDir': {
        const above = await root.makeParents(step.path);
        root.refuseOtherSpelling(step.path);
        makeOneFolder(await root.resolve(step.path), step.path);
        return [...above, parentOf(step.path)];
      }
      case 'touch':
        touch(await root.resolve(step.path), step, again);
        return [step.path];
      case 'keep':
        await keep(root, step);
        return [];
    }
  } catch (error) {
    throw fileError(error, step.path);
  }
}

/** All that has to be flushed for a step, whether it was done now or before: folders, and a file whose time it set. */
export function touchedBy(step: Step): SitePath[] {
  switch (step.do) {
    case 'keep':
      return [];
    case 'touch':
      return [step.path];
    case 'remove':
    case 'removeDir':
      return [parentOf(step.path)];
    case 'place':
    case 'makeDir':
      return foldersAbove(step.path);
    case 'move':
      return [parentOf(step.from), ...foldersAbove(step.path)];
  }
}

/**
 * Does the steps `keep` and `place` of a file in staging at once, without a turn of the event loop in between. False: nothing
 * is in its place, whatever the reason; the steps themselves will tell it. `seen`: see `SiteRoot.locate`.
 */
export function placeNow(
  root: SiteRoot,
  { staged, path, onto, keep }: Pick<PlaceStep, 'staged' | 'path' | 'onto'> & { readonly keep: KeepStep | undefined },
  seen: Set<SitePath>,
): boolean {
  try {
    const target = root.locate(path, seen);
    root.refuseOtherSpelling(path);
    if (keep && (findIdentity(target) !== keep.identity || !isKeptNow(target, join(root.versions, keep.sha256))))
      return false;
    moveStaged(join(root.staging, basename(staged)), target, { path, onto });
    return true;
  } catch {
    return false;
  }
}

/** Tells a file or folder from any other that ever has its name: an inode alone is soon used again. */
export function identityOf(info: BigIntStats): string {
  return `${info.ino}-${info.birthtimeNs}`;
}

/** The same again: nobody has written to it, or put another one in its place. */
export function seenOf(info: BigIntStats): string {
  return `${identityOf(info)}-${info.mtimeNs}-${info.size}`;
}

/** As what stands at a step's path was seen before it, or `nothing`; undefined: whatever stands there is replaced. */
export function ontoOf(step: Step): string | undefined {
  switch (step.do) {
    case 'place':
      return step.onto;
    case 'move':
      return step.seen && (step.onto ?? 'nothing');
    case 'remove':
      return step.seen;
    default:
      return undefined;
  }
}

/**
 * The step, with how what it takes away, and what it goes onto, is seen now, where it does not say so yet. For a step that is written and
 * not begun: repeated after a crash, it leaves alone what somebody has put there, or written to, meanwhile.
 */
export function withSeen(root: SiteRoot, step: Step): Step {
  const look = (path: SitePath): BigIntStats | undefined => {
    const info = findExactStats(root.plain(path));
    return info?.isFile() ? info : undefined;
  };
  switch (step.do) {
    case 'place': {
      if (step.onto !== undefined) return step;
      const there = look(step.path);
      return { ...step, onto: there ? seenOf(there) : 'nothing' };
    }
    case 'remove': {
      const there = step.seen === undefined ? look(step.path) : undefined;
      return there ? { ...step, seen: seenOf(there) } : step;
    }
    case 'move': {
      const source = step.seen === undefined ? look(step.from) : undefined;
      const there = step.onto === undefined ? look(step.path) : undefined;
      const replaced = there && identityOf(there) === step.replaces ? there : undefined;
      return { ...step, ...(source && { seen: seenOf(source) }), ...(replaced && { onto: seenOf(replaced) }) };
    }
    default:
      return step;
  }
}

/**
 * Throws `file.changed` where there is another file by now, or it has been written to. `seen`: see `seenOf`; undefined: that is the same. One that
 * is `named` will do as well.
 */
export function requireSeen(absolute: string, path: SitePath, seen: string | undefined, named?: NamedFiles): void {
  if (!isSeen(absolute, seen, named)) throw new AppError('file.changed', { path });
}

function isSeen(absolute: string, seen: string | undefined, named?: NamedFiles): boolean {
  if (seen === undefined) return true;
  const info = lstatSync(absolute, { bigint: true, throwIfNoEntry: false });
  return !info?.isFile() || seenOf(info) === seen || named?.has(info) === true;
}

/** The identity of what stands at a path, for `remove` and `move`. */
export async function identityAt(root: SiteRoot, path: SitePath): Promise<string> {
  try {
    return identityOf(lstatSync(await root.resolve(path), { bigint: true }));
  } catch (error) {
    throw fileError(error, path);
  }
}

/**
 * Sets modification and access time, never those of what a link leads to. Whole milliseconds survive the way through a double:
 * read them with `Math.round`.
 */
export function setTime(absolute: string, mtime: number): void {
  // As a number Node takes a time before 1970 for now.
  const time = new Date(mtime);
  lutimesSync(absolute, time, time);
}

async function place(root: SiteRoot, step: PlaceStep, again: boolean, named?: NamedFiles): Promise<SitePath[]> {
  const source = join(root[step.from], basename(step.staged));
  // In staging a name stands for a content: after a crash another file may have it, with another time.
  const found = again ? findIdentity(source) : undefined;
  if (again && (found === undefined || found !== (step.identity ?? found))) return [];
  let target: string;
  let above: SitePath[] = [];
  try {
    target = await root.resolve(step.path);
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'file.not-found')) throw error;
    above = await root.makeParents(step.path);
    target = root.plain(step.path);
  }
  root.refuseOtherSpelling(step.path);
  moveStaged(source, target, step, named);
  return [...above, parentOf(step.path)];
}

/**
 * Throws `file.changed` where there is nothing staged any more: whoever wants the file has to bring it once more; and where a file stands
 * `onto` which it was not to be put.
 */
export function moveStaged(
  source: string,
  target: string,
  { path, onto }: Pick<PlaceStep, 'path' | 'onto'>,
  named?: NamedFiles,
): void {
  try {
    requireSeen(target, path, onto, named);
    const old = lstatSync(target, { throwIfNoEntry: false });
    if (old?.isFile()) inheritMode(source, old);
    freeingLater(target, old, () => renameSync(source, target));
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && findIdentity(source) === undefined)
      throw new AppError('file.changed', { path }, error);
    throw error;
  }
}

async function remove(
  root: SiteRoot,
  step: Extract<Step, { do: 'remove' | 'removeDir' }>,
  again: boolean,
  named?: NamedFiles,
) {
  const target = await root.resolve(step.path).catch(again ? ifGone : rethrow);
  if (target === undefined || (again && findIdentity(target) !== step.identity)) return [];
  // On a disk that folds case the same file may have come back under another spelling since.
  if (again && !root.hasName(step.path)) return [];
  if (step.do === 'remove' && !(isSeen(target, step.seen, named) || (await named?.isKept(target))))
    throw new AppError('file.changed', { path: step.path });
  removeEntry(target, step.do);
  return [parentOf(step.path)];
}

async function move(
  root: SiteRoot,
  step: Extract<Step, { do: 'move' }>,
  occasion: Occasion,
  named?: NamedFiles,
): Promise<SitePath[]> {
  const again = occasion !== 'first';
  const source = await root.resolve(step.from).catch(again ? ifGone : rethrow);
  if (source === undefined || (again && findIdentity(source) !== step.identity)) return [];
  refuseLink(lstatSync(source, { throwIfNoEntry: false }), step.from);
  if (occasion === 'lost') {
    const there = findIdentity(root.plain(step.path));
    // A later step put something there: this one was not lost.
    if (there !== undefined && there !== step.replaces) return [];
  }
  const above = await root.makeParents(step.path);
  root.refuseOtherSpelling(step.path, step.from);
  const target = await root.resolve(step.path);
  if (again) requireSeen(target, step.path, ontoOf(step), named);
  else requireUnchanged(source, target, step);
  renameSync(source, target);
  return [...above, parentOf(step.from), parentOf(step.path)];
}

function requireUnchanged(source: string, target: string, step: Extract<Step, { do: 'move' }>): void {
  const [moved, there] = [findIdentity(source), findIdentity(target)];
  if (moved !== undefined && moved !== step.identity) throw new AppError('file.changed', { path: step.from });
  if (there !== undefined && there !== step.replaces) throw new AppError('file.changed', { path: step.path });
  requireSeen(source, step.from, step.seen);
  requireSeen(target, step.path, step.onto);
}

async function keep(root: SiteRoot, step: Extract<Step, { do: 'keep' }>): Promise<void> {
  const source = await root.resolve(step.path).catch(ifGone);
  const found = source && findIdentity(source);
  if (step.same && found !== undefined && found !== step.identity)
    throw new AppError('file.changed', { path: step.path });
  if (source === undefined || found !== step.identity) return;
  const kept = join(root.versions, step.sha256);
  if ((await linkOrCopy(source, kept)) !== 'there' || isStillKept(source, kept)) return;
  const anew = `${kept}.new`;
  rmSync(anew, { force: true });
  await linkOrCopy(source, anew);
  renameSync(anew, kept);
}

/** The same at once, where that can be. */
function isKeptNow(source: string, kept: string): boolean {
  const how = linkNow(source, kept);
  return how === 'linked' || (how === 'there' && isStillKept(source, kept));
}

/** Of the file that has the name already. Under another name that it has as well somebody may have written to it. */
function isStillKept(source: string, kept: string): boolean {
  const [now, before] = [lstatSync(source), lstatSync(kept)];
  return now.ino === before.ino || (before.nlink === 1 && before.size === now.size);
}

/** Undefined where nothing stands there. */
export function findIdentity(absolute: string): string | undefined {
  const info = lstatSync(absolute, { bigint: true, throwIfNoEntry: false });
  return info && identityOf(info);
}

/** Nothing is missing where it is gone already. */
function removeEntry(absolute: string, kind: 'remove' | 'removeDir'): void {
  try {
    if (kind === 'remove') unlinkFreeing(absolute);
    else rmdirSync(absolute);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

function touch(absolute: string, { path, mtime, was }: Extract<Step, { do: 'touch' }>, again: boolean): void {
  try {
    // A tree that is taken as it stands is not written anew, file by file: a flush of what is unchanged costs nothing.
    const info = lstatSync(absolute, { throwIfNoEntry: false });
    refuseLink(info, path);
    const now = info && Math.round(info.mtimeMs);
    const isWrittenSince = now !== undefined && was !== undefined && now !== was;
    if (now !== mtime && !isWrittenSince) setTime(absolute, mtime);
  } catch (error) {
    if (!again || systemCode(error) !== 'ENOENT') throw error;
  }
}

/** What is no file or folder of ours is neither given a time nor another name: who put it there did so without Lockstep. */
export function refuseLink(info: Stats | undefined, path: SitePath): void {
  if (info && !info.isFile() && !info.isDirectory()) throw new AppError('path.link', { path });
}

function ifGone(error: unknown): undefined {
  if (isNowhere(error)) return undefined;
  throw error;
}

function rethrow(error: unknown): never {
  throw error;
}

function foldersAbove(path: SitePath): SitePath[] {
  const folder = parentOf(path);
  return folder === ROOT ? [ROOT] : [folder, ...foldersAbove(folder)];
}
