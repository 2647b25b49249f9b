/** The value below which so much of what was measured lies; NaN of nothing. */
export function share(measured: readonly number[], part: number): number {
  const sorted = measured.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** `p50 / p95`. */
export function spread(measured: readonly number[], digits = 1): string {
  return `${share(measured, 0.5).toFixed(digits)} / ${share(measured, 0.95).toFixed(digits)}`;
}
