import { resolve, sep } from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';

/** No site within another, and none that holds the data folder (or the other way round): keys would be published. */
export function refuseClash(folder: string, others: readonly string[]): void {
  const within = (a: string, b: string): boolean => a === b || a.startsWith(b.endsWith(sep) ? b : b + sep);
  const clash = others.find((other) => within(folder, resolve(other)) || within(resolve(other), folder));
  if (clash !== undefined) throw new AppError('site.root-clash', { root: folder, other: clash });
}
