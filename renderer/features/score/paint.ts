import type { Look } from './look.ts';
import { type Bracket, type Chosen, EDGE, type Picture, type Ring } from './picture.ts';

const TAU = 2 * Math.PI;
const RING = 3.6;
/** A path of very many lines takes longer than its parts. */
const SEGMENTS_AT_ONCE = 100;

/** Draws a score, with `ratio` device pixels to a CSS pixel. There may be thousands of each mark. */
export function paint(context: CanvasRenderingContext2D, picture: Picture, look: Look, ratio: number): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, picture.width, picture.height);
  paintTicks(context, picture, look);
  paintLanes(context, picture, look);
  // What leaves to the left goes behind the names.
  context.save();
  context.beginPath();
  context.rect(EDGE - 6, 0, picture.width, picture.height);
  context.clip();
  for (const bracket of picture.brackets) paintWash(context, bracket, picture, look);
  paintWord(context, picture, look);
  const quiet = picture.chosen === undefined ? 1 : 0.55;
  strokeSegments(context, picture.sheaves, look.accent, 0.16 * quiet);
  strokeSegments(context, picture.lines, look.dim, 0.42 * quiet);
  strokeSegments(context, picture.awaited, look.blue, 0.35 * quiet, [2, 3]);
  paintBars(context, picture.bars, look);
  paintDots(context, picture.dots, look);
  paintRemovals(context, picture.removals, look);
  for (const ring of picture.rings) paintRing(context, ring, look);
  for (const bracket of picture.brackets) paintBracket(context, bracket, picture, look);
  if (picture.chosen) paintChosen(context, picture.chosen, look);
  context.restore();
}

/** On the middle of a device pixel a hairline is sharp. */
function sharp(place: number): number {
  return Math.floor(place) + 0.5;
}

function paintTicks(context: CanvasRenderingContext2D, picture: Picture, look: Look): void {
  const bottom = (picture.ys.at(-1) ?? 0) + picture.laneHeight / 2;
  if (picture.unknownUpTo !== undefined && picture.unknownUpTo > 0) {
    context.globalAlpha = 0.5;
    context.fillStyle = look.line;
    context.fillRect(0, 0, picture.unknownUpTo, bottom);
  }
  context.globalAlpha = 1;
  context.lineWidth = 1;
  context.strokeStyle = look.line;
  context.beginPath();
  for (const { x } of picture.ticks) {
    context.moveTo(sharp(x), 0);
    context.lineTo(sharp(x), bottom + 4);
  }
  context.globalAlpha = 0.6;
  context.stroke();
  context.globalAlpha = 1;
  context.fillStyle = look.dim;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  for (const { x, text } of picture.ticks) if (text !== '') context.fillText(text, x, bottom + 17);
  // Now.
  context.strokeStyle = look.accent;
  context.globalAlpha = 0.35;
  context.beginPath();
  context.moveTo(sharp(picture.right), 0);
  context.lineTo(sharp(picture.right), bottom);
  context.stroke();
  context.globalAlpha = 1;
}

function paintLanes(context: CanvasRenderingContext2D, { lanes, right }: Picture, look: Look): void {
  context.strokeStyle = look.line;
  context.lineWidth = 1;
  context.beginPath();
  each(lanes, 3, (x1 = 0, x2 = 0, y = 0) => {
    context.moveTo(x1, sharp(y));
    context.lineTo(x2, sharp(y));
  });
  context.stroke();
  // An open end: the machine was last heard of there.
  context.strokeStyle = look.dim;
  context.beginPath();
  each(lanes, 3, (_x1 = 0, x2 = 0, y = 0) => {
    if (x2 >= right) return;
    context.moveTo(x2 + 3, sharp(y) - 4);
    context.arc(x2, sharp(y), 5, -Math.PI / 3, Math.PI / 3);
  });
  context.stroke();
}

function strokeSegments(
  context: CanvasRenderingContext2D,
  segments: readonly number[],
  colour: string,
  alpha: number,
  dash: readonly number[] = [],
): void {
  if (segments.length === 0) return;
  context.globalAlpha = alpha;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash([...dash]);
  for (let from = 0; from < segments.length; from += 4 * SEGMENTS_AT_ONCE) {
    context.beginPath();
    each(segments.slice(from, from + 4 * SEGMENTS_AT_ONCE), 4, (x1 = 0, y1 = 0, x2 = 0, y2 = 0) => {
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
    });
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Side by side they are one shape. A rectangle alone is drawn fast; thousands of them in one path are not. */
function paintBars(context: CanvasRenderingContext2D, bars: readonly number[], look: Look): void {
  context.fillStyle = look.accent;
  each(bars, 4, (x = 0, y = 0, width = 0, height = 0) =>
    context.fillRect(x - width / 2, y - height / 2, width, height),
  );
}

function paintDots(context: CanvasRenderingContext2D, dots: readonly number[], look: Look): void {
  context.fillStyle = look.accent;
  context.beginPath();
  each(dots, 3, (x = 0, y = 0, radius = 0) => {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, TAU);
  });
  context.fill();
}

/** A bar across the lane: what was there is not any more. */
function paintRemovals(context: CanvasRenderingContext2D, removals: readonly number[], look: Look): void {
  context.strokeStyle = look.accent;
  context.lineWidth = 1.6;
  context.beginPath();
  each(removals, 3, (x = 0, y = 0, radius = 0) => {
    const size = radius * 0.9;
    context.moveTo(x - size, y - size);
    context.lineTo(x + size, y + size);
    context.moveTo(x + size, y - size);
    context.lineTo(x - size, y + size);
  });
  context.stroke();
}

function paintRing(context: CanvasRenderingContext2D, { x, y, kind }: Ring, look: Look): void {
  context.fillStyle = look.surface;
  context.lineWidth = 1.6;
  context.beginPath();
  switch (kind) {
    case 'failing':
      context.strokeStyle = look.red;
      context.moveTo(x, y - RING - 0.8);
      context.lineTo(x + RING + 0.8, y + RING);
      context.lineTo(x - RING - 0.8, y + RING);
      context.closePath();
      break;
    case 'held':
      context.strokeStyle = look.amber;
      context.arc(x, y, RING, 0, TAU);
      break;
    case 'working':
      context.strokeStyle = look.blue;
      context.arc(x, y, RING, 0, TAU);
      break;
    case 'ready':
      context.strokeStyle = look.accent;
      context.arc(x, y, RING + 2, 0, TAU);
  }
  context.fill();
  context.stroke();
}

/** One faint cloth from lane to lane. */
function paintWash(
  context: CanvasRenderingContext2D,
  { spans }: Bracket,
  { ys, laneHeight }: Picture,
  look: Look,
): void {
  const edge = laneHeight * 0.32;
  const places = spans.flatMap((span, lane) => (span ? [{ from: span[0], to: span[1], y: ys[lane] ?? 0 }] : []));
  const [first] = places;
  if (!first) return;
  context.fillStyle = look.accent;
  context.globalAlpha = 0.08;
  context.beginPath();
  for (const { from, y } of places) {
    context.lineTo(from, y - edge);
    context.lineTo(from, y + edge);
  }
  for (const { to, y } of places.toReversed()) {
    context.lineTo(to, y + edge);
    context.lineTo(to, y - edge);
  }
  context.closePath();
  context.fill();
  context.globalAlpha = 1;
}

function paintBracket(
  context: CanvasRenderingContext2D,
  { spans }: Bracket,
  { ys, laneHeight }: Picture,
  look: Look,
): void {
  const half = laneHeight * 0.32;
  const hook = 3;
  context.strokeStyle = look.text;
  context.globalAlpha = 0.75;
  context.lineWidth = 1.25;
  context.beginPath();
  for (const [lane, span] of spans.entries()) {
    const y = ys[lane];
    if (!span || y === undefined) continue;
    const [from, to] = span;
    context.moveTo(from + hook, y - half);
    context.lineTo(from, y - half);
    context.lineTo(from, y + half);
    context.lineTo(from + hook, y + half);
    context.moveTo(to - hook, y - half);
    context.lineTo(to, y - half);
    context.lineTo(to, y + half);
    context.lineTo(to - hook, y + half);
  }
  context.stroke();
  context.globalAlpha = 1;
}

function paintWord(context: CanvasRenderingContext2D, { word, ys }: Picture, look: Look): void {
  if (word === undefined) return;
  strokeSegments(context, [sharp(word), ys[0] ?? 0, sharp(word), ys.at(-1) ?? 0], look.accent, 0.9, [3, 3]);
}

function paintChosen(context: CanvasRenderingContext2D, { points, at }: Chosen, look: Look): void {
  context.strokeStyle = look.text;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const { x, y } of points) context.lineTo(x, y);
  context.stroke();
  for (const [index, { x, y, isThere }] of points.entries()) {
    context.beginPath();
    context.arc(x, y, index === at ? 5.5 : 4.2, 0, TAU);
    context.fillStyle = isThere ? look.accent : look.surface;
    context.fill();
    context.lineWidth = index === at ? 2 : 1;
    context.strokeStyle = index === at || !isThere ? look.text : look.surface;
    context.stroke();
  }
}

/** Goes through a flat list, `size` numbers at a time. */
function each(
  list: readonly number[],
  size: number,
  visit: (a?: number, b?: number, c?: number, d?: number) => void,
): void {
  for (let at = 0; at + size <= list.length; at += size) visit(list[at], list[at + 1], list[at + 2], list[at + 3]);
}
