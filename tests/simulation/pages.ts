import { SeededRandom } from './random.ts';
import { knows } from './seeds.ts';

/** How much one message of a link takes at most; absent: as much as ever. */
export interface PagesPlan {
  readonly items?: number;
  /** Characters of paths and references. */
  readonly text?: number;
  /** Entries that one digest stands for. */
  readonly digest?: number;
}

/** In a third of the seeds little: notifies, catch-ups, snapshots and the pages of thorough checks are many messages then. */
export function pagesOf(seed: string): PagesPlan {
  const random = new SeededRandom(`pages ${seed}`);
  if (!random.chance(1 / 3) || !knows(seed, 'pages')) return {};
  const items = random.pick([1, 2, 3, 5, 8, 20]);
  return { items, digest: items * random.pick([1, 4]), ...(random.chance(0.3) && { text: random.pick([600, 2000]) }) };
}
