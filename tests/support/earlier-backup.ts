import { DatabaseSync } from 'node:sqlite';

/** Makes a backup one of an earlier version, which has no hash, and changes it. */
export function asEarlierBackup(file: string, sql = ''): void {
  const database = new DatabaseSync(file);
  try {
    database.exec(`UPDATE backup SET format = 1; ${sql}`);
  } finally {
    database.close();
  }
}
