import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../../shared/errors/app-error.ts';
import { initial } from './migrations/0001-initial.ts';

/**
 * Before the first release the schema changed while its number stayed 1. Such a database becomes the schema 1 of today: its rows
 * move, by the names of their columns, into tables that are made anew. Throws `store.unreleased`, and leaves the database as it is,
 * where rows would lose something or cannot be understood.
 */
export function bringToFirstSchema(db: DatabaseSync, file: string): void {
  const [theirs, ours] = [schemaOf(db), firstSchema()];
  if (theirs.text === ours.text) return;
  const copies = [...theirs.columns].map(([table, names]) => copyOf(table, names, ours.columns.get(table)));
  if (copies.includes(undefined) || hasStepsByInode(db, theirs.columns))
    throw new AppError('store.unreleased', { file });
  db.exec('PRAGMA foreign_keys = OFF');
  db.exec(
    [
      'BEGIN IMMEDIATE',
      ...theirs.indexes.map((name) => `DROP INDEX "${name}"`),
      ...[...theirs.columns.keys()].map((table) => `ALTER TABLE "${table}" RENAME TO "earlier_${table}"`),
      initial,
      ...copies,
      ...[...theirs.columns.keys()].map((table) => `DROP TABLE "earlier_${table}"`),
      'COMMIT',
    ].join(';\n'),
  );
  db.exec('PRAGMA foreign_keys = ON');
}

/** What a column that was added later, and has no default, holds in rows that were there before. */
const LATER: Readonly<Record<string, string>> = {
  'want.part': '(SELECT count(*) > 1 FROM earlier_want other WHERE other.transfer = earlier_want.transfer)',
  'want.changed_at': 'since',
};

/** A mirror's copy of what the release's rows say by themselves. */
const DROPPED: readonly string[] = ['followed_release.go_at'];

interface Column {
  readonly name: string;
  /** A row may leave it out. */
  readonly isOptional: boolean;
}

function copyOf(table: string, theirs: readonly Column[], ours: readonly Column[] = []): string | undefined {
  const isOurs = (name: string): boolean => ours.some((each) => each.name === name);
  if (theirs.some(({ name }) => !isOurs(name) && !DROPPED.includes(`${table}.${name}`))) return undefined;
  const values = new Map(theirs.filter(({ name }) => isOurs(name)).map(({ name }) => [name, name]));
  for (const { name, isOptional } of ours) {
    const later = LATER[`${table}.${name}`];
    if (values.has(name)) continue;
    if (later !== undefined) values.set(name, later);
    else if (!isOptional) return undefined;
  }
  const [names, taken] = [[...values.keys()].join(', '), [...values.values()].join(', ')];
  return `INSERT INTO "${table}" (${names}) SELECT ${taken} FROM "earlier_${table}"`;
}

/** The very first version named files in unfinished steps by their inode alone, which is soon another file's. */
function hasStepsByInode(db: DatabaseSync, columns: ReadonlyMap<string, readonly Column[]>): boolean {
  const isMarked = columns.get('plan')?.some(({ name }) => name === 'done') ?? true;
  return !isMarked && db.prepare('SELECT 1 FROM plan').get() !== undefined;
}

interface Schema {
  readonly columns: ReadonlyMap<string, readonly Column[]>;
  readonly indexes: readonly string[];
  /** The same for the same tables and indexes. */
  readonly text: string;
}

function firstSchema(): Schema {
  const db = new DatabaseSync(':memory:');
  try {
    db.exec(initial);
    return schemaOf(db);
  } finally {
    db.close();
  }
}

function schemaOf(db: DatabaseSync): Schema {
  const rows = db.prepare(
    "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name",
  );
  const named = rows.all().map(({ type, name }) => ({ type, name: String(name) }));
  const columns = new Map(
    named.filter(({ type }) => type === 'table').map(({ name }) => [name, columnsOf(db, name)] as const),
  );
  const indexes = named.filter(({ type }) => type === 'index').map(({ name }) => name);
  return { columns, indexes, text: JSON.stringify([[...columns], indexes]) };
}

function columnsOf(db: DatabaseSync, table: string): Column[] {
  const sql = 'SELECT name, "notnull" AS required, dflt_value FROM pragma_table_info(?)';
  return db
    .prepare(sql)
    .all(table)
    .map(({ name, required, dflt_value }) => ({
      name: String(name),
      isOptional: required === 0 || dflt_value !== null,
    }));
}
