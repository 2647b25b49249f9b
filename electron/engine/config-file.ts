import { statSync } from 'node:fs';
import { chmod, open, readFile, readdir, rename, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Config, config as configSchema, type ConfigInput } from '../../shared/contract/config.ts';
import { explainIssue } from '../../shared/contract/issue.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { fail, ok, type Result, unwrap } from '../../shared/errors/result.ts';
import { lockFile } from './file-lock.ts';
import { makeFolder } from './tree/make-folder.ts';
import { refuseWithin } from './tree/nested-roots.ts';
import { isFailedFlush, syncFolder, unflushed } from './tree/sync-file.ts';

export const CONFIG_FILE = 'config.json';

/** What a person would ever write is far below it. */
export const CONFIG_BYTES_MAX = 4 * 1024 * 1024;
const LOCK_PATIENCE_MILLIS = 5_000;
/** How often the file is looked at, and again once it has changed. */
const WATCH_MILLIS = 2_000;
const SETTLED_MILLIS = 500;
/** What V8 shows before the place at which a text is no JSON, where more stands before it. */
const CUT_CHARACTERS = 10;

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

export interface NodeOptions {
  readonly role: 'master' | 'mirror';
  /** Absent: the host's name. */
  readonly name?: string;
  readonly ftp?: Address;
  readonly link?: Address;
  readonly console?: Address;
  /** Accept FTP without TLS too. */
  readonly plainFtp?: boolean;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Makes `dataDir` the data folder of a new install. Rejects `node.exists`, `node.wrong-role`, `site.root-clash`, `config.invalid`. */
export async function initNode(dataDir: string, options: NodeOptions): Promise<Config> {
  if (options.role === 'mirror' && (options.ftp || options.plainFtp))
    throw new AppError('node.wrong-role', { wanted: 'master', role: 'mirror' });
  refuseWithin(dataDir);
  await makeDataDir(dataDir);
  return locked(dataDir, async () => {
    if (exists(configPath(dataDir))) throw new AppError('node.exists', { dataDir });
    const created = unwrap(checkConfig(defaults(options), configPath(dataDir)));
    await writeConfig(dataDir, created);
    return created;
  });
}

/**
 * Reports each change that another made to `config.json`, also since what is `inForce` was read: the new config, or why the file
 * is not in force (the old config stays). Not reported: what `editConfig` of this process wrote. A look at the file's times every two seconds does
 * without the limits of file watchers, and without waking up for every write of the database beside it. `onLook`: for what else is
 * worth a look then, so that an install at rest does not wake up for it by itself.
 */
export function watchConfig(
  dataDir: string,
  inForce: () => Config,
  onChange: (result: Result<Config>) => void,
  onLook: () => void = () => undefined,
): { stop(): void } {
  return new ConfigWatch(dataDir, inForce, onChange, onLook);
}

/** Parses the text of a config file. `file` is what an error names. */
export function parseConfig(text: string, file: string): Result<Config> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(new AppError('config.invalid', { file, issue: 'not-json', ...placeOf(error, text) }));
  }
  return checkConfig(value, file);
}

/**
 * Replaces `path` by a file with this text (mode 0600), durably: after a crash the old text is there, or the new one. Rejects
 * `disk.unflushed` where nobody knows which: then what was there is put back.
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const before = exists(path) ? await readFile(path) : undefined;
  await replaceFile(path, text);
  try {
    await syncFolder(dirname(path));
  } catch (error) {
    // Where the folder may not be opened there is no way to do it.
    if (!isFailedFlush(error)) return;
    await (before === undefined ? unlink(path) : replaceFile(path, before));
    throw unflushed(path, error);
  }
}

/** The same without the promise: for what is of no use after a crash. */
export async function replaceFile(path: string, text: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await handle.close();
  await rename(temporary, path);
}

/** What this process wrote last, by file: `watchConfig` passes over it. */
const ownWrites = new Map<string, string>();

async function writeConfig(dataDir: string, value: Config): Promise<void> {
  const path = configPath(dataDir);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  ownWrites.set(path, text);
  try {
    await writeAtomically(path, text);
  } catch (error) {
    ownWrites.delete(path);
    throw error instanceof AppError ? error : unreadable(path, error);
  }
}

class ConfigWatch {
  readonly #dataDir: string;
  readonly #path: string;
  readonly #onChange: (result: Result<Config>) => void;
  readonly #onLook: () => void;
  /** Until the file has been read: what others may have changed while the install started. */
  #inForce: (() => Config) | undefined;
  #known = '';
  #seen = '';
  #settled = true;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(dataDir: string, inForce: () => Config, onChange: (result: Result<Config>) => void, onLook: () => void) {
    this.#dataDir = dataDir;
    this.#path = configPath(dataDir);
    this.#inForce = inForce;
    this.#onChange = onChange;
    this.#onLook = onLook;
    this.#lookAfter(WATCH_MILLIS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #lookAfter(millis: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#look(), millis);
    this.#timer.unref();
  }

  /** Without a promise where there is no news: an install at rest does little else than this. */
  #look(): void {
    this.#onLook();
    const stamp = stampOf(this.#path);
    // An editor may write in several steps: the file is read once it has stood still between two looks.
    if (stamp !== this.#seen) {
      this.#seen = stamp;
      this.#settled = false;
      return this.#lookAfter(SETTLED_MILLIS);
    }
    if (this.#settled) return this.#lookAfter(WATCH_MILLIS);
    this.#settled = true;
    void this.#read().finally(() => this.#lookAfter(WATCH_MILLIS));
  }

  async #read(): Promise<void> {
    try {
      const text = await readText(this.#dataDir);
      if (this.#stopped || text === this.#known) return;
      const inForce = this.#inForce?.();
      this.#inForce = undefined;
      this.#known = text;
      if (text === ownWrites.get(this.#path)) return;
      ownWrites.delete(this.#path);
      const result = parseConfig(text, this.#path);
      if (!inForce || !result.ok || !isDeepStrictEqual(result.value, inForce)) this.#onChange(result);
    } catch (error) {
      this.#known = '';
      // What comes back is news, whoever has written it.
      this.#inForce = undefined;
      ownWrites.delete(this.#path);
      this.#onChange(fail(error instanceof AppError ? error : unreadable(this.#path, error)));
    }
  }
}

function checkConfig(value: unknown, file: string): Result<Config> {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const more = parsed.error.issues.length - 1;
  const explained = explainIssue(configSchema, issue, value);
  return fail(new AppError('config.invalid', { file, ...explained, ...(more > 0 && { more }) }));
}

/** What the parser says, with line and column where it knows them. */
/** V8 names a position, or shows the characters on either side of it, which may be of a secret: those are only looked for. */
function placeOf(error: unknown, text: string): { text: string; line?: number } {
  const message = error instanceof Error ? error.message : String(error);
  const position = /^(.*) in JSON at position (\d+)/su.exec(message);
  if (position) return placed(position[1] ?? '', text, Number(position[2]));
  const around = /^(Unexpected token '.+?'), (\.{3})?"(.*)"(?:\.{3})? is not valid JSON$/su.exec(message);
  if (!around) return { text: message.replace(/, .*$/su, '') };
  const [, what = '', cut, shown = ''] = around;
  return cut === undefined ? { text: what } : placed(what, text, text.indexOf(shown) + CUT_CHARACTERS);
}

function placed(what: string, text: string, position: number): { text: string; line: number } {
  const before = text.slice(0, position).split('\n');
  return { text: `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${what}`, line: before.length };
}

function defaults(options: NodeOptions): unknown {
  const { role } = options;
  const link = options.link ?? (role === 'master' ? { host: '0.0.0.0', port: 2122 } : undefined);
  return {
    version: 1,
    node: { name: options.name ?? nameOfHost(), role },
    ...(role === 'master' && {
      ftp: { ...(options.ftp ?? { host: '0.0.0.0', port: 2121 }), tls: options.plainFtp ? 'optional' : 'required' },
    }),
    ...(link && { link }),
    ...(options.console && { console: options.console }),
  };
}

/** The host's name without its domain, made a valid name of an install. */
function nameOfHost(): string {
  const [host = ''] = hostname().split('.');
  const valid = host.replace(/[^\p{L}\p{N}._-]/gu, '-').replace(/^[^\p{L}\p{N}]+/u, '');
  return valid.slice(0, 64) || 'lockstep';
}

/** A folder that is new or empty becomes private. One that holds something keeps its mode: it may be more than ours. */
async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir, 0o700);
    if ((await readdir(dataDir)).length === 0) await chmod(dataDir, 0o700);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) throw new AppError('file.not-directory', { path: dataDir }, error);
    throw unreadable(dataDir, error);
  }
}

/** Nobody else makes or changes the config of this folder meanwhile. Rejects `config.locked`, and `node.missing` where there is no folder. */
export async function locked<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  const path = join(dataDir, 'config.lock');
  if (!exists(dataDir)) throw new AppError('node.missing', { dataDir });
  const lock = await lockFile(path, LOCK_PATIENCE_MILLIS).catch((error: unknown) => {
    throw unreadable(configPath(dataDir), error);
  });
  if (!lock) throw new AppError('config.locked', { file: configPath(dataDir) });
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function readText(dataDir: string): Promise<string> {
  const path = configPath(dataDir);
  try {
    const { size } = await stat(path);
    if (size > CONFIG_BYTES_MAX) throw new AppError('config.invalid', { file: path, issue: 'too-large' });
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) throw new AppError('node.missing', { dataDir }, error);
    throw unreadable(path, error);
  }
}

/** At once: a look by another thread costs an idle install ten times as much. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return 'gone';
  }
}

function exists(path: string): boolean {
  return stampOf(path) !== 'gone';
}

function configPath(dataDir: string): string {
  return join(dataDir, CONFIG_FILE);
}

function unreadable(file: string, error: unknown): AppError {
  return new AppError('config.unreadable', { file, reason: isErrnoException(error) ? (error.code ?? '') : '' }, error);
}

function isErrno(error: unknown, code: string): boolean {
  return isErrnoException(error) && error.code === code;
}

function isErrnoException(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
