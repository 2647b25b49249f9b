import { DatabaseSync } from 'node:sqlite';
import { Store } from '../../../electron/engine/store/open.ts';
import { storeImage } from '../disk/store-image.ts';

/** The database of an install, with nothing of it on any disk. */
export function memoryStore(): Store {
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
  database.deserialize(storeImage());
  return new Store(database);
}
