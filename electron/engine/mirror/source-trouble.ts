import type { Millis } from '../../../shared/domain/change.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { nextAttempt } from '../core/retry.ts';
import type { SiteRoot } from '../tree/site-root.ts';

/** A folder that is not there is looked for at least this often. */
const ROOT_MILLIS = 10_000;

/** Why nothing can be fetched from the master at all. */
export interface SourceTrouble {
  readonly error: AppError;
  readonly since: Millis;
  readonly nextAttemptAt: Millis;
}

export interface TroublesOptions {
  readonly root: SiteRoot;
  readonly now: () => Millis;
  readonly random: () => number;
  /** Out of order, or in order again. */
  readonly onChange: () => void;
}

/** What keeps every file of a site from being fetched, and when the next attempt is due: the way to the master, or the site's own folder. */
export class Troubles {
  readonly #options: TroublesOptions;
  /** The site's folder is not there, or is another one. */
  #ofRoot: AppError | undefined;
  #trouble: (SourceTrouble & { readonly attempts: number }) | undefined;

  constructor(options: TroublesOptions) {
    this.#options = options;
  }

  get trouble(): SourceTrouble | undefined {
    return this.#trouble;
  }

  get isWithoutFolder(): boolean {
    return this.#ofRoot !== undefined;
  }

  /** Nothing is tried before the moment that is set. */
  get isResting(): boolean {
    if (this.#ofRoot) return true;
    return this.#trouble !== undefined && this.#trouble.nextAttemptAt > this.#options.now();
  }

  /** What waits for a moment waits as long as before. */
  clockSet(by: Millis): void {
    const trouble = this.#trouble;
    if (trouble) this.#set({ ...trouble, since: trouble.since + by, nextAttemptAt: trouble.nextAttemptAt + by });
  }

  /** Without the site's folder nothing is fetched, and nothing made or deleted: it is looked for again and again. */
  lookAtRoot(): void {
    const { root, now, random } = this.#options;
    const { trouble } = root;
    const before = this.#ofRoot;
    this.#ofRoot = trouble;
    if (trouble) {
      if (before && (this.#trouble?.nextAttemptAt ?? 0) > now()) return;
      const attempts = before ? (this.#trouble?.attempts ?? 0) + 1 : 1;
      const at = nextAttempt(new AppError('fetch.unreachable'), attempts, now(), random()) ?? now();
      const since = (before && this.#trouble?.since) ?? now();
      this.#set({ error: trouble, since, nextAttemptAt: Math.min(at, now() + ROOT_MILLIS), attempts });
    } else if (before) this.clear();
  }

  /** Nothing can be fetched for a reason that is not in one file: it is tried again. */
  waitFor(error: AppError): void {
    const { now, random } = this.#options;
    const attempts = (this.#trouble?.attempts ?? 0) + 1;
    const at = nextAttempt(new AppError('fetch.unreachable'), attempts, now(), random());
    this.#set({ error, since: this.#trouble?.since ?? now(), nextAttemptAt: at ?? now(), attempts });
  }

  clear(): void {
    this.#set(undefined);
  }

  #set(trouble: (SourceTrouble & { readonly attempts: number }) | undefined): void {
    const changed = trouble !== this.#trouble;
    this.#trouble = trouble;
    if (changed) this.#options.onChange();
  }
}

/** The master's FTP server or the site's folder as a whole is out of reach: no single file is to blame. */
export function isSourceTrouble(error: AppError): boolean {
  const codes = [
    'site.root-missing',
    'site.root-other',
    'fetch.unreachable',
    'fetch.put-off',
    'fetch.refused',
    'fetch.login-refused',
    'fetch.certificate',
    'fetch.clock',
  ];
  return codes.includes(error.code) && error.params['path'] === undefined;
}
