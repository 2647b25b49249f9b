import { isAbsolute, resolve } from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';

/** A path that somebody has typed; one that counts from the working folder of this process is not what they mean. Throws `file.relative`. */
export function wholePath(typed: string): string {
  if (!isAbsolute(typed)) throw new AppError('file.relative', { path: typed });
  return resolve(typed);
}
