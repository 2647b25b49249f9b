import { EDGE, type Picture, type Ring, type Tick } from './picture.ts';

/** One moment on one lane. */
export interface StillMark {
  readonly lane: number;
  /** Milliseconds since the beginning; undefined: it has not come yet. */
  readonly after: number | undefined;
  readonly as: 'dot' | Ring['kind'];
}

/** A score that stands: of one release, or of one change. Its time begins with the change. */
export interface StillScene {
  readonly lanes: number;
  /** Milliseconds from the beginning to the right end. */
  readonly length: number;
  /** From dot to dot down the lanes; the first is where it began. */
  readonly marks: readonly StillMark[];
  /** When the word was given. */
  readonly word?: number | undefined;
  /** From the first to the last mirror that shows it. */
  readonly bracket?: readonly [number, number] | undefined;
  readonly tickText: (after: number) => string;
}

export function stillPicture(scene: StillScene, size: { width: number; height: number; laneHeight: number }): Picture {
  const { lanes, length, marks, word, bracket } = scene;
  const { width, height, laneHeight } = size;
  const left = EDGE;
  const right = width - EDGE;
  const x = (after: number): number => left + (Math.max(0, after) / Math.max(1, length)) * (right - left);
  const ys = Array.from({ length: lanes }, (_, lane) => lane * laneHeight + laneHeight / 2);
  const dots: number[] = [];
  const rings: Ring[] = [];
  const lines: number[] = [];
  const awaited: number[] = [];
  let before: { x: number; y: number } | undefined;
  for (const { lane, after, as } of marks.toSorted((one, other) => one.lane - other.lane)) {
    const place = { x: after === undefined ? right : x(after), y: ys[lane] ?? 0 };
    if (as !== 'dot') rings.push({ ...place, kind: as });
    if (as === 'ready') continue;
    if (as === 'dot') dots.push(place.x, place.y, 3.8);
    if (before) (after === undefined ? awaited : lines).push(before.x, before.y, place.x, place.y);
    if (after !== undefined) before = place;
  }
  return {
    width,
    height,
    ys,
    laneHeight,
    right: right + 1,
    lanes: ys.flatMap((y) => [left, right + 1, y]),
    ticks: ticksOf(scene, x, right),
    lines,
    awaited,
    sheaves: [],
    dots,
    removals: [],
    rings,
    bars: [],
    brackets: bracket
      ? [{ spans: ys.map((_, lane) => (lane === 0 ? undefined : ([x(bracket[0]) - 8, x(bracket[1]) + 8] as const))) }]
      : [],
    ...(word !== undefined && { word: x(word) }),
  };
}

/** So much room, in pixels, a time needs beside the next one. */
const TICK_WIDTH = 70;

/** Round lengths of time: one, two or five of something; about five, or as many as there is room for. */
function ticksOf({ length, tickText }: StillScene, x: (after: number) => number, right: number): Tick[] {
  const rough = length / Math.min(5, Math.max(1, Math.floor((right - x(0)) / TICK_WIDTH)));
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const step = ([1, 2, 5].find((each) => each * power >= rough) ?? 10) * power;
  const ticks: Tick[] = [];
  for (let after = 0; after <= length * 1.0001; after += step) {
    const place = x(after);
    ticks.push({ x: place, text: place > 30 && place < right - 30 ? tickText(after) : '' });
  }
  return ticks;
}
