import { DatabaseSync } from 'node:sqlite';
import { migrations, Store } from '../../../electron/engine/store/open.ts';

/** The database of an install, with nothing of it on any disk. */
export function memoryStore(): Store {
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
  for (const sql of migrations) database.exec(sql);
  return new Store(database);
}
