import { statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../../shared/contract/config.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fail, type Result } from '../../../shared/errors/result.ts';
import { configPath, ownWrites, readText, unreadable } from './config-file.ts';
import { parseConfig } from './parse-config.ts';

/** How often the file is looked at, and again once it has changed. */
const WATCH_MILLIS = 2_000;
const SETTLED_MILLIS = 500;

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

/** At once: a look by another thread costs an idle install ten times as much. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return 'gone';
  }
}
