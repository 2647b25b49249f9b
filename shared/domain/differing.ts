import type { DeepPeer, DeepTally } from '../contract/deep.ts';

type Counts = Pick<DeepTally, 'counts'>;
type Role = 'master' | 'mirror';

/**
 * How much is not as it should be. What somebody has decided to keep is; so is a link or special file at a master, which is never
 * published; and so, at a mirror, is what the master does not have: it stands beside the site, and is never touched.
 */
export function differing({ counts }: Counts, at: Role): number {
  const right = new Set(['kept', 'special', ...(at === 'mirror' ? ['extra'] : [])]);
  return Object.entries(counts).reduce((sum, [kind, count]) => sum + (right.has(kind) ? 0 : count), 0);
}

/** What stands beside the site at a mirror. */
export function beside({ counts }: Counts, at: Role): number {
  return at === 'mirror' ? (counts.extra ?? 0) : 0;
}

/** What looks like damage of the disk at a master: it is told, and not mended, as a mirror may have the last good copy. */
export function leftAsItIs({ counts }: Counts, at: Role): number {
  return at === 'master' ? (counts.damaged ?? 0) : 0;
}

/** How much there is to mend, here and at the other ends. */
export function toMend(report: Counts & { readonly peers: readonly Pick<DeepPeer, 'tally'>[] }, at: Role): number {
  const there = report.peers.map(({ tally }) => (tally ? differing(tally, at === 'master' ? 'mirror' : 'master') : 0));
  return there.reduce((sum, count) => sum + count, differing(report, at) - leftAsItIs(report, at));
}
