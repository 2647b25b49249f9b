import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIG_FILE } from '../config/config-file.ts';
import { STORE_FILE } from './node.ts';

/**
 * Takes back the making of an install whose first steps failed, so that they can be taken again. Only for the process that
 * has just made it and holds it no longer. The identity stays: a master that has seen it knows it again.
 */
export async function unmakeNode(dataDir: string): Promise<void> {
  // The config last: as long as it is there, the data folder is known to be an install.
  for (const file of [`${STORE_FILE}-wal`, `${STORE_FILE}-shm`, STORE_FILE, CONFIG_FILE])
    await rm(join(dataDir, file), { force: true });
}
