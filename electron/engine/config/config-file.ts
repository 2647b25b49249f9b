import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config, ConfigInput } from '../../../shared/contract/config.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { unwrap } from '../../../shared/errors/result.ts';
import { lockFile } from '../store/file-lock.ts';
import { dataFolderError, isNowhere, systemCode } from '../tree/file-error.ts';
import { writeAtomically } from '../tree/replace-file.ts';
import { checkConfig, CONFIG_BYTES_MAX, parseConfig } from './parse-config.ts';

export const CONFIG_FILE = 'config.json';

const LOCK_PATIENCE_MILLIS = 5_000;

/** Rejects `node.missing`, `config.unreadable`, `config.invalid`. */
export async function readConfig(dataDir: string): Promise<Config> {
  return unwrap(parseConfig(await readText(dataDir), configPath(dataDir)));
}

/**
 * Changes the config as one step among all processes: nobody else writes between the reading and the writing.
 * A file that does not parse stays as it is, and so does one for which `change` throws. Resolves the new config.
 */
export async function editConfig(dataDir: string, change: (config: Config) => ConfigInput): Promise<Config> {
  return locked(dataDir, async () => {
    const file = configPath(dataDir);
    const before = unwrap(parseConfig(await readText(dataDir), file));
    const after = unwrap(checkConfig(change(before), file));
    await writeConfig(dataDir, after);
    return after;
  });
}

/** Writes the config of a new install. Rejects `node.exists`, `config.invalid`. */
export async function createConfig(dataDir: string, value: ConfigInput): Promise<Config> {
  return locked(dataDir, async () => {
    const file = configPath(dataDir);
    if (existsSync(file)) throw new AppError('node.exists', { dataDir });
    const created = unwrap(checkConfig(value, file));
    await writeConfig(dataDir, created);
    return created;
  });
}

/** What this process wrote last, by file: `watchConfig` passes over it. */
export const ownWrites = new Map<string, string>();

async function writeConfig(dataDir: string, value: Config): Promise<void> {
  const path = configPath(dataDir);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  ownWrites.set(path, text);
  try {
    await writeAtomically(path, text);
  } catch (error) {
    ownWrites.delete(path);
    throw ofFile(dataDir, error);
  }
}

/** Nobody else makes or changes the config of this folder meanwhile. Rejects `config.locked`, and `node.missing` where there is no folder. */
export async function locked<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  const path = join(dataDir, 'config.lock');
  if (!existsSync(dataDir)) throw new AppError('node.missing', { dataDir });
  const lock = await lockFile(path, LOCK_PATIENCE_MILLIS).catch((error: unknown) => {
    throw ofFile(dataDir, error);
  });
  if (!lock) throw new AppError('config.locked', { file: configPath(dataDir) });
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** Rejects `node.missing`, `node.io`, `node.too-many-files`, `config.unreadable`, `config.invalid`. */
export async function readText(dataDir: string): Promise<string> {
  const path = configPath(dataDir);
  try {
    const { size } = await stat(path);
    if (size > CONFIG_BYTES_MAX) throw new AppError('config.invalid', { file: path, issue: 'too-large' });
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (isNowhere(error)) throw new AppError('node.missing', { dataDir }, error);
    throw ofFile(dataDir, error);
  }
}

export function configPath(dataDir: string): string {
  return join(dataDir, CONFIG_FILE);
}

/** A full disk, or too many files, are told as that; else it is the file that may not be written. */
function ofFile(dataDir: string, error: unknown): AppError {
  const known = dataFolderError(error, dataDir);
  return known instanceof AppError && known.code !== 'node.denied' ? known : unreadable(configPath(dataDir), error);
}

export function unreadable(file: string, error: unknown): AppError {
  return new AppError('config.unreadable', { file, reason: systemCode(error) ?? '' }, error);
}
