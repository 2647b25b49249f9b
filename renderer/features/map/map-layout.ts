/** Where each machine stands: the left upper corner of its card, in the map's own measure. */
export interface MapLayout {
  readonly master: Place;
  readonly mirrors: readonly (Place & {
    readonly side: 'left' | 'right';
    /** How far before the card its line is level: past the cards that stand before it. */
    readonly level: number;
  })[];
  /** From the first card to the last. */
  readonly width: number;
  readonly height: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

export const CARD = { width: 156, height: 44 } as const;
/** From the top of one card to the top of the next below it. */
const ROW = 60;
/** Between the master and the first column: room for the lines, and for what stands on them. */
const REACH = 190;
const NARROW_REACH = 140;
/** A second column stands behind the gaps of the first, so that its lines pass between the cards. */
const COLUMN = CARD.width + 44;
const ON_ONE_SIDE = 8;
const IN_ONE_COLUMN = 10;

/** The master, and its mirrors to the right; many on both sides, very many in two columns each. */
export function layOutMap(count: number, narrow = false): MapLayout {
  const sides = narrow || count <= ON_ONE_SIDE ? 1 : 2;
  const right = Math.ceil(count / sides);
  const reach = narrow ? NARROW_REACH : REACH;
  const mirrors = [...column(right, 'right', reach), ...column(count - right, 'left', reach)];
  const ys = mirrors.map(({ y }) => y);
  const height = Math.max(0, ...ys) - Math.min(0, ...ys) + CARD.height;
  const xs = [0, ...mirrors.map(({ x }) => x)];
  return {
    master: { x: 0, y: 0 },
    mirrors,
    width: Math.max(...xs) - Math.min(...xs) + CARD.width,
    height,
  };
}

/** One side's mirrors, from above, around the height of the master. */
function column(count: number, side: 'left' | 'right', reach: number): MapLayout['mirrors'] {
  const columns = columnsFor(count);
  const step = ROW / columns;
  const first = (-(count - 1) * step) / 2;
  return Array.from({ length: count }, (_, index) => {
    const away = CARD.width + reach + (index % columns) * COLUMN;
    const level = (index % columns) * COLUMN;
    return { side, x: side === 'right' ? away : -away, y: first + index * step, level };
  });
}

function columnsFor(count: number): number {
  return count > IN_ONE_COLUMN ? 2 : 1;
}
