/**
 * A score, ready to be drawn: places in CSS pixels, in flat lists, as there may be thousands of each and a new one at every
 * frame. What it is made of (a live site, a release, one file) does not matter any more.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** The middle of each lane. */
  readonly ys: readonly number[];
  readonly laneHeight: number;
  /** Where the last moment lies. */
  readonly right: number;
  /** x1, x2, y: lanes; one that ends before `right` is open there. */
  readonly lanes: readonly number[];
  readonly ticks: readonly Tick[];
  /** x1, y1, x2, y2: from lane to lane, of single changes; to what is not there yet; of what is too much to be told apart. */
  readonly lines: readonly number[];
  readonly awaited: readonly number[];
  readonly sheaves: readonly number[];
  /** x, y, radius. */
  readonly dots: readonly number[];
  readonly removals: readonly number[];
  readonly rings: readonly Ring[];
  /** x, y, width, height: many changes. */
  readonly bars: readonly number[];
  readonly brackets: readonly Bracket[];
  /** The word was given. */
  readonly word?: number;
  /** Before it nothing was looked at. */
  readonly unknownUpTo?: number;
  readonly chosen?: Chosen | undefined;
}

export interface Tick {
  readonly x: number;
  readonly text: string;
}

/** Something that is not visible there: it waits, fails, or is on its way. */
export interface Ring {
  readonly x: number;
  readonly y: number;
  readonly kind: 'working' | 'held' | 'failing' | 'ready';
}

/** A release: on each lane, from its first change to its last. */
export interface Bracket {
  /** By lane; undefined: none of it is visible there. */
  readonly spans: readonly (readonly [from: number, to: number] | undefined)[];
}

/** What the pointer or the cursor is at: its way through the lanes. */
export interface Chosen {
  readonly points: readonly { readonly x: number; readonly y: number; readonly isThere: boolean }[];
  /** Which of them it is at. */
  readonly at: number;
}

/** Room beside and below the lanes. */
export const EDGE = 10;
export const FOOT = 22;

/** The more machines, the closer the lanes. */
export function laneHeightFor(lanes: number): number {
  if (lanes <= 6) return 32;
  if (lanes <= 10) return 26;
  return lanes <= 24 ? 20 : 16;
}

export function laneMiddles(lanes: number, laneHeight: number): number[] {
  return Array.from({ length: lanes }, (_, lane) => lane * laneHeight + laneHeight / 2);
}
