import { bytes, count, duration, table } from '../cli/text.ts';

/** How long each change of a step took to be visible at each mirror. */
export interface StepResult {
  readonly title: string;
  readonly files: number;
  readonly size: number;
  /** Mirror → milliseconds, one a change. */
  readonly delays: ReadonlyMap<string, readonly number[]>;
}

/** The steps as a table: for each mirror the median delay and the slowest. */
export function report(steps: readonly StepResult[], mirrors: readonly string[]): string[] {
  const head = ['', 'changes', 'size', ...mirrors.map((mirror) => mirror)];
  const rows = steps.map((step) => [
    step.title,
    count(step.files),
    step.size === 0 ? '' : bytes(step.size),
    ...mirrors.map((mirror) => delaysText(step.delays.get(mirror) ?? [])),
  ]);
  return table([head, ...rows], ['left', 'right', 'right', 'right', 'right']);
}

function delaysText(delays: readonly number[]): string {
  const sorted = delays.toSorted((one, other) => one - other);
  const slowest = sorted.at(-1);
  if (slowest === undefined) return '';
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? slowest;
  return sorted.length === 1 ? duration(slowest) : `${duration(median)} / ${duration(slowest)}`;
}
