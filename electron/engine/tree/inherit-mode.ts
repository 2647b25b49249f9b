import { chmodSync, chownSync, lstatSync, type Stats } from 'node:fs';

const PERMISSIONS = 0o777;
/** Without it the next fetch or rollback could not read what is here. */
const OURS = 0o600;

/**
 * Gives a file the owner, the group and the mode of `old`, whose place it is about to take, as if that one were written to: a
 * program stays one, and what only its owner could read is not readable by all. Where owner or group cannot be given, the mode is left too: it
 * would be for somebody else.
 */
export function inheritMode(source: string, old: Stats): void {
  if (process.platform === 'win32') return;
  try {
    const info = lstatSync(source);
    if (info.uid !== old.uid || info.gid !== old.gid) chownSync(source, old.uid, old.gid);
    const mode = (old.mode & PERMISSIONS) | OURS;
    if ((info.mode & PERMISSIONS) !== mode) chmodSync(source, mode);
  } catch {
    // Whatever else is wrong there shows when the file is put in place.
  }
}
