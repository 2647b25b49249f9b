import { z } from 'zod';

/**
 * What a browser sends before it can be published, as it cannot say where a file lies: `PUT /api/sent/ID/PATH` for each part of a
 * file, in order, and for a folder with nothing in it; `DELETE /api/sent/ID` where it is not wanted any more. ID is chosen by the
 * browser, once for each drop. The answer names the folder that is the drop's own: what is published are paths in it. A part is so small that
 * four at a time are through on a slow way before the server gives a request up.
 */
export const SENT_PART_BYTES = 512 * 1024;

/** 32 hexadecimal digits, by chance. */
export const sentId = z.string().regex(/^[0-9a-f]{32}$/);

const natural = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** In the query. `at`: where the part begins, in bytes; `size`: of the whole file; `mtime`: of the file, in milliseconds. */
export const sentPart = z.union([
  z.strictObject({ folder: z.literal('1') }),
  z.strictObject({ at: natural, size: natural, mtime: natural }),
]);
export type SentPart = z.output<typeof sentPart>;

export const sentAnswer = z.object({ folder: z.string().min(1) });
