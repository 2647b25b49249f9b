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
  fillTables(database, () => []);
}

/** What was in them is in them again; `file`: a database that has the same tables. */
export function putBackTables(database: DatabaseSync, file: string): void {
  database.prepare('ATTACH ? AS before').run(file);
  fillTables(database, (table) => [`INSERT INTO main.${table} SELECT * FROM before.${table}`]);
  database.exec('DETACH before');
}

function fillTables(database: DatabaseSync, from: (table: string) => readonly string[]): void {
  const rows = database.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").all();
  const tables = rows.map(({ name }) => String(name));
  const fills = tables.flatMap((table) => [`DELETE FROM main.${table}`, ...from(table)]);
  database.exec(['PRAGMA foreign_keys = OFF', 'BEGIN', ...fills, 'COMMIT', 'PRAGMA foreign_keys = ON'].join('; '));
}
