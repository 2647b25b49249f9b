import { DatabaseSync } from 'node:sqlite';
import { Store } from '../../../electron/engine/store/open.ts';
import { emptyTables, storeTables } from '../disk/store-tables.ts';

const spare: { readonly store: Store; readonly database: DatabaseSync }[] = [];
const used: typeof spare = [];

/** The database of an install, with nothing of it on any disk, and nothing in it. */
export function memoryStore(): Store {
  const own = spare.pop() ?? make();
  used.push(own);
  return own.store;
}

/** Nobody uses one that was given before. */
export function takeStoresBack(): void {
  for (const own of used) emptyTables(own.database);
  spare.push(...used.splice(0));
}

function make() {
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
  database.exec(storeTables());
  return { store: new Store(database), database };
}
