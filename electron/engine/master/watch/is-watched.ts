import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemCode } from '../../tree/file-error.ts';
import { readMounts } from '../../tree/mounts.ts';

/**
 * The system watches the very folder that stands there for this process (Linux, proc_pid_fdinfo(5)). Of one that has gone with its disk it
 * has forgotten that, whatever stands there now. False also where it does not say. It reads a line for each folder that is watched.
 */
export function isWatched(folder: string): boolean {
  try {
    const watched = asWatched(folder);
    return (
      watched !== undefined &&
      readdirSync('/proc/self/fd').some((fd) => isInotify(fd) && readInfo(fd).includes(watched))
    );
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

/**
 * What the system has for a folder in the list of what is watched. It names the disk by the number that the table of mounts has: a look at
 * the folder tells another one where a disk is made of several (btrfs).
 */
function asWatched(folder: string): string | undefined {
  const opened = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const [, id] = /^mnt_id:\s*(\d+)$/m.exec(readInfo(opened)) ?? [];
    const disk = readMounts().find((mount) => mount.id === id)?.disk;
    const [major, minor] = disk?.split(':').map(Number) ?? [];
    if (major === undefined || minor === undefined) return undefined;
    const { ino } = fstatSync(opened, { bigint: true });
    return ` ino:${ino.toString(16)} sdev:${(major * 2 ** 20 + minor).toString(16)} `;
  } finally {
    closeSync(opened);
  }
}

function isInotify(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:inotify';
  } catch (error) {
    // That by which the list was read is closed by now.
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

function readInfo(fd: string | number): string {
  return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
}
