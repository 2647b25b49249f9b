import { type BigIntStats, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemCode } from '../../tree/file-error.ts';

/**
 * The system watches this very folder for this process (Linux, proc_pid_fdinfo(5)). Of one that has gone with its disk it has forgotten
 * that, whatever stands there now. False also where it does not say. It reads a line for each folder that is watched.
 */
export function isWatched({ dev, ino }: BigIntStats): boolean {
  const watched = ` ino:${ino.toString(16)} sdev:${kernelDev(dev).toString(16)} `;
  try {
    return readdirSync('/proc/self/fd').some((fd) => isInotify(fd) && read(fd).includes(watched));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
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

function read(fd: string): string {
  return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
}

/** The number of a disk as the kernel packs it: 20 bits of minor number below the major one. */
function kernelDev(dev: bigint): bigint {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  return (major << 20n) | minor;
}
