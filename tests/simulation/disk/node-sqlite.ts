import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as real from 'node:sqlite';
import { currentGeneration, type Generation } from '../generation.ts';
import { pathOf } from './calls.ts';
import { diskOf } from './current.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

/**
 * In the place of `node:sqlite`: real SQLite, with the file of a simulated path in a folder of the real machine. What SQLite
 * promises is taken as given: every commit survives the loss of power, a transaction that was open is rolled back. So its own
 * flushes, which would only cost time, are left out.
 */

/** Every statement that may write is an operation of the disk: power can be lost before any of them. */
const READS = /^\s*(?:select|explain|with)\b/i;
const COMMITS = /\bcommit\s*;?\s*$/i;
/** The commit of a read does not either. */
const TAKES_NOTHING = /^\s*(?:pragma|begin|commit|rollback)\b/i;
const FLUSHES = /pragma\s+synchronous\s*=\s*\w+/gi;

const SQLITE_FULL = 13;

let folder: string | undefined;
let files = 0;
const open = new Map<real.DatabaseSync, Generation | undefined>();

/** Closes what a generation left open, as the end of its process does. */
export function closeDatabasesOf(generation: Generation): void {
  for (const [database, owner] of open) if (owner === generation) close(database);
}

/** Closes all, and removes their files. */
export function removeDatabases(): void {
  for (const database of open.keys()) close(database);
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

/** What is in a database to which nobody writes. Who only reads may have it open: then what was written last is still beside it. */
export function readDatabase(disk: SimulatedDisk, path: string): Buffer {
  const file = disk.database(path, newFile);
  const database = new real.DatabaseSync(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  return readFileSync(file);
}

/** Puts back what was in it once. */
export function putBackDatabase(disk: SimulatedDisk, path: string, content: Buffer): void {
  const file = disk.database(path, newFile);
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
  writeFileSync(file, content);
}

function close(database: real.DatabaseSync): void {
  open.delete(database);
  if (database.isOpen) database.close();
}

function newFile(content: Buffer): string {
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

export class DatabaseSync {
  readonly #real: real.DatabaseSync;
  readonly #disk: SimulatedDisk | undefined;
  readonly #path: string;

  constructor(given: string, options: real.DatabaseSyncOptions = {}) {
    this.#path = pathOf(given);
    this.#disk = diskOf(this.#path);
    const disk = this.#disk;
    const file = disk ? disk.perform('sqlite', this.#path, () => disk.database(this.#path, newFile)) : given;
    this.#real = new real.DatabaseSync(file, options);
    open.set(this.#real, currentGeneration());
  }

  get isOpen(): boolean {
    return this.#real.isOpen;
  }

  get isTransaction(): boolean {
    return this.#perform('', () => this.#real.isTransaction);
  }

  exec(sql: string): void {
    const text = this.#disk ? sql.replace(FLUSHES, 'PRAGMA synchronous = OFF') : sql;
    this.#perform(sql, () => {
      if (COMMITS.test(sql)) this.#requireRoom();
      this.#real.exec(text);
    });
  }

  prepare(sql: string): Statement {
    const statement = this.#perform('', () => this.#real.prepare(sql));
    const disk = this.#disk;
    // The one statement that takes the path of a file.
    const placed = (value: real.SQLInputValue): real.SQLInputValue =>
      disk && /^\s*vacuum into/i.test(sql) ? disk.database(pathOf(value), newFile) : value;
    // Within a transaction the commit is what takes room.
    const isWrite = !READS.test(sql) && !TAKES_NOTHING.test(sql);
    return new Statement(statement, placed, (work) =>
      this.#perform(sql, () => {
        if (isWrite && !this.#real.isTransaction) this.#requireRoom();
        return work();
      }),
    );
  }

  close(): void {
    this.#perform('', () => close(this.#real));
  }

  #requireRoom(): void {
    if (!this.#disk?.refusesCommit(this.#path)) return;
    const properties = { code: 'ERR_SQLITE_ERROR', errcode: SQLITE_FULL, errstr: 'database or disk is full' };
    throw Object.assign(new Error('database or disk is full'), properties);
  }

  /** `sql` empty: it does not write. */
  #perform<T>(sql: string, work: () => T): T {
    if (!this.#disk) return work();
    const name = sql === '' || READS.test(sql) ? 'sqlite-read' : 'sqlite';
    return this.#disk.perform(name, this.#path, work);
  }
}

class Statement {
  readonly #real: real.StatementSync;
  readonly #placed: (value: real.SQLInputValue) => real.SQLInputValue;
  readonly #perform: <T>(work: () => T) => T;

  constructor(
    statement: real.StatementSync,
    placed: (value: real.SQLInputValue) => real.SQLInputValue,
    perform: <T>(work: () => T) => T,
  ) {
    this.#real = statement;
    this.#placed = placed;
    this.#perform = perform;
  }

  run(...values: real.SQLInputValue[]): real.StatementResultingChanges {
    return this.#perform(() => this.#real.run(...values.map(this.#placed)));
  }

  get(...values: real.SQLInputValue[]): unknown {
    return this.#perform(() => this.#real.get(...values));
  }

  all(...values: real.SQLInputValue[]): unknown[] {
    return this.#perform(() => this.#real.all(...values));
  }

  iterate(...values: real.SQLInputValue[]): Iterator<unknown> {
    return this.#perform(() => this.#real.iterate(...values));
  }

  setReadBigInts(enabled: boolean): void {
    this.#real.setReadBigInts(enabled);
  }
}

export const StatementSync = Statement;
export const { constants } = real;
