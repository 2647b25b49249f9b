import type { Process } from '../process.ts';

/** Whose database has changed since it was asked for: the oracle reads on then. */
const changed = new Set<Process>();

export function onCommit(process: Process | undefined): void {
  if (process) changed.add(process);
  else changed.clear();
}

export function committed(process: Process): boolean {
  return changed.delete(process);
}
