/** A place for each mirror beside its master: in one column, or in two where there are many. */
export interface MapPlan {
  readonly width: number;
  readonly height: number;
  readonly master: { readonly x: number; readonly y: number };
  readonly mirrors: readonly { readonly x: number; readonly y: number }[];
}

const WIDTH = 720;
const ROW = 44;
const MASTER_X = 96;
const MIRROR_X = 470;
/** Those of the second column stand between those of the first. */
const SECOND_X = 590;
const IN_ONE_COLUMN = 8;

export function planMap(count: number): MapPlan {
  const columns = count > IN_ONE_COLUMN ? 2 : 1;
  const step = ROW / columns;
  const height = Math.max(2, (count - 1) / columns + 1) * ROW;
  const first = (height - (count - 1) * step) / 2;
  return {
    width: WIDTH,
    height,
    master: { x: MASTER_X, y: height / 2 },
    mirrors: Array.from({ length: count }, (_, index) => ({
      x: columns === 2 && index % 2 === 1 ? SECOND_X : MIRROR_X,
      y: first + index * step,
    })),
  };
}

/** From the master to a mirror: it leaves and arrives level. */
export function edgePath(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const middle = (from.x + to.x) / 2;
  return `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
}
