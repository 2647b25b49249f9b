import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

const ATTEMPT_MILLIS = 20;

/**
 * A lock between processes, held until `release` or the end of the process, however that comes: the operating system
 * gives it up, so there is no stale lock to judge. SQLite's own file locks are the portable way that Node has to them.
 * Resolves undefined where another holds it for longer than `patienceMillis`.
 */
export async function lockFile(path: string, patienceMillis: number): Promise<{ release(): void } | undefined> {
  closeSync(openSync(path, 'a', 0o600));
  for (let waited = 0; ; waited += ATTEMPT_MILLIS) {
    const held = tryLock(path);
    if (held) return held;
    if (waited >= patienceMillis) return undefined;
    await delay(ATTEMPT_MILLIS);
  }
}

function tryLock(path: string): { release(): void } | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // In memory, as nothing is written under this lock: otherwise there would be none on a disk that is full.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  const SQLITE_BUSY = 5;
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
