import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { systemCode } from './file-error.ts';

const MARK = /^[0-9a-f]{32}$/;
export const MARK_FILE = 'mark';

/** Undefined where there is none, or none that can be read. */
export function readMark(folder: string): string | undefined {
  try {
    const text = readFileSync(join(folder, RESERVED_FOLDER, MARK_FILE), 'latin1')
      .slice(0, 64)
      .trim();
    return MARK.test(text) ? text : undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
