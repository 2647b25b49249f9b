import { z } from 'zod';
import { clampZoom, ZOOM_NONE } from './zoom.ts';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const WINDOW_MIN = { width: 900, height: 600 } as const;
const WINDOW_USUAL = { width: 1120, height: 760 } as const;
/** So much of the window must be on a display that it can be seen and taken hold of, in pixels. */
const VISIBLE_MIN = { width: 160, height: 48 } as const;

const pixels = z.int().min(-100_000).max(100_000);

/** `window.json`: where the window was when it was last seen. */
export const windowState = z.object({
  bounds: z.object({ x: pixels, y: pixels, width: pixels, height: pixels }).optional(),
  maximised: z.boolean().default(false),
  zoom: z.number().default(ZOOM_NONE).transform(clampZoom),
});

export type WindowState = z.output<typeof windowState>;

export const noWindowState: WindowState = windowState.parse({});

/**
 * Where the window opens: as it was, within the display that it was on; without `x` and `y` (the system's choice) where that
 * display is gone. `workAreas`: what each display has left beside bars and docks.
 */
export function placeWindow(
  { bounds }: WindowState,
  workAreas: readonly Rectangle[],
): { width: number; height: number; x?: number; y?: number } {
  if (bounds === undefined) return { ...WINDOW_USUAL };
  const home = mostOf(bounds, workAreas);
  const width = Math.max(WINDOW_MIN.width, Math.min(bounds.width, home?.width ?? bounds.width));
  const height = Math.max(WINDOW_MIN.height, Math.min(bounds.height, home?.height ?? bounds.height));
  if (home === undefined) return { width, height };
  // Where it would hang over an edge it is moved in; a display smaller than the window shows its top left.
  const x = Math.max(home.x, Math.min(bounds.x, home.x + home.width - width));
  const y = Math.max(home.y, Math.min(bounds.y, home.y + home.height - height));
  return { x, y, width, height };
}

/** The area that holds most of the rectangle; undefined where none shows enough of it. */
function mostOf(bounds: Rectangle, areas: readonly Rectangle[]): Rectangle | undefined {
  const shown = areas
    .map((area) => ({ area, overlap: overlapOf(bounds, area) }))
    .filter(({ overlap }) => overlap.width >= VISIBLE_MIN.width && overlap.height >= VISIBLE_MIN.height);
  const size = ({ overlap }: (typeof shown)[number]): number => overlap.width * overlap.height;
  return shown.sort((one, other) => size(other) - size(one))[0]?.area;
}

function overlapOf(one: Rectangle, other: Rectangle): { width: number; height: number } {
  return {
    width: Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x),
    height: Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y),
  };
}
