import { columnMillis, SCORE_COLUMNS, type ScoreSpan, scoreSpans } from '../../../shared/domain/score.ts';
import type { SiteReplica, Voice } from '../../stores/site-replica.ts';
import { deliveryState } from '../../stores/reach.ts';
import type { Lane } from './lanes.ts';
import { type Bracket, type Chosen, EDGE, laneMiddles, type Picture, type Ring } from './picture.ts';

/** Changes within five columns of a lane: up to so many each has a dot, the smaller the more there are; else they are bars. */
const SOME = 9;
const LARGE = 3.5;
const SMALL = 1.6;
/** Lines to what is not there yet: more would say no more. */
const AWAITED_MAX = 60;
/** Between two lines of what is too much to be told apart, in pixels. */
const SHEAF_STEP = 11;
/** A column is full with so many changes, or with as many as the fullest has. */
const FULL = 24;

/** What a live score is drawn from. */
export interface LiveScene {
  readonly replica: SiteReplica | undefined;
  readonly lanes: readonly Lane[];
  readonly span: ScoreSpan;
  readonly now: number;
  readonly width: number;
  readonly height: number;
  readonly laneHeight: number;
  readonly chosen: { readonly voice: Voice; readonly lane: number } | undefined;
  /** The text below a moment. */
  readonly tickText: (at: number) => string;
}

/** Places by time. */
export interface Axis {
  readonly x: (at: number) => number;
  readonly at: (x: number) => number;
  readonly right: number;
}

export function axisOf({ width, span, now }: Pick<LiveScene, 'width' | 'span' | 'now'>): Axis {
  const right = width - EDGE;
  const perMilli = (right - EDGE) / scoreSpans[span];
  return { x: (at) => right - (now - at) * perMilli, at: (x) => now - (right - x) / perMilli, right };
}

export function livePicture(scene: LiveScene): Picture {
  const { replica, lanes, span, now, width, height, laneHeight } = scene;
  const axis = axisOf(scene);
  const ys = laneMiddles(lanes.length, laneHeight);
  const crowds = lanes.map(({ key }) => crowdsOf(replica, key, span, now));
  const marks: Marks = { dots: [], removals: [], lines: [], awaited: [], brackets: new Map() };
  if (replica) {
    const oldest = now - scoreSpans[span];
    for (let index = replica.voices.length - 1; index >= 0; index -= 1) {
      const voice = replica.voices[index];
      if (!voice || voice.op === 'aborted') continue;
      // What came long ago may have become visible in the time that is shown.
      if (voice.at >= oldest || isSeenSince(voice, oldest)) drawVoice(voice, { lanes, ys, axis, crowds, marks });
    }
  }
  const { bars, sheaves } = drawCrowds(scene, axis, ys, crowds, marks.dots);
  return {
    width,
    height,
    ys,
    laneHeight,
    right: axis.right,
    lanes: lanes.flatMap(({ openSince }, lane) => {
      const end = openSince === undefined ? axis.right : Math.min(axis.right, Math.max(EDGE, axis.x(openSince)));
      return [EDGE, end, ys[lane] ?? 0];
    }),
    ticks: ticksOf(scene, axis),
    ...marks,
    sheaves,
    bars,
    rings: lanes.flatMap((lane, index) => ringOf(lane, axis.right, ys[index] ?? 0)),
    brackets: [...marks.brackets.values()].filter(isSet).map(bracketOf),
    ...(replica?.pastSince !== undefined && { unknownUpTo: axis.x(replica.pastSince) }),
    chosen: scene.chosen && chosenOf(scene.chosen, lanes, ys, axis),
  };
}

function isSeenSince({ deliveries }: Voice, oldest: number): boolean {
  for (const { publishedAt } of deliveries.values())
    if (publishedAt !== undefined && publishedAt >= oldest) return true;
  return false;
}

interface Marks {
  readonly dots: number[];
  readonly removals: number[];
  readonly lines: number[];
  readonly awaited: number[];
  /** By release; by lane where it begins and ends, and how many there are. */
  readonly brackets: Map<number, ({ from: number; to: number; count: number } | undefined)[]>;
}

interface Stage {
  readonly lanes: readonly Lane[];
  readonly ys: readonly number[];
  readonly axis: Axis;
  readonly crowds: readonly LaneCrowds[];
  readonly marks: Marks;
}

/** How crowded a lane is around each of its columns, from the index `first` on. */
interface LaneCrowds {
  readonly width: number;
  readonly first: number;
  readonly around: Uint32Array;
  /** Up to here there are changes that are told apart. */
  readonly sparseUntil: number;
}

function crowdsOf(replica: SiteReplica | undefined, key: string | null, span: ScoreSpan, now: number): LaneCrowds {
  const width = columnMillis(span);
  const ring = replica?.lanes.get(key)?.spans[span];
  const last = Math.floor(now / width) + 1;
  const first = last - SCORE_COLUMNS - 2;
  const around = new Uint32Array(last - first + 1);
  let sparse = Number.NEGATIVE_INFINITY;
  if (!ring) return { width, first, around, sparseUntil: sparse };
  let crowd = 0;
  for (let index = first - 2; index < first + 2; index += 1) crowd += ring.count(index);
  for (let index = first; index <= last; index += 1) {
    crowd += ring.count(index + 2);
    around[index - first] = crowd;
    if (crowd > 0 && crowd <= SOME && ring.count(index) > 0) sparse = index;
    crowd -= ring.count(index - 2);
  }
  return { width, first, around, sparseUntil: (sparse + 1) * width };
}

function crowdAt({ width, first, around }: LaneCrowds, at: number): number {
  return around[Math.floor(at / width) - first] ?? 0;
}

function radiusIn(crowd: number): number {
  return Math.max(SMALL, Math.min(LARGE, 8 / crowd));
}

/** A change's dots, and the line that joins them. */
function drawVoice(voice: Voice, { lanes, ys, axis, crowds, marks }: Stage): void {
  let before: { x: number; y: number } | undefined;
  const isDense = voice.release === undefined && voice.at >= (crowds[0]?.sparseUntil ?? 0);
  for (const [lane, { key }] of lanes.entries()) {
    const around = crowds[lane];
    // Among very many nobody looks for one.
    if (!around || (isDense && voice.at >= around.sparseUntil)) continue;
    const y = ys[lane] ?? 0;
    const delivery = key === null ? undefined : voice.deliveries.get(key);
    const at = key === null ? voice.at : delivery?.publishedAt;
    if (at === undefined) {
      const state = delivery && deliveryState(delivery);
      const waits = state !== undefined && state !== 'in-step';
      if (waits && before && marks.awaited.length < 4 * AWAITED_MAX)
        marks.awaited.push(before.x, before.y, axis.right, y);
      continue;
    }
    const x = axis.x(at);
    const crowd = crowdAt(around, at);
    const shown = crowd <= SOME;
    if (shown)
      (voice.op === 'delete' || voice.op === 'rmdir' ? marks.removals : marks.dots).push(x, y, radiusIn(crowd));
    if (before && shown) marks.lines.push(before.x, before.y, x, y);
    before = shown ? { x, y } : undefined;
    if (voice.release !== undefined) widen(marks, voice.release, lane, x);
  }
}

function widen({ brackets }: Marks, release: number, lane: number, x: number): void {
  let spans = brackets.get(release);
  if (!spans) brackets.set(release, (spans = []));
  const span = spans[lane];
  if (!span) spans[lane] = { from: x, to: x, count: 1 };
  else {
    span.from = Math.min(span.from, x);
    span.to = Math.max(span.to, x);
    span.count += 1;
  }
}

type Spans = Marks['brackets'] extends Map<number, infer S> ? S : never;

/** One change alone needs no bracket. */
function isSet(spans: Spans): boolean {
  return spans.some((span) => span !== undefined && span.count > 1);
}

function bracketOf(spans: Spans): Bracket {
  return { spans: Array.from(spans, (span) => span && ([span.from - 7, span.to + 7] as const)) };
}

/** Where changes are not told apart: bars on the lanes, and between them lines that lean as the usual change does. */
function drawCrowds(
  scene: LiveScene,
  axis: Axis,
  ys: readonly number[],
  crowds: readonly LaneCrowds[],
  dots: number[],
) {
  const { replica, lanes, span, laneHeight } = scene;
  const bars: number[] = [];
  const sheaves: number[] = [];
  if (!replica) return { bars, sheaves };
  const rings = lanes.map(({ key }) => replica.lanes.get(key)?.spans[span]);
  const width = columnMillis(span);
  const step = axis.x(width) - axis.x(0);
  const tallest = 0.62 * laneHeight;
  let fullest = FULL;
  for (const ring of rings) if (ring) fullest = Math.max(fullest, ring.most(scene.now));
  const scale = (tallest - 2.5) / Math.log2(1 + fullest);
  const every = Math.max(1, Math.round(SHEAF_STEP / step));
  for (const [lane, { around, first }] of crowds.entries()) {
    const ring = rings[lane];
    const above = lane === 0 ? undefined : rings[lane - 1];
    const y = ys[lane] ?? 0;
    if (!ring) continue;
    for (const [place, crowd] of around.entries()) {
      const index = first + place;
      const count = crowd === 0 ? 0 : ring.count(index);
      if (count === 0) continue;
      const middle = (index + 0.5) * width;
      const x = axis.x(middle);
      if (crowd <= SOME) {
        // Nobody knows them one by one any more.
        if (middle < replica.voicesSince) dots.push(x, y, radiusIn(crowd));
        continue;
      }
      bars.push(x, y, step + 0.4, 2.5 + scale * Math.log2(1 + count));
      if (lane === 0 || index % every !== 0) continue;
      const changed = middle - ring.lag(index);
      const seenAbove = lane === 1 || !above ? changed : changed + above.lag(index);
      sheaves.push(axis.x(seenAbove), ys[lane - 1] ?? 0, x, y);
    }
  }
  return { bars, sheaves };
}

/** What is missing on a lane stands at its end. */
function ringOf({ state, missing }: Lane, x: number, y: number): Ring[] {
  switch (state) {
    case 'held':
    case 'waiting':
      return [{ x, y, kind: 'held' }];
    case 'failing':
      return [{ x, y, kind: 'failing' }];
    case 'working':
      return missing > 0 ? [{ x, y, kind: 'working' }] : [];
    default:
      return [];
  }
}

function chosenOf(
  { voice, lane }: NonNullable<LiveScene['chosen']>,
  lanes: readonly Lane[],
  ys: readonly number[],
  axis: Axis,
): Chosen {
  const points: Chosen['points'][number][] = [];
  let at = 0;
  for (const [index, { key }] of lanes.entries()) {
    const delivery = key === null ? undefined : voice.deliveries.get(key);
    const seen = key === null ? voice.at : delivery?.publishedAt;
    if (seen === undefined && (delivery === undefined || deliveryState(delivery) === 'in-step')) continue;
    if (index <= lane) at = points.length;
    points.push({ x: seen === undefined ? axis.right : axis.x(seen), y: ys[index] ?? 0, isThere: seen !== undefined });
  }
  return { points, at };
}

const tickMillis: Readonly<Record<ScoreSpan, number>> = { minute: 10_000, hour: 600_000, day: 4 * 3_600_000 };

/** At whole moments of the clock on the wall, which glide along with what happened at them. */
function ticksOf({ span, now, tickText, width }: LiveScene, axis: Axis): { x: number; text: string }[] {
  const step = tickMillis[span] * (width < 420 ? 2 : 1);
  const zone = new Date(now).getTimezoneOffset() * 60_000;
  const ticks = [];
  for (let at = Math.floor((now - zone) / step) * step + zone; at > now - scoreSpans[span]; at -= step) {
    const x = axis.x(at);
    if (x < EDGE) break;
    ticks.push({ x, text: x > 24 && x < axis.right - 24 ? tickText(at) : '' });
  }
  return ticks;
}
