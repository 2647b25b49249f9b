import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chmod, copyFile, type FileHandle, mkdir, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Config } from '../../../shared/contract/config.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { unwrap } from '../../../shared/errors/result.ts';
import { dataFolderOf } from '../claim/root-owner.ts';
import { CONFIG_FILE, locked, readConfig } from '../config/config-file.ts';
import { parseConfig } from '../config/parse-config.ts';
import { loadIdentity } from '../link/identity.ts';
import { isOpen, STORE_FILE } from './node.ts';
import { openStore } from '../store/open.ts';
import { isThisBoot } from '../tree/boot.ts';
import { fileError, isNowhere } from '../tree/file-error.ts';
import { hashStart } from '../tree/hash.ts';
import { makePrivateFolder } from '../tree/make-folder.ts';
import { refuseWithin, siteAround } from '../tree/nested-roots.ts';
import { isFailedFlush, syncFile, syncFolder, unflushed } from '../tree/sync-file.ts';
import { readUnflushed } from '../tree/unflushed-mark.ts';
import { writeFlushed } from '../tree/write-flushed.ts';

/**
 * A backup of a data folder is one file: the database as it is at one moment, with a table of the other files in it, and behind it, where
 * SQLite does not look, the SHA-256 of all that. It holds the install's key and the mirrors' passwords, and is for its owner's eyes only.
 */
const IDENTITY = 'identity';
const FORMAT = 2;
/** Without a hash. */
const EARLIER_FORMAT = 1;
const HASH_BYTES = 32;
/** Of all files in the table. */
const FILES_BYTES_MAX = 16 * 1024 * 1024;
/** No install has a view or a trigger: what runs by itself, perhaps without end, is not of Lockstep. */
const FOREIGN = "SELECT 1 FROM sqlite_schema WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'";
const SIZE = 'SELECT total(length(content)) AS bytes FROM backup';
export const BUSY_MILLIS = 10_000;
/**
 * Where an install is put together, and its name once that is whole: then what is not in it any more is in its own place, the config
 * last. No person has a folder of such a name.
 */
const RESTORING = /^restoring-[0-9a-f]{12}$/;
const RESTORED = /^restored-[0-9a-f]{12}$/;
/** What may stand in the table, and nothing else is written back. */
const NAMES = /^(?:config\.json|identity\/[A-Za-z0-9][A-Za-z0-9._-]{0,63})$/;

export interface Backup {
  readonly bytes: number;
  /** Files that the config names and the backup does not hold: secrets of hooks, certificate and key for FTP. */
  readonly notSaved: readonly string[];
}

/**
 * Writes a backup of the install in `dataDir` to `file`, also while it runs: its transactions go on. Rejects `node.missing`,
 * `backup.nothing`, `backup.exists`, `backup.in-site`, `file.*`.
 */
export async function writeBackup(dataDir: string, file: string, copy: CopyDatabase = copyDatabase): Promise<Backup> {
  const { hooks, ftp } = await readConfig(dataDir);
  const { cert, key } = ftp?.certificate ?? {};
  const secrets = hooks.map(({ secretFile }) => secretFile && resolve(dataDir, secretFile));
  const named = [...secrets, cert, key].filter((name) => name !== undefined);
  if (!existsSync(join(dataDir, STORE_FILE))) throw new AppError('backup.nothing', { dataDir });
  if (existsSync(file)) throw new AppError('backup.exists', { file });
  const other = siteAround(file);
  if (other !== undefined) throw new AppError('backup.in-site', { file, other });
  const temporary = `${file}.new-${randomBytes(6).toString('hex')}`;
  try {
    closeSync(openSync(temporary, 'wx', 0o600));
    await copy(join(dataDir, STORE_FILE), temporary);
    await addFiles(temporary, dataDir);
    const bytes = await seal(temporary);
    await rename(temporary, file);
    await syncFolder(dirname(file)).catch(async (error: unknown) => {
      if (!isFailedFlush(error)) throw error;
      // Nobody is to count on it, and the same name can be given again.
      await rm(file);
      throw unflushed(file, error);
    });
    return { bytes, notSaved: [...new Set(named)] };
  } catch (error) {
    // Where nothing could be made, not even that may be asked.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error instanceof AppError ? error : fileError(error, isNowhere(error) ? dirname(file) : file);
  }
}

/**
 * Makes `dataDir` the install that `file` is a backup of. The config comes last: what was broken off before is no install, and
 * is taken away by the next attempt. Rejects `backup.occupied`, `backup.running`, `backup.unreadable`, `backup.unflushed`, `site.root-clash`, `file.*`.
 */
export async function readBackup(file: string, dataDir: string): Promise<void> {
  refuseWithin(dataDir);
  try {
    await makePrivateFolder(dataDir);
  } catch (error) {
    throw isFailedFlush(error) ? unflushed(dataDir, error) : fileError(error, dataDir);
  }
  await locked(dataDir, () => putBack(file, dataDir));
}

async function putBack(file: string, dataDir: string): Promise<void> {
  const own = randomBytes(6).toString('hex');
  const [restoring, restored] = [join(dataDir, `restoring-${own}`), join(dataDir, `restored-${own}`)];
  let isWhole = false;
  try {
    await takeAway(dataDir);
    await mkdir(restoring, { mode: 0o700 });
    await unpack(file, restoring);
    await rename(restoring, restored);
    isWhole = true;
    await syncFolder(dataDir);
    for (const name of [IDENTITY, STORE_FILE]) await rename(join(restored, name), join(dataDir, name));
    // An install with a config has all the rest of it.
    await syncFolder(dataDir);
    await rename(join(restored, CONFIG_FILE), join(dataDir, CONFIG_FILE));
    await syncFolder(dataDir);
    await rmdir(restored);
  } catch (error) {
    // A disk that was full, or a Lockstep that was too old: after it is mended the same folder is asked for again.
    await rm(restoring, { recursive: true, force: true });
    if (isWhole) {
      // Without its config it is none again, whatever ends this meanwhile.
      await rename(join(dataDir, CONFIG_FILE), join(restored, CONFIG_FILE)).catch(() => undefined);
      await takeAway(dataDir);
    }
    if (isFailedFlush(error)) throw unflushed(dataDir, error);
    throw error instanceof AppError ? error : fileError(error, dataDir);
  }
}

/** What an earlier attempt has left that was broken off. Rejects `backup.occupied` where there is anything else of an install. */
async function takeAway(dataDir: string): Promise<void> {
  const names = await readdir(dataDir);
  const restored = names.filter((name) => RESTORED.test(name));
  const unmoved = await Promise.all(restored.map((name) => readdir(join(dataDir, name))));
  // Where its config has gone from it, it became an install.
  const isLeft = (name: string): boolean => unmoved.some((each) => each.includes(CONFIG_FILE) && !each.includes(name));
  const left = [IDENTITY, STORE_FILE].filter((name) => names.includes(name) && isLeft(name));
  const isOfInstall = (name: string): boolean =>
    name === CONFIG_FILE || name === IDENTITY || name.startsWith(STORE_FILE);
  if (names.some((name) => isOfInstall(name) && !left.includes(name)))
    throw new AppError('backup.occupied', { dataDir });
  // What says that they are left goes after them.
  for (const name of [...left, ...names.filter((each) => RESTORING.test(each)), ...restored])
    await rm(join(dataDir, name), { recursive: true, force: true });
}

/** Puts the install together in a folder of its own, durably. */
async function unpack(file: string, folder: string): Promise<void> {
  const database = join(folder, STORE_FILE);
  await copyFile(file, database).catch((error: unknown) => {
    throw fileError(error, file);
  });
  await chmod(database, 0o600);
  const files = takeFiles(database, file, (await unseal(database)) ? FORMAT : EARLIER_FORMAT);
  const config = files.find(({ name }) => name === CONFIG_FILE);
  if (!config) throw new AppError('backup.unreadable', { file });
  const { node, sites, follows } = unwrap(parseConfig(Buffer.from(config.content).toString('utf8'), file));
  for (const { root } of [...sites, ...follows]) refuseUnflushed(root);
  await mkdir(join(folder, IDENTITY), { mode: 0o700 });
  for (const { name, content } of files) await writeFlushed(join(folder, name), content);
  // Without it, or with half of it, another one would be made, or none.
  const { id } = await loadIdentity(join(folder, IDENTITY)).catch((error: unknown) => {
    throw new AppError('backup.unreadable', { file }, error);
  });
  for (const { root } of [...sites, ...follows]) await refuseRunning(dataFolderOf(root, id));
  await beginAnew(database, node.role);
  await syncFile(database);
  for (const each of [join(folder, IDENTITY), folder]) await syncFolder(each);
}

/**
 * What is read from a folder of which the disk may not have all would be taken for what is there, and be missed by nobody after a loss of
 * power: the plans that would do it again are in the database that is not put back. Throws `backup.unflushed`.
 */
function refuseUnflushed(root: string): void {
  const marked = readUnflushed(root);
  if (marked !== undefined && isThisBoot(marked)) throw new AppError('backup.unflushed', { root });
}

/** The same install, of which this would be a second one. Throws `backup.running`. */
async function refuseRunning(dataDir: string | undefined): Promise<void> {
  if (dataDir !== undefined && (await isOpen(dataDir))) throw new AppError('backup.running', { dataDir });
}

/** Writes the database `from`, as it is at one moment, into the empty file `to`. */
type CopyDatabase = (from: string, to: string) => void | Promise<void>;

function copyDatabase(from: string, to: string): void {
  const database = new DatabaseSync(from, { readOnly: true, timeout: BUSY_MILLIS });
  try {
    database.prepare('VACUUM INTO ?').run(to);
  } finally {
    database.close();
  }
}

async function addFiles(backup: string, dataDir: string): Promise<void> {
  const identity = await readdir(join(dataDir, IDENTITY));
  const names = [CONFIG_FILE, ...identity.map((name) => `${IDENTITY}/${name}`)].filter((name) => NAMES.test(name));
  const contents = await Promise.all(
    names.map(async (name) => ({ name, content: await readFile(join(dataDir, name)) })),
  );
  const database = new DatabaseSync(backup);
  try {
    database.exec(
      'BEGIN; CREATE TABLE backup (format INTEGER NOT NULL, name TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT',
    );
    const insert = database.prepare('INSERT INTO backup (format, name, content) VALUES (?, ?, ?)');
    for (const { name, content } of contents) insert.run(FORMAT, name, content);
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

interface BackedUp {
  readonly name: string;
  readonly content: Uint8Array;
}

/** The files of a backup; what is left of it is a database that may be opened. */
function takeFiles(backup: string, file: string, format: number): BackedUp[] {
  const database = new DatabaseSync(backup);
  try {
    if (database.prepare(FOREIGN).get() || Number(database.prepare(SIZE).get()?.['bytes']) > FILES_BYTES_MAX)
      throw new AppError('backup.unreadable', { file });
    const rows = database.prepare('SELECT name, content FROM backup WHERE format = ?').all(format);
    const files = rows.map(({ name, content }): BackedUp => {
      if (typeof name !== 'string' || !NAMES.test(name) || !(content instanceof Uint8Array))
        throw new AppError('backup.unreadable', { file });
      return { name, content };
    });
    if (database.prepare('PRAGMA integrity_check').get()?.['integrity_check'] !== 'ok')
      throw new AppError('backup.unreadable', { file });
    database.exec('DROP TABLE backup');
    return files;
  } catch (error) {
    throw error instanceof AppError ? error : new AppError('backup.unreadable', { file }, error);
  } finally {
    database.close();
  }
}

/**
 * Time went on without this copy, and mirrors or a master may be further. A master knows none of its terms any more: when a
 * mirror tells of one, the tree is read before any of them is told a thing, and the journal gets another name. A mirror compares
 * everything, as with a journal that it does not know. Steps that were under way are not: the trees are read again instead.
 */
async function beginAnew(database: string, role: Config['node']['role']): Promise<void> {
  const store = await openStore(database);
  try {
    store.transaction(() => {
      store.run('DELETE FROM plan');
      store.run('DELETE FROM term');
      // One that was used since would be good once more.
      store.run('DELETE FROM invite');
      // The folders may be copies too.
      store.run('UPDATE site SET mark = NULL');
      store.run("UPDATE want SET state = 'queued', staged = NULL WHERE state = 'ready'");
      if (role === 'mirror')
        store.run('UPDATE site SET journal = lower(hex(randomblob(16))), term = NULL WHERE journal IS NOT NULL');
    });
  } finally {
    store.close();
  }
}

/** Writes the hash behind it. Resolves its size, once all is on the disk. */
async function seal(file: string): Promise<number> {
  const handle = await open(file, 'r+');
  try {
    const { size } = await handle.stat();
    const hash = await hashOf(handle, size);
    await handle.write(hash, 0, HASH_BYTES, size);
    await handle.sync();
    return size + HASH_BYTES;
  } finally {
    await handle.close();
  }
}

/** Takes the hash away. False where it is none, or not of what is before it. */
async function unseal(file: string): Promise<boolean> {
  const handle = await open(file, 'r+');
  try {
    const size = (await handle.stat()).size - HASH_BYTES;
    if (size <= 0) return false;
    const { buffer } = await handle.read(Buffer.alloc(HASH_BYTES), 0, HASH_BYTES, size);
    const isRight = buffer.equals(await hashOf(handle, size));
    if (isRight) await handle.truncate(size);
    return isRight;
  } finally {
    await handle.close();
  }
}

/** Of so many bytes at its beginning. */
async function hashOf(handle: FileHandle, size: number): Promise<Buffer> {
  const read = async (buffer: Uint8Array, length: number, position: number): Promise<number> =>
    (await handle.read(buffer, 0, length, position)).bytesRead;
  return (await hashStart({ read }, size)).digest();
}
