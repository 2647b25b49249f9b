import { existsSync, renameSync } from 'node:fs';
import { chmod, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementResultingChanges,
  type StatementSync,
} from 'node:sqlite';
import { AppError } from '../../../shared/errors/app-error.ts';
import { bringToFirstSchema } from './earlier-schema.ts';
import { initial } from './migrations/0001-initial.ts';
import { targets } from './migrations/0002-targets.ts';
import { releasesOnly } from './migrations/0003-releases-only.ts';
import { terms } from './migrations/0004-terms.ts';
import { byPath } from './migrations/0005-by-path.ts';
import { conditions } from './migrations/0006-conditions.ts';
import { publishTargets } from './migrations/0007-publish-targets.ts';
import { farewells } from './migrations/0008-farewells.ts';
import { drift } from './migrations/0009-drift.ts';
import { rootMark } from './migrations/0010-root-mark.ts';
import { flushFailed } from './migrations/0011-flush-failed.ts';
import { hooks } from './migrations/0012-hooks.ts';
import { pairings } from './migrations/0013-pairings.ts';
import { formerJournals } from './migrations/0014-former-journals.ts';
import { seen } from './migrations/0015-seen.ts';
import { boot } from './migrations/0016-boot.ts';
import { untold } from './migrations/0017-untold.ts';
import { renames } from './migrations/0018-renames.ts';
import { compared } from './migrations/0019-compared.ts';
import { unfit } from './migrations/0020-unfit.ts';
import { retried } from './migrations/0021-retried.ts';
import { drops } from './migrations/0022-drops.ts';
import { formerPeers } from './migrations/0023-former-peers.ts';
import { knownTo } from './migrations/0024-known-to.ts';
import { goneOn } from './migrations/0025-gone-on.ts';
import { lookedAt } from './migrations/0026-looked-at.ts';
import { openedAs } from './migrations/0027-opened-as.ts';
import { disks } from './migrations/0029-disks.ts';
import { openDrops } from './migrations/0028-open-drops.ts';

/** Numbered, and never edited once landed: tests/unit/migrations.test.ts knows each by its hash. */
export const migrations: readonly string[] = [
  initial,
  targets,
  releasesOnly,
  terms,
  byPath,
  conditions,
  publishTargets,
  farewells,
  drift,
  rootMark,
  flushFailed,
  hooks,
  pairings,
  formerJournals,
  seen,
  boot,
  untold,
  renames,
  compared,
  unfit,
  retried,
  drops,
  formerPeers,
  knownTo,
  goneOn,
  lookedAt,
  openedAs,
  openDrops,
  disks,
];

const BUSY_MILLIS = 5000;
/** SQLite plans with the value of a parameter that is a limit, so prepares the statement anew at each run; not with that of a sum. */
const BOUND_LIMIT = /\bLIMIT (\?\d*)/g;

export type Row = Record<string, SQLOutputValue>;

interface Prepared {
  readonly statement: StatementSync;
  /** The names of its columns: rows come as arrays, and become objects here in two thirds of the time. */
  readonly columns: readonly string[];
}

/** One SQLite database with prepared statements, by their text, and nestable transactions. */
export class Store {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();
  #depth = 0;
  #afterCommit: Array<() => void> = [];
  /** Whether reads share a transaction: it is `awaited` until the first of them. */
  #reads: 'apart' | 'awaited' | 'together' = 'apart';

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#write(sql, values).changes);
  }

  /** Runs an INSERT; the rowid. */
  insert(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#write(sql, values).lastInsertRowid);
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    const { statement, columns } = this.#prepare(sql);
    const found: unknown = this.#read(() => statement.get(...values));
    return Array.isArray(found) ? toRow(columns, found) : undefined;
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    const { statement, columns } = this.#prepare(sql);
    const found: unknown[] = this.#read(() => statement.all(...values));
    return found.map((each) => toRow(columns, Array.isArray(each) ? each : []));
  }

  /**
   * All or nothing, durable when it returns (unless it is nested: then with the outermost).
   * Throws `file.disk-full` and `file.io` where the disk does not take it, as single writes do.
   */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#endReading();
    this.#depth += 1;
    try {
      this.#prepare('BEGIN IMMEDIATE').statement.run();
      const value = work();
      this.#prepare('COMMIT').statement.run();
      this.#afterCommit.forEach((note) => note());
      return value;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw diskError(error);
    } finally {
      this.#afterCommit = [];
      this.#depth -= 1;
    }
  }

  /** What memory has of what was just written, once it is: at once, or with the transaction; where that fails, not at all. */
  committed(note: () => void): void {
    if (this.#depth > 0) this.#afterCommit.push(note);
    else note();
  }

  /**
   * As `transaction`, but on disk only with the next one, or when the database is closed: for what is done, or said, again where it is
   * lost with all that came after it. Nested it is part of the other.
   */
  soon(work: () => void): void {
    if (this.#depth > 0) return work();
    this.#endReading();
    this.#db.exec('PRAGMA synchronous = NORMAL');
    try {
      this.transaction(work);
    } finally {
      this.#db.exec('PRAGMA synchronous = FULL');
    }
  }

  /**
   * Many reads in a row, without `await`: the database is locked for them once, which costs as much as a read. What is written
   * meanwhile ends that; the reads after it are like any others.
   */
  reading<T>(work: () => T): T {
    if (this.#depth > 0 || this.#reads !== 'apart') return work();
    this.#reads = 'awaited';
    try {
      return work();
    } finally {
      this.#endReading();
    }
  }

  /** Throws as single writes do. */
  #read<T>(read: () => T): T {
    try {
      this.#beginReading();
      return read();
    } catch (error) {
      throw diskError(error);
    }
  }

  /** There may be none: it begins with the first. */
  #beginReading(): void {
    if (this.#reads !== 'awaited') return;
    this.#prepare('BEGIN').statement.run();
    this.#reads = 'together';
  }

  #endReading(): void {
    const begun = this.#reads === 'together';
    this.#reads = 'apart';
    if (begun) this.#prepare('COMMIT').statement.run();
  }

  close(): void {
    if (!this.#db.isOpen) return;
    this.#statements.clear();
    this.#db.close();
  }

  #write(sql: string, values: SQLInputValue[]): StatementResultingChanges {
    this.#endReading();
    // A row with one could never be read again: whoever has let it through is wrong, not those that come after.
    for (const value of values)
      if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
        throw new RangeError(`${value} is no number for the database`);
    try {
      return this.#prepare(sql).statement.run(...values);
    } catch (error) {
      throw diskError(error);
    }
  }

  #prepare(sql: string): Prepared {
    let prepared = this.#statements.get(sql);
    if (!prepared) {
      const statement = this.#db.prepare(sql.replaceAll(BOUND_LIMIT, 'LIMIT 0 + $1'));
      statement.setReturnArrays(true);
      prepared = { statement, columns: statement.columns().map(({ name }) => name) };
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }
}

function toRow(columns: readonly string[], values: readonly SQLOutputValue[]): Row {
  const row: Row = {};
  for (let at = 0; at < columns.length; at += 1) row[columns[at] ?? ''] = values[at] ?? null;
  return row;
}

/**
 * Opens (or makes) the database at `file` and migrates it. A file that is not a sound database is moved aside to
 * `FILE.corrupt-TIME` and reported as `store.corrupt`, now and at each start until a person has put a backup in its place
 * or has taken what was moved aside away: never is a new one begun silently.
 * Every commit is on disk when it returns (WAL, synchronous=FULL): a 226 and a `received` are promises.
 */
export async function openStore(file: string, now: () => number = Date.now): Promise<Store> {
  const left = existsSync(file) ? undefined : await findAside(file);
  if (left !== undefined) throw new AppError('store.corrupt', { file, aside: left });
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
    if (error instanceof AppError || !isCorruption(error)) throw diskError(error);
    const aside = `${file}.corrupt-${now()}`;
    for (const suffix of ['', '-wal', '-shm']) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
    throw new AppError('store.corrupt', { file, aside }, error);
  }
}

async function findAside(file: string): Promise<string | undefined> {
  const start = `${basename(file)}.corrupt-`;
  const name = (await readdir(dirname(file))).find((each) => each.startsWith(start));
  return name === undefined ? undefined : join(dirname(file), name);
}

function migrate(db: DatabaseSync, file: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > migrations.length) throw new AppError('store.newer', { file, version });
  if (version === 1) bringToFirstSchema(db, file);
  migrations.slice(version).forEach((sql, index) => {
    db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${version + index + 1}; COMMIT`);
  });
}

const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
/** There was no room for the memory that those who have the database open share. */
const SQLITE_IOERR_SHMSIZE = SQLITE_IOERR | (19 << 8);
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;
const REFUSED: readonly number[] = [SQLITE_BUSY, SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN];

/** Not a lock, a missing folder or a full disk. */
function isCorruption(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** What the disk refused, as it is told of files. Others pass unchanged. */
function diskError(error: unknown): unknown {
  const code = resultCode(error);
  if (code === SQLITE_FULL || extendedCode(error) === SQLITE_IOERR_SHMSIZE)
    return new AppError('file.disk-full', {}, error);
  return REFUSED.includes(code) ? new AppError('file.io', { reason: `SQLite ${code}` }, error) : error;
}

/** SQLite's primary result code; 0 for what is no error of SQLite. */
function resultCode(error: unknown): number {
  return extendedCode(error) & 0xff;
}

function extendedCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
}
