import { DatabaseSync } from 'node:sqlite';
import { migrations } from '../../../electron/engine/store/open.ts';

let image: Uint8Array | undefined;

/** What is in the database of an install before its first start has ended: every migration, and no more. */
export function storeImage(): Uint8Array {
  if (image) return image;
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
  for (const sql of migrations) database.exec(sql);
  database.exec(`PRAGMA user_version = ${migrations.length}`);
  image = database.serialize();
  database.close();
  return image;
}
