import { readdirSync, readlinkSync, type Stats, lstatSync, statSync } from 'node:fs';
import { basename } from 'node:path/posix';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { createPace } from '../../core/pace.ts';
import { systemCode } from '../../tree/file-error.ts';

type Opened = Pick<Stats, 'dev' | 'ino'>;

/**
 * Which of some files a program has open for writing, with the name of its descriptor (`/proc/PID/fd/N`), which `isWriting` takes. Only
 * Linux tells, to root of all programs, to others of those of the same user. It looks at all descriptors of these, once
 * for all files: some 5 µs each, whatever the size of the tree.
 */
export async function findWriters(
  files: ReadonlyMap<SitePath, Opened>,
  signal?: AbortSignal,
): Promise<Map<SitePath, string>> {
  const found = new Map<SitePath, string>();
  if (process.platform !== 'linux' || files.size === 0) return found;
  const byName = Map.groupBy(files, ([path]) => basename(path));
  // By whichever of its names a file was opened.
  const byFile = Map.groupBy(files, ([, info]) => identityOf(info));
  const pace = createPace(signal);
  for (const pid of look(() => readdirSync('/proc')) ?? []) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of look(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const at = `/proc/${pid}/fd/${fd}`;
      const name = basename(look(() => readlinkSync(at)) ?? '');
      for (const [, info] of byName.get(name) ?? [])
        if (isWriting(at, info)) for (const [path] of byFile.get(identityOf(info)) ?? []) found.set(path, at);
      await pace();
    }
  }
  return found;
}

/** The descriptor is there, is of that file, and may write: a program in a container may know it by another path. */
export function isWriting(at: string, { dev, ino }: Opened): boolean {
  // Of the descriptor itself: how it was opened.
  const opened = look(() => lstatSync(at));
  if (!opened || (opened.mode & 0o200) === 0) return false;
  const file = look(() => statSync(at));
  return file?.dev === dev && file.ino === ino;
}

function identityOf({ dev, ino }: Opened): string {
  return `${dev}-${ino}`;
}

/** Programs end, and close what they have opened, while one looks. */
function look<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
