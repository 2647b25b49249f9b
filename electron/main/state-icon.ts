import type { InstallState } from '../../shared/contract/desktop.ts';
import { encodePng } from './png.ts';

/** What a tray can show: the states that look the same there are one. */
export type TrayMark = 'in-step' | 'working' | 'needs-person' | 'away' | 'paused';

export function markOf(state: InstallState): TrayMark {
  switch (state) {
    case 'in-step':
    case 'working':
    case 'away':
    case 'paused':
      return state;
    case 'needs-person':
    case 'failed':
      return 'needs-person';
    case 'starting':
      return 'working';
    case 'unset':
      return 'away';
  }
}

type Colour = readonly [red: number, green: number, blue: number];
/** True where the shape covers a point; the square goes from 0 to 1 both ways. */
type Shape = (x: number, y: number) => boolean;

const radius = (x: number, y: number): number => Math.hypot(x - 0.5, y - 0.5);
const isRing = (x: number, y: number): boolean => radius(x, y) <= 0.42 && radius(x, y) >= 0.29;

/** The same shapes as in the interface: disc, half disc in a ring, triangle, ring, two bars. */
const shapes: Readonly<Record<TrayMark, Shape>> = {
  'in-step': (x, y) => radius(x, y) <= 0.42,
  working: (x, y) => isRing(x, y) || (radius(x, y) <= 0.42 && x >= 0.5),
  'needs-person': (x, y) => y >= 0.08 && y <= 0.9 && Math.abs(x - 0.5) <= ((y - 0.08) / 0.82) * 0.47,
  away: isRing,
  paused: (x, y) => y >= 0.12 && y <= 0.88 && Math.abs(Math.abs(x - 0.5) - 0.21) <= 0.1,
};

/** Seen on light and on dark bars. */
const colours: Readonly<Record<TrayMark, Colour>> = {
  'in-step': [0x2f, 0xa3, 0x57],
  working: [0x3b, 0x8c, 0xe8],
  'needs-person': [0xe0, 0x4f, 0x48],
  away: [0x8b, 0x97, 0x99],
  paused: [0x8b, 0x97, 0x99],
};

/** Points looked at for each pixel, in each direction, so that edges are smooth. */
const SAMPLES = 4;
const OPAQUE = 255;

/** The mark as a PNG of `size` pixels; `template`: black, of which the system makes what stands out on its bar (macOS). */
export function drawMark(mark: TrayMark, size: number, template: boolean): Buffer {
  const pixels = new Uint8Array(size * size * 4);
  const [red, green, blue] = template ? [0, 0, 0] : colours[mark];
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      pixels.set(
        [red, green, blue, Math.round(coverage(shapes[mark], column, row, size) * OPAQUE)],
        (row * size + column) * 4,
      );
    }
  }
  return encodePng(size, size, pixels);
}

/** How much of a pixel the shape covers, 0 to 1. */
function coverage(shape: Shape, column: number, row: number, size: number): number {
  let inside = 0;
  for (let dy = 0.5; dy < SAMPLES; dy += 1) {
    for (let dx = 0.5; dx < SAMPLES; dx += 1) {
      if (shape((column + dx / SAMPLES) / size, (row + dy / SAMPLES) / size)) inside += 1;
    }
  }
  return inside / SAMPLES ** 2;
}
