import { constants, existsSync, linkSync, lstatSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { copyFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from './file-error.ts';
import { syncFile } from './sync-file.ts';

/** The file system has no hard links, or the file has as many as it may have. */
const NO_LINK: ReadonlySet<string> = new Set([
  'EPERM',
  'EMLINK',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EXDEV',
  'UNKNOWN',
]);

/**
 * Gives the file at `source` the second name `target`: microseconds, whatever its size. Where that cannot be, `target`
 * becomes a copy. `there`: something has that name already, and keeps it.
 */
export async function linkOrCopy(source: string, target: string): Promise<'linked' | 'copied' | 'there'> {
  const linked = linkNow(source, target);
  if (linked) return linked;
  if (existsSync(target)) return 'there';
  await copyWhole(source, target);
  return 'copied';
}

/** The same where a link can be had; undefined where it cannot. */
export function linkNow(source: string, target: string): 'linked' | 'there' | undefined {
  try {
    linkSync(source, target);
    return 'linked';
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'EEXIST') return 'there';
    if (!NO_LINK.has(code)) throw error;
    return undefined;
  }
}

/** Whether `linkNow` can be had in the file system of this folder, which is Lockstep's own. */
export function hasHardLinks(folder: string): boolean {
  const [probe, second] = ['probe', 'probe-2'].map((name) => join(folder, name)) as [string, string];
  try {
    writeFileSync(probe, '');
    return linkNow(probe, second) !== undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return true;
  } finally {
    for (const name of [probe, second]) rmSync(name, { force: true });
  }
}

/**
 * Copies a file (or shares its blocks); it has the name `target` once it is whole and on disk, with its time. `mtime`: the
 * time of the copy, in milliseconds. Absent: that of the source.
 */
export async function copyWhole(source: string, target: string, mtime?: number): Promise<void> {
  const part = `${target}.part`;
  try {
    await copyFile(source, part, constants.COPYFILE_FICLONE);
    const time = new Date(mtime ?? Math.round(lstatSync(source).mtimeMs));
    utimesSync(part, time, time);
    await syncFile(part);
    await rename(part, target);
  } catch (error) {
    await unlink(part).catch(() => undefined);
    throw error;
  }
}
