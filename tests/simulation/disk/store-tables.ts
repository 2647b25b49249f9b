import { DatabaseSync } from 'node:sqlite';
import { migrations } from '../../../electron/engine/store/open.ts';

let made: string | undefined;

/** What makes the tables of an install's database, as they are after every migration. */
export function storeTables(): string {
  if (made !== undefined) return made;
  const database = new DatabaseSync(':memory:');
  for (const sql of migrations) database.exec(sql);
  const rows = database
    .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'")
    .all();
  database.close();
  made = ['BEGIN', ...rows.map(({ sql }) => String(sql)), `PRAGMA user_version = ${migrations.length}`, 'COMMIT'].join(
    '; ',
  );
  return made;
}

/** They are as they were made. */
export function emptyTables(database: DatabaseSync): void {
  const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const deletes = rows.map(({ name }) => `DELETE FROM ${String(name)}`);
  database.exec(['PRAGMA foreign_keys = OFF', 'BEGIN', ...deletes, 'COMMIT', 'PRAGMA foreign_keys = ON'].join('; '));
}
