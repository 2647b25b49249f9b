import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';

/** What a window or its settings need is a few hundred bytes. */
const BYTES_MAX = 64 * 1024;

/**
 * What a small file of the app holds; undefined where it is not there, or is not what it should be: what stands in such a
 * file is a convenience, and `report` is told.
 */
export async function readJsonFile<S extends z.ZodType>(
  file: string,
  schema: S,
  report: (message: string) => void,
): Promise<z.output<S> | undefined> {
  try {
    const { size } = await stat(file);
    if (size > BYTES_MAX) throw new Error('it is far too large');
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    report(`${file} is passed over: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    return undefined;
  }
}

/** Replaces the file: the old content is there, or the new one, whole. */
export async function replaceFile(file: string, text: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, 'w', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
