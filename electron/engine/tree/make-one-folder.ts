import { mkdirSync } from 'node:fs';
import { AppError } from '../../../shared/errors/app-error.ts';
import { findStats } from './find-stats.ts';

/**
 * Makes the folder `absolute`, and none above it. False: it is there already. Throws `path.link` where a link (or what is neither
 * file nor folder) has its name, otherwise what the operating system says. With `recursive` Node takes a link to a folder for one.
 */
export function makeOneFolder(absolute: string, path: string, mode = 0o777): boolean {
  try {
    mkdirSync(absolute, { mode });
    return true;
  } catch (error) {
    const there = findStats(absolute);
    if (there?.isDirectory()) return false;
    if (there && !there.isFile()) throw new AppError('path.link', { path }, error);
    throw error;
  }
}
