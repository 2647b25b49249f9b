import { readdirSync, readFileSync, readlinkSync, type Stats, lstatSync, statSync } from 'node:fs';
import { basename } from 'node:path/posix';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { createPace } from '../../core/pace.ts';
import { systemCode } from '../../tree/file-error.ts';
import { type Mount, readMounts } from '../../tree/mounts.ts';

type Opened = Pick<Stats, 'dev' | 'ino'>;

/**
 * Which of some files a program has open for writing, with the name of its descriptor (`/proc/PID/fd/N`), which `isWriting` takes. Only
 * Linux tells, to root of all programs, to others of those of the same user. It looks at all descriptors of these, once
 * for all files: some 5 µs each, whatever the size of the tree. What is open on the disk of another machine is not touched, unless
 * one of the files is there: where that machine does not answer the look would not end.
 */
export async function findWriters(
  files: ReadonlyMap<SitePath, Stats>,
  signal?: AbortSignal,
): Promise<Map<SitePath, string>> {
  const found = new Map<SitePath, string>();
  if (process.platform !== 'linux' || files.size === 0) return found;
  const names = new Set(Array.from(files.keys(), (path) => basename(path)));
  // It may have been opened by a name that is not among them, or in no site.
  const haveOthers = [...files.values()].some(({ nlink }) => nlink > 1);
  const byFile = Map.groupBy(files, ([, info]) => identityOf(info));
  const disks = new Set(Array.from(files.values(), ({ dev }) => diskOf(dev)));
  const far = readMounts().filter(({ isRemote, disk }) => isRemote && !disks.has(disk));
  const pace = createPace(signal);
  for (const pid of look(() => readdirSync('/proc')) ?? []) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of look(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const at = `/proc/${pid}/fd/${fd}`;
      const opened = look(() => readlinkSync(at)) ?? '';
      const mayBe = opened.startsWith('/') && (haveOthers || names.has(basename(opened))) && !isOn(far, pid, fd);
      const file = mayBe && findWritten(at);
      for (const [path] of (file && byFile.get(identityOf(file))) || []) found.set(path, at);
      await pace();
    }
  }
  return found;
}

/** The descriptor is there, is of that file, and may write: a program in a container may know it by another path. */
export function isWriting(at: string, info: Opened): boolean {
  const file = findWritten(at);
  return file !== undefined && identityOf(file) === identityOf(info);
}

/** What a descriptor may write to. */
function findWritten(at: string): Opened | undefined {
  // Of the descriptor itself: how it was opened.
  const opened = look(() => lstatSync(at));
  return opened && (opened.mode & 0o200) !== 0 ? look(() => statSync(at)) : undefined;
}

/** Without a look at the file; proc_pid_fdinfo(5). */
function isOn(mounts: readonly Mount[], pid: string, fd: string): boolean {
  if (mounts.length === 0) return false;
  const info = look(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? '';
  const [, id] = /^mnt_id:\s*(\d+)$/m.exec(info) ?? [];
  return mounts.some((mount) => mount.id === id);
}

/** As the table of mounts writes it; makedev(3). */
function diskOf(dev: number): string {
  const bits = BigInt(dev);
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & 0xfffff000n);
  const minor = (bits & 0xffn) | ((bits >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
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
