import type { CheckPlan, Outcome } from '../deep/deep-check.ts';
import type { Difference } from '../deep/checked-site.ts';
import { compareWithJournal } from '../store/journal-check.ts';
import type { Store } from '../store/open.ts';
import { indexNow, recordFound, recordLoss } from './compare.ts';
import { findStats } from '../tree/find-stats.ts';
import { isServed } from '../tree/is-served.ts';
import type { MasterSite } from './site.ts';
import type { Watching } from './rescan.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { nameOf, parentOf, type SitePath } from '../../../shared/domain/site-path.ts';

const PAGE = 500;

/**
 * The thorough check of a published site. To mend means to journal where the tree differs from the index, as a rescan does, or to leave it
 * to the `watch` of the folder, which knows what is still being written. What looks like damage (other content at the same size and time)
 * is not told to the mirrors: they may have the last good copy.
 */
export function masterPlan(
  store: Store,
  site: MasterSite,
  peers: CheckPlan['peers'],
  watch: () => Watching | undefined = () => undefined,
): CheckPlan {
  const { root, journal } = site;
  return {
    site: {
      root,
      files: () => journal.index.files(),
      page: (after, limit) => journal.index.page(after, limit),
      entry: (path) => journal.index.entry(path),
      isMoving: () => !journal.settled,
      ignores: () => false,
      mayHoldLinks: true,
    },
    versions: site.versions,
    journal: async ({ rest, found }) => {
      for (let after: string | undefined = ''; after !== undefined; ) {
        const page: ReturnType<typeof compareWithJournal> = compareWithJournal(store, journal.site, after, PAGE);
        // A change that is not in the tree yet may be taken back.
        if (journal.settled) for (const path of page.wrong) await found({ kind: 'journal', path });
        after = page.last;
        await rest();
      }
    },
    peers,
    seeTo: async (differences, mend) => (mend ? journalFound(site, differences, watch()) : { mended: 0, kept: [] }),
    removals: [
      {
        is: ({ kind }) => kind === 'missing',
        seeTo: (differences) => journalGone(site, differences),
      },
    ],
  };
}

async function journalFound(
  site: MasterSite,
  differences: readonly Difference[],
  watch: Watching | undefined,
): Promise<Outcome> {
  const there = differences.filter(
    ({ kind, path }) => kind === 'changed' || kind === 'time' || (kind === 'extra' && isFit(site, path)),
  );
  if (watch?.isOn) {
    for (const { path } of there) watch.settle(path);
    return { mended: 0, toWatch: there.length, kept: [] };
  }
  const seen = there.map(({ path }) => ({ path }));
  const mended = await recordFound(site, seen, () => undefined).catch((error: unknown) => {
    throw heldByRescan(site, error);
  });
  return { mended, kept: [] };
}

/** As a rescan does it: with so much gone the folder may be another one, or a disk not be there. */
function journalGone(site: MasterSite, differences: readonly Difference[]): Promise<number> {
  const entries = differences.flatMap(({ entry }) => entry ?? []);
  return recordLoss(site, entries, indexNow(site)).catch((error: unknown) => {
    throw heldByRescan(site, error);
  });
}

/** What a person can do where the guard holds. */
function heldByRescan({ name }: MasterSite, error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'guard.held') return error;
  return new AppError(error.code, { ...error.params, flag: `lockstep site rescan ${name} --allow-deletes` });
}

/** No link or special file, and a name that a site can hold. */
function isFit({ root }: MasterSite, path: SitePath): boolean {
  const info = findStats(root.plain(path));
  if (!info) return false;
  const item = { name: nameOf(path), isFile: () => info.isFile(), isDirectory: () => info.isDirectory() };
  return isServed(parentOf(path), item);
}
