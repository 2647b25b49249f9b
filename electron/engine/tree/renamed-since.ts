import type { Present } from '../../../shared/domain/change.ts';
import { isWithin, rebase, type SitePath } from '../../../shared/domain/site-path.ts';
import { findExactStats } from './find-stats.ts';
import type { SiteRoot } from './site-root.ts';
import { identityOf, type Step } from './steps.ts';

/**
 * After a loss of power the disk may have kept a rename of a folder, and not what was put into it before, or not the folder
 * itself. So a step that is done again has to find its folder under the name that it has now.
 */
export type Move = Extract<Step, { do: 'move' }>;

/** The step, by the names that the folders above have now. `later`: the renames after it, in their order. */
export function byNamesOfNow(root: SiteRoot, step: Step, later: readonly Move[]): Step {
  if (later.length === 0) return step;
  const path = pathNow(root, step.path, later);
  return step.do === 'move' ? { ...step, path, from: pathNow(root, step.from, later) } : { ...step, path };
}

/** What becomes of a path by all of them. */
export function pathAfter(path: SitePath, moves: readonly Move[]): SitePath {
  return moves.reduce((at, move) => (isWithin(at, move.from) ? rebase(at, move.from, move.path) : at), path);
}

/**
 * A step that renames or removes a folder which the disk had lost, and which has been made again for what is in it: it is
 * another one now, and it is this one that is meant. `entryOf`: what the index says.
 */
export function ofFolderMadeAgain(
  root: SiteRoot,
  step: Step,
  later: readonly Move[],
  entryOf: (path: SitePath) => Present | undefined,
): Step {
  if (step.do !== 'move' && step.do !== 'removeDir') return step;
  const from = step.do === 'move' ? step.from : step.path;
  const source = findExactStats(root.plain(from));
  if (!source?.isDirectory() || identityOf(source) === step.identity) return step;
  if (step.do === 'move' && namesSince(step, later).some((name) => findExactStats(root.plain(name)))) return step;
  const after = entryOf(pathAfter(step.path, later));
  const isMeant = step.do === 'move' && after ? after.kind === 'dir' : !after && !entryOf(from);
  return isMeant ? { ...step, identity: identityOf(source) } : step;
}

function pathNow(root: SiteRoot, path: SitePath, later: readonly Move[]): SitePath {
  let at = path;
  for (const [index, move] of later.entries()) {
    if (at === move.from || !isWithin(at, move.from)) continue;
    // It is done again, and takes along what is there by then.
    if (!hasHappened(root, move, later.slice(index + 1))) return at;
    at = rebase(at, move.from, move.path);
  }
  return at;
}

function hasHappened(root: SiteRoot, move: Move, later: readonly Move[]): boolean {
  const found = namesSince(move, later).flatMap((name) => findExactStats(root.plain(name)) ?? []);
  if (found.some((info) => identityOf(info) === move.identity)) return true;
  // The folder was made again at an earlier start.
  return findExactStats(root.plain(move.from)) === undefined && found.some((info) => info.isDirectory());
}

/** What is moved may have any of them by now. */
function namesSince({ path }: Move, later: readonly Move[]): SitePath[] {
  return later.reduce(
    (names, next) => {
      const [at = path] = names.slice(-1);
      return isWithin(at, next.from) ? [...names, rebase(at, next.from, next.path)] : names;
    },
    [path],
  );
}
