import { join } from 'node:path';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { systemCode } from './file-error.ts';
import { readSmall } from './read-small.ts';

const MARK = /^[0-9a-f]{32}$/;
const MARK_BYTES_MAX = 64;
export const MARK_FILE = 'mark';

/** Undefined where there is none, or none that can be read. */
export function readMark(folder: string): string | undefined {
  try {
    const read = readSmall(join(folder, RESERVED_FOLDER, MARK_FILE), MARK_BYTES_MAX, 'refused');
    const text = read?.toString('latin1').trim() ?? '';
    return MARK.test(text) ? text : undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
