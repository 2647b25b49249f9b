import { setTimeout as sleep } from 'node:timers/promises';
import type { Present } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError, type ErrorJson } from '../../../../shared/errors/app-error.ts';
import { type BackOff, backOff } from '../../core/back-off.ts';
import type { Clock, Logger } from '../../ports.ts';
import { BATCH, missingAt, recordFound, recordGone, requireFew, requireOwnRoot, standing } from '../compare.ts';
import type { ScanOptions, ScanOutcome } from '../rescan.ts';
import { findStats, isCurrent, type MasterSite } from '../site.ts';
import { describe, Settling, STABLE_MILLIS } from './settling.ts';
import { watchTree } from './tree-watch.ts';

const BACK_OFF: BackOff = { first: 1000, longest: 300_000 };
/** Deletes are gathered until no more come, but no longer than this: the guard judges them together. */
const GATHER_MILLIS = 10_000;
/** Deletes of this time count together, so that a tree that is emptied slowly does not pass the guard piece by piece. */
const RECENT_MILLIS = 60_000;

export interface SiteWatchOptions {
  readonly site: MasterSite;
  readonly scan: (options: ScanOptions) => Promise<ScanOutcome>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Trouble has come or gone. */
  readonly onChange: () => void;
}

/** Why changes made without FTP are not seen at the moment. */
export interface WatchTrouble {
  readonly error: ErrorJson;
  readonly since: number;
  readonly nextAttemptAt: number;
}

/**
 * Journals what is changed in a site's folder without FTP (SPEC §3): watches the folder, then compares all of it once, then
 * whatever the watch names, after it has been stable for `STABLE_MILLIS`. What the FTP server has changed is in the index
 * already. Whenever the watch fails, may have missed something, or the delete guard holds, it begins again after a back-off.
 */
export class SiteWatch {
  readonly #options: SiteWatchOptions;
  readonly #ending = new AbortController();
  #again = new AbortController();
  #running: Promise<void> | undefined;
  #trouble: WatchTrouble | undefined;

  constructor(options: SiteWatchOptions) {
    this.#options = options;
  }

  get trouble(): WatchTrouble | undefined {
    return this.#trouble;
  }

  start(): void {
    this.#running ??= this.#run(this.#ending.signal);
  }

  /** Does not wait for the next attempt. */
  retry(): void {
    this.#again.abort();
  }

  /** Idempotent; resolves when nothing is open any more. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await this.#watch(signal, () => {
          attempt = 0;
          this.#setTrouble(undefined);
        });
      } catch (error) {
        if (signal.aborted) return;
        await this.#rest(error, Math.max(1, attempt), signal);
      }
    }
  }

  /** Rejects when it cannot go on. */
  async #watch(signal: AbortSignal, started: () => void): Promise<void> {
    const { site, scan, clock, logger } = this.#options;
    const failure = new AbortController();
    const either = AbortSignal.any([signal, failure.signal]);
    const settling = new Settling();
    requireOwnRoot(site);
    const tree = await watchTree(
      site.root.folder,
      {
        touched: (path, replaced) =>
          settling.touch(path, describe(findStats(site.root.plain(path))), replaced, clock.now()),
        failed: (error) => failure.abort(error),
      },
      either,
    );
    try {
      const { found, changed } = await scan({ signal: either });
      logger.info({ found, changed }, 'the folder is watched');
      started();
      await this.#follow(settling, either);
    } finally {
      tree.stop();
    }
  }

  async #follow(settling: Settling, signal: AbortSignal): Promise<never> {
    const { site, clock } = this.#options;
    const gone = new Gone(site);
    for (;;) {
      await sleep(pauseUntil(settling.next, clock.now()), undefined, { signal });
      const quiet = settling.take(clock.now(), BATCH);
      if (quiet.length > 0) {
        requireOwnRoot(site);
        const stable: SitePath[] = [];
        for (const { path, look, replaced } of quiet) {
          const info = await standing(site, path);
          if (describe(info) !== look && !(look === 'special' && !info)) {
            settling.touch(path, describe(info), replaced, clock.now());
            continue;
          }
          const known = site.journal.entry(path);
          if (info?.isDirectory() ? known?.kind !== 'dir' : info && !isCurrent(known, info)) stable.push(path);
          if (!info || (info.isDirectory() && replaced)) await gone.add(path, clock.now(), signal);
        }
        await recordFound(site, stable, (path, error) => this.#unreadable(path, error), signal);
      }
      await gone.flush(clock.now(), signal);
    }
  }

  #unreadable(path: SitePath, error: unknown): void {
    this.#options.logger.warn({ err: error, path }, 'a file cannot be read and is not published');
  }

  async #rest(error: unknown, attempt: number, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    const delay = backOff(BACK_OFF, attempt, Math.random());
    const nextAttemptAt = clock.now() + delay;
    const reason = error instanceof Error && error.name === 'AbortError' ? error.cause : error;
    logger.warn({ err: reason, nextAttemptAt }, 'the watch of the folder was interrupted; all of it is compared again');
    const known = AppError.is(reason) ? reason.toJSON() : toJson(reason);
    this.#setTrouble({ error: known, since: this.#trouble?.since ?? clock.now(), nextAttemptAt });
    this.#again = new AbortController();
    await sleep(delay, undefined, { signal: AbortSignal.any([signal, this.#again.signal]) }).catch(() => undefined);
  }

  #setTrouble(trouble: WatchTrouble | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#options.onChange();
  }
}

/** What is gone from the folder, until no more goes. */
class Gone {
  readonly #site: MasterSite;
  readonly #missing = new Map<SitePath, Present>();
  #recent: { readonly at: number; readonly files: number }[] = [];
  #first = 0;
  #last = 0;

  constructor(site: MasterSite) {
    this.#site = site;
  }

  async add(path: SitePath, now: number, signal: AbortSignal): Promise<void> {
    for (const entry of await missingAt(this.#site, path, signal)) {
      if (this.#missing.size === 0) this.#first = now;
      if (!this.#missing.has(entry.path)) this.#last = now;
      this.#missing.set(entry.path, entry);
    }
  }

  /** Journals them when it is time to. Rejects `guard.held`, and nothing of them is journalled. */
  async flush(now: number, signal: AbortSignal): Promise<void> {
    if (this.#missing.size === 0) return;
    if (now < this.#last + STABLE_MILLIS && now < this.#first + GATHER_MILLIS) return;
    this.#recent = this.#recent.filter(({ at }) => at > now - RECENT_MILLIS);
    const entries = [...this.#missing.values()];
    const files = entries.filter(({ kind }) => kind === 'file').length;
    const recent = this.#recent.reduce((sum, item) => sum + item.files, 0);
    requireFew(files + recent, this.#site.journal.files() + recent);
    this.#missing.clear();
    await recordGone(this.#site, entries, signal);
    this.#recent.push({ at: now, files });
  }
}
