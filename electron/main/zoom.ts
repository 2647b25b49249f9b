/** Magnifications of the interface, as browsers have them. */
const STEPS = [0.5, 0.67, 0.75, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3] as const;
const SMALLEST = 0.5;
const LARGEST = 3;

export const ZOOM_NONE = 1;
export type ZoomChange = 'in' | 'out' | 'reset';

/** The next step from wherever it is now. */
export function nextZoom(zoom: number, change: ZoomChange): number {
  switch (change) {
    case 'in':
      return STEPS.find((step) => step > zoom + 0.001) ?? LARGEST;
    case 'out':
      return STEPS.findLast((step) => step < zoom - 0.001) ?? SMALLEST;
    case 'reset':
      return ZOOM_NONE;
  }
}

/** A magnification with which the window can still be used; 1 for what is no number. */
export function clampZoom(zoom: number): number {
  return Number.isFinite(zoom) ? Math.min(LARGEST, Math.max(SMALLEST, zoom)) : ZOOM_NONE;
}
