import { existsSync, renameSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { AppError } from '../../../shared/errors/app-error.ts';
import { initial } from './migrations/0001-initial.ts';

/** Numbered, never edited after a release. */
const migrations: readonly string[] = [initial];

const BUSY_MILLIS = 5000;

export type Row = Record<string, SQLOutputValue>;

/** One SQLite database with prepared statements, by their text, and nestable transactions. */
export class Store {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  /** Runs an INSERT; the rowid. */
  insert(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).lastInsertRowid);
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values);
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values);
  }

  /** All or nothing, durable when it returns (unless it is nested: then with the outermost). */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#db.exec('BEGIN IMMEDIATE');
    this.#depth += 1;
    try {
      const value = work();
      this.#db.exec('COMMIT');
      return value;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  close(): void {
    if (!this.#db.isOpen) return;
    this.#statements.clear();
    this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/**
 * Opens (or makes) the database at `file` and migrates it. A file that is not a sound database is moved aside to
 * `FILE.corrupt-TIME` and reported as `store.corrupt`: it is for a person to decide, never silently emptied.
 * Every commit is on disk when it returns (WAL, synchronous=FULL): a 226 and a `received` are promises.
 */
export async function openStore(file: string, now: () => number = Date.now): Promise<Store> {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: BUSY_MILLIS, enableForeignKeyConstraints: true });
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000',
    );
    migrate(db, file);
    await chmod(file, 0o600);
    return new Store(db);
  } catch (error) {
    db?.close();
    if (error instanceof AppError || !isCorruption(error)) throw error;
    const aside = `${file}.corrupt-${now()}`;
    for (const suffix of ['', '-wal', '-shm']) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
    throw new AppError('store.corrupt', { file, aside }, error);
  }
}

function migrate(db: DatabaseSync, file: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > migrations.length) throw new AppError('store.newer', { file, version });
  migrations.slice(version).forEach((sql, index) => {
    db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${version + index + 1}; COMMIT`);
  });
}

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Not a lock, a missing folder or a full disk. */
function isCorruption(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}
