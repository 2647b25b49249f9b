import { type FSWatcher, lstatSync, statSync, watch } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../../shared/contract/config.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fail, type Result } from '../../../shared/errors/result.ts';
import { configPath, ownWrites, readText, unreadable } from './config-file.ts';
import { parseConfig } from './parse-config.ts';

/** How often the file is looked at: where the system does not tell of it, where it does, and once it has changed. */
const LOOK_MILLIS = 2_000;
const WATCHED_MILLIS = 10_000;
const SETTLED_MILLIS = 500;

/**
 * Reports each change that another made to `config.json`, also since what is `inForce` was read: the new config, or why the file
 * is not in force (the old config stays). Not reported: what `editConfig` of this process wrote. The system tells of changes to
 * the file (the folder would wake an install up for every write of its database); a look at its times every ten seconds is for
 * what it does not tell of: network disks, another folder in its place. Where it tells of nothing the look is every two.
 * `onLook`: for what else is worth a look then, so that an install at rest does not wake up for it by itself; true: the next one is
 * in two seconds.
 */
export function watchConfig(
  dataDir: string,
  inForce: () => Config,
  onChange: (result: Result<Config>) => void,
  onLook: () => boolean = () => false,
): { stop(): void } {
  return new ConfigWatch(dataDir, inForce, onChange, onLook);
}

class ConfigWatch {
  readonly #dataDir: string;
  readonly #path: string;
  readonly #onChange: (result: Result<Config>) => void;
  readonly #onLook: () => boolean;
  /** Until the file has been read: what others may have changed while the install started. */
  #inForce: (() => Config) | undefined;
  #known = '';
  #seen = '';
  #settled = true;
  #timer: NodeJS.Timeout | undefined;
  /** While the file stands still. */
  #watcher: FSWatcher | undefined;
  #stopped = false;

  constructor(
    dataDir: string,
    inForce: () => Config,
    onChange: (result: Result<Config>) => void,
    onLook: () => boolean,
  ) {
    this.#dataDir = dataDir;
    this.#path = configPath(dataDir);
    this.#inForce = inForce;
    this.#onChange = onChange;
    this.#onLook = onLook;
    this.#lookAfter(LOOK_MILLIS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#unwatch();
  }

  #lookAfter(millis: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#look(), millis);
    this.#timer.unref();
  }

  /** Without a promise where there is no news: an install at rest does little else than this. */
  #look(): void {
    const isSoon = this.#onLook();
    const stamp = stampOf(this.#path);
    if (stamp !== this.#seen) return this.#changed(stamp);
    if (this.#settled) return this.#lookAfter(this.#watcher && !isSoon ? WATCHED_MILLIS : LOOK_MILLIS);
    this.#settled = true;
    void this.#read().finally(() => this.#watch());
  }

  /** An editor may write in several steps: the file is read once it has stood still between two looks. */
  #changed(stamp: string): void {
    this.#unwatch();
    this.#seen = stamp;
    this.#settled = false;
    this.#lookAfter(SETTLED_MILLIS);
  }

  /** Set anew after each change: what is watched is the file itself, and a rename puts another one in its place. */
  #watch(): void {
    if (this.#stopped) return;
    this.#watcher = watchFile(this.#path, () => {
      clearTimeout(this.#timer);
      this.#changed(stampOf(this.#path));
    });
    // What has happened since the last look is not told.
    this.#look();
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
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

/** At once: a look by another thread costs an idle install ten times as much. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return 'gone';
  }
}

/**
 * Undefined: the system cannot tell of it (it is not there, all watches are taken), or what it would tell is not enough: of a
 * symbolic link that is set anew it says nothing, and Windows can watch whole folders only, which nobody could rename then.
 */
function watchFile(path: string, onEvent: () => void): FSWatcher | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    if (!lstatSync(path).isFile()) return undefined;
    return watch(path, { persistent: false }, onEvent).on('error', onEvent);
  } catch {
    return undefined;
  }
}
