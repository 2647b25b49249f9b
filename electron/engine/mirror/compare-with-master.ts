import { setTimeout as sleep } from 'node:timers/promises';
import type { Present } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { digestOf, isSameEntry } from '../core/tree-digest.ts';
import type { CheckOptions, Difference } from '../deep/checked-site.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { IndexQuestions } from './index-questions.ts';
import { requireOnwards } from './snapshot.ts';

/** How long a change that the master has may take to be heard of here, before what differs by it is told as being on the way. */
const HEARD_MILLIS = 10_000;
const LOOK_MILLIS = 50;
/** What differs is compared again so often: the site may be changing. */
const ROUNDS = 3;

export interface CompareOptions extends CheckOptions {
  readonly state: MirrorState;
  readonly questions: IndexQuestions;
  readonly excludes: (path: SitePath) => boolean;
}

/** A path at which the two ends do not agree; undefined: nothing is, or will be, there. */
interface Apart {
  readonly path: SitePath;
  readonly master: Present | undefined;
  readonly here: Present | undefined;
  readonly asOf: number;
}

interface Range {
  readonly after: SitePath | '';
  readonly through: SitePath | null;
}

/**
 * Compares what this mirror holds, or is about to, with what the master's index holds for it: page by page by a digest, and
 * entry by entry only where digests differ. A path counts as different when the master has said the same of it twice, and this
 * mirror had heard in between of all that was there the first time. Rejects what `IndexQuestions` rejects.
 */
export async function compareWithMaster(options: CompareOptions): Promise<void> {
  const { questions, state, excludes, found, rest, signal } = options;
  for (let after: SitePath | '' = ''; ; ) {
    await rest();
    const page = await questions.digest(after, signal);
    const range: Range = { after, through: page.last ? null : page.through === '' ? null : page.through };
    const here = state.desiredBetween(range.after, range.through).filter(({ path }) => !excludes(path));
    if (digestOf(here, (folder) => state.hasBelow(folder)) !== page.digest)
      for (const difference of await settle(options, range)) await found(difference);
    if (page.last || page.through === '') return;
    requireOnwards(after, page.through);
    after = page.through;
  }
}

async function settle(options: CompareOptions, range: Range): Promise<Difference[]> {
  let { apart, seq } = await readApart(options, range);
  for (let round = 0; round < ROUNDS && apart.length > 0; round += 1) {
    if (!(await haveHeard(options, seq))) break;
    const known = new Map(apart.map((each) => [each.path, each]));
    ({ apart, seq } = await readApart(options, range));
    const both = apart.filter((each) => isSameApart(known.get(each.path), each));
    if (both.length === apart.length) return both.map(toDifference);
  }
  options.tally.moving += apart.length;
  return [];
}

/** Reads the master's entries of the range beside ours. */
async function readApart(options: CompareOptions, range: Range): Promise<{ apart: Apart[]; seq: number }> {
  const { questions, state, excludes, signal } = options;
  const apart: Apart[] = [];
  let { after } = range;
  for (let first: number | undefined; ; ) {
    const page = await questions.entries(after, range.through, signal);
    const { seq: asOf } = page;
    first = Math.max(first ?? 0, asOf);
    const through = page.last ? range.through : page.through === '' ? null : page.through;
    const here = new Map(state.desiredBetween(after, through).map((entry) => [entry.path, entry]));
    for (const master of page.entries) {
      const own = here.get(master.path);
      here.delete(master.path);
      if (!excludes(master.path) && !isSameEntry(master, own))
        apart.push({ path: master.path, master, here: own, asOf });
    }
    for (const own of here.values()) {
      // A folder that files are in, and that is not told by itself, belongs to them.
      const implied = own.kind === 'dir' && state.hasBelow(own.path);
      if (!excludes(own.path) && !implied) apart.push({ path: own.path, master: undefined, here: own, asOf });
    }
    if (page.last || page.through === '') return { apart, seq: first };
    requireOnwards(after, page.through);
    after = page.through;
  }
}

async function haveHeard({ state, signal }: CompareOptions, seq: number): Promise<boolean> {
  for (const end = performance.now() + HEARD_MILLIS; state.cursor < seq; ) {
    if (performance.now() > end) return false;
    await sleep(LOOK_MILLIS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  return true;
}

function isSameApart(a: Apart | undefined, b: Apart): boolean {
  return (
    a !== undefined && a.master?.seq === b.master?.seq && isSameEntry(a.master, b.master) && isSameEntry(a.here, b.here)
  );
}

function toDifference({ path, master, here, asOf }: Apart): Difference {
  const kind = !here ? 'not-told' : master ? 'other' : 'not-there';
  return { kind, path, master: master ?? 'nothing', asOf };
}
