import { z } from 'zod';

/**
 * What a browser sends before it can be published, as it cannot say where a file lies: `PUT /api/sent/ID/PATH` for each part of a
 * file, in order, and for a folder with nothing in it; `DELETE /api/sent/ID` where it is not wanted any more. ID is 32 random
 * hexadecimal digits, which the browser chooses once for each drop. The answer names the drop's own folder: what is published are paths
 * in it. A part is small enough that four at a time get through on a slow line before the server gives a request up.
 */
export const SENT_PART_BYTES = 512 * 1024;

const natural = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** In the query. `at`: where the part begins, in bytes; `size`: of the whole file; `mtime`: of the file, in milliseconds. */
export const sentPart = z.union([
  z.strictObject({ folder: z.literal('1') }),
  z.strictObject({ at: natural, size: natural, mtime: natural }),
]);
export type SentPart = z.output<typeof sentPart>;

export const sentAnswer = z.object({ folder: z.string().min(1) });
