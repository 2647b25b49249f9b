import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as real from 'node:sqlite';
import { currentGeneration, type Generation } from '../generation.ts';
import { pathOf } from './calls.ts';
import { diskOf } from './current.ts';
import type { Random } from './random.ts';
import type { DiskOperation, SimulatedDisk } from './simulated-disk.ts';
import { emptyTables, putBackTables } from './store-tables.ts';

/**
 * In the place of `node:sqlite`: real SQLite, with what is at a simulated path in memory, or in a file of the real machine where it was
 * copied there. What SQLite promises is taken as given: every commit survives the loss of power, but for those that were not to be
 * flushed and came after the last one that was; a transaction that was open is rolled back. So flushes, locks between processes and the log beside the file, which would only cost time, are left out, and a connection
 * that is closed serves the next one that is opened in the same way.
 */

/** Every statement that may write is an operation of the disk: power can be lost before any of them. */
const READS = /^\s*(?:select|explain|with)\b/i;
const COMMITS = /\bcommit\s*;?\s*$/i;
/** The commit of a read does not either. */
const TAKES_NOTHING = /^\s*(?:pragma|begin|commit|rollback)\b/i;
const FLUSHES = /pragma\s+synchronous\s*=\s*(\w+)/gi;
const BEGINS = /^\s*begin\b/i;

const SQLITE_FULL = 13;
/** What SQLite calls a database in memory that several connections share, as long as there is one. */
const IN_MEMORY = 'file:/';

/** A real connection, and what was prepared on it. */
interface Connection {
  readonly database: real.DatabaseSync;
  /** The file and the options that it was opened with. */
  readonly way: string;
  readonly statements: Map<string, real.StatementSync>;
}

let folder: string | undefined;
let files = 0;
const open = new Map<DatabaseSync, Generation | undefined>();
/** Closed by those who had them, by their way. */
const idle = new Map<string, Connection[]>();
/** Each database in memory, which goes with its last connection. */
const kept = new Map<string, real.DatabaseSync>();
/** What was in a database before the first of its commits that are not flushed, by its path. */
const unflushed = new Map<string, Buffer>();
let tables: { readonly name: string; readonly sql: string } | undefined;
/** Those that were made with tables. */
const made = new Set<string>();
/** Of them those that nobody uses: nothing is in their tables. */
const spare: string[] = [];

/** A database of this name has these tables from the beginning, from now on. */
export function beginDatabasesWith(name: string, sql: string): void {
  tables = { name, sql };
}

/** Closes what a generation left open, as the end of its process does. */
export function closeDatabasesOf(generation: Generation): void {
  for (const [database, owner] of open) if (owner === generation) database.letGo();
}

/** Closes all, and removes what was in them. */
export function removeDatabases(): void {
  unflushed.clear();
  for (const database of open.keys()) database.letGo();
  for (const [file, database] of kept) {
    if (made.has(file)) {
      if (!spare.includes(file)) emptyTables(database);
      continue;
    }
    database.close();
    kept.delete(file);
    closeIdle(file);
  }
  spare.splice(0, spare.length, ...made);
  if (folder === undefined) return;
  for (const way of idle.keys()) if (way.startsWith(folder)) closeIdle(way.slice(0, way.indexOf(' ')));
  rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

/** What is in a database to which nobody writes. */
export function readDatabase(disk: SimulatedDisk, path: string): Buffer {
  return externalContent(disk.database(path, newFile));
}

/** Puts back what was in it once. Nobody has it open. */
export function putBackDatabase(disk: SimulatedDisk, path: string, content: Buffer): void {
  disk.replaceDatabase(path, copyOf(content));
  unflushed.delete(path);
}

function copyOf(content: Buffer): string {
  const file = inMemory();
  const source = new real.DatabaseSync(':memory:');
  source.deserialize(content);
  source.prepare('VACUUM INTO ?').run(file);
  source.close();
  return file;
}

/** Of a file that `SimulatedDisk.database` has told of. */
/** Power is lost below a prefix: what was committed and not flushed is there, or is not. Nobody writes to the databases. */
export function loseUnflushedCommits(disk: SimulatedDisk, prefix: string, random: Random): void {
  for (const [path, before] of unflushed) {
    if (disk.prefixOf(path) !== prefix) continue;
    unflushed.delete(path);
    const database = kept.get(disk.database(path, newFile));
    if (!database || random() < 0.5) continue;
    const file = copyOf(before);
    putBackTables(database, file);
    kept.get(file)?.close();
    kept.delete(file);
  }
}

export function externalContent(file: string): Buffer {
  const database = kept.get(file);
  if (database) return Buffer.from(database.serialize());
  // What was written last is beside the file as long as somebody has it open.
  closeIdle(file);
  return readFileSync(file);
}

export function externalSize(file: string): number {
  const database = kept.get(file);
  if (!database) return statSync(file).size;
  const row = database.prepare('SELECT page_count * page_size AS size FROM pragma_page_count, pragma_page_size').get();
  return Number(row?.['size']);
}

function closeIdle(file: string): void {
  for (const [way, connections] of idle) {
    if (!way.startsWith(`${file} `)) continue;
    for (const { database } of connections) database.close();
    idle.delete(way);
  }
}

function connect(file: string, options: real.DatabaseSyncOptions): Connection {
  const way = `${file} ${JSON.stringify(options)}`;
  return idle.get(way)?.pop() ?? { database: new real.DatabaseSync(file, options), way, statements: new Map() };
}

function newFile(content: Buffer, path: string): string {
  if (content.length === 0)
    return basename(path) === tables?.name ? (spare.pop() ?? makeTables(tables.sql)) : inMemory();
  // As it is, with whatever the disk has made of it.
  if (folder === undefined) {
    const memory = '/dev/shm';
    folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'lockstep-simulation-'));
    process.off('exit', removeDatabases);
    process.once('exit', removeDatabases);
  }
  files += 1;
  const own = join(folder, String(files));
  mkdirSync(own);
  const file = join(own, 'database');
  writeFileSync(file, content);
  return file;
}

function inMemory(): string {
  files += 1;
  const file = `${IN_MEMORY}${files}?vfs=memdb`;
  kept.set(file, new real.DatabaseSync(file));
  return file;
}

function makeTables(sql: string): string {
  const file = inMemory();
  kept.get(file)?.exec(sql);
  made.add(file);
  return file;
}

export class DatabaseSync {
  readonly #disk: SimulatedDisk | undefined;
  readonly #path: string;
  readonly #reading: DiskOperation;
  readonly #writing: DiskOperation;
  #connection: Connection | undefined;
  #flushes = true;

  constructor(given: string, options: real.DatabaseSyncOptions = {}) {
    this.#path = pathOf(given);
    this.#disk = diskOf(this.#path);
    const disk = this.#disk;
    const of = { path: this.#path, prefix: disk?.prefixOf(this.#path) };
    this.#reading = { name: 'sqlite-read', ...of };
    this.#writing = { name: 'sqlite', ...of };
    disk?.begin(this.#writing);
    this.#connection = connect(disk ? disk.database(this.#path, newFile) : given, options);
    open.set(this, currentGeneration());
  }

  get isOpen(): boolean {
    return this.#connection !== undefined;
  }

  get isTransaction(): boolean {
    return this.begin('reads').database.isTransaction;
  }

  exec(sql: string): void {
    const { database } = this.begin(READS.test(sql) ? 'reads' : 'takes nothing');
    if (this.#disk && COMMITS.test(sql)) this.#requireRoom();
    for (const [, level] of sql.matchAll(FLUSHES)) this.#flushes = level !== 'NORMAL';
    database.exec(this.#disk ? sql.replace(FLUSHES, 'PRAGMA synchronous = OFF') : sql);
  }

  prepare(sql: string): Statement {
    const { database, statements } = this.begin('reads');
    const statement = statements.get(sql) ?? database.prepare(sql);
    statement.setReturnArrays(false);
    statements.set(sql, statement);
    const does = READS.test(sql) ? 'reads' : TAKES_NOTHING.test(sql) ? 'takes nothing' : 'writes';
    const disk = this.#disk;
    // The one statement that takes the path of a file.
    const isPlaced = disk && /^\s*vacuum into/i.test(sql);
    return new Statement(
      statement,
      () => this.#note(sql, does, this.begin(does)),
      isPlaced ? (value) => disk.database(pathOf(value), newFile) : undefined,
    );
  }

  close(): void {
    this.begin('reads');
    // What is left in the log is brought into the file, and that is flushed.
    if (this.#disk) unflushed.delete(this.#path);
    this.letGo();
  }

  /** As the end of its process does. */
  letGo(): void {
    const connection = this.#connection;
    if (!connection) return;
    this.#connection = undefined;
    open.delete(this);
    if (connection.database.isTransaction) connection.database.exec('ROLLBACK');
    const others = idle.get(connection.way);
    if (others) others.push(connection);
    else idle.set(connection.way, [connection]);
  }

  /** Before each call has its effect. */
  begin(does: 'reads' | 'writes' | 'takes nothing'): Connection {
    this.#disk?.begin(does === 'reads' ? this.#reading : this.#writing);
    const connection = this.#connection;
    if (!connection) throw Object.assign(new Error('database is not open'), { code: 'ERR_INVALID_STATE' });
    // Within a transaction the commit is what takes room.
    if (does === 'writes' && !connection.database.isTransaction) this.#requireRoom();
    return connection;
  }

  /** What of it a loss of power may take away again. */
  #note(sql: string, does: 'reads' | 'writes' | 'takes nothing', { database }: Connection): void {
    if (!this.#disk) return;
    const isCommit = COMMITS.test(sql) || (does === 'writes' && !database.isTransaction);
    if (this.#flushes && isCommit) unflushed.delete(this.#path);
    if (this.#flushes || !BEGINS.test(sql) || unflushed.has(this.#path)) return;
    const inMemory = kept.get(this.#disk.database(this.#path, newFile));
    if (inMemory) unflushed.set(this.#path, Buffer.from(inMemory.serialize()));
  }

  #requireRoom(): void {
    if (!this.#disk?.refusesCommit(this.#path)) return;
    const properties = { code: 'ERR_SQLITE_ERROR', errcode: SQLITE_FULL, errstr: 'database or disk is full' };
    throw Object.assign(new Error('database or disk is full'), properties);
  }
}

class Statement {
  readonly #real: real.StatementSync;
  readonly #begin: () => void;
  readonly #placed: ((value: real.SQLInputValue) => real.SQLInputValue) | undefined;

  constructor(
    statement: real.StatementSync,
    begin: () => void,
    placed: ((value: real.SQLInputValue) => real.SQLInputValue) | undefined,
  ) {
    this.#real = statement;
    this.#begin = begin;
    this.#placed = placed;
  }

  run(...values: real.SQLInputValue[]): real.StatementResultingChanges {
    this.#begin();
    return this.#real.run(...(this.#placed ? values.map(this.#placed) : values));
  }

  get(...values: real.SQLInputValue[]): unknown {
    this.#begin();
    return this.#real.get(...values);
  }

  all(...values: real.SQLInputValue[]): unknown[] {
    this.#begin();
    return this.#real.all(...values);
  }

  setReturnArrays(enabled: boolean): void {
    this.#real.setReturnArrays(enabled);
  }

  columns(): real.StatementColumnMetadata[] {
    return this.#real.columns();
  }
}

export const StatementSync = Statement;
export const { constants } = real;
