import { randomBytes } from 'node:crypto';
import type { Content, Millis } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { ReleaseStore } from '../../store/releases.ts';
import type { Actor, CommittedRelease } from '../site-files.ts';
import { type Compared, compareReleases } from './compare-releases.ts';
import { OpenRelease } from './open-release.ts';
import { previewRollback, type RollbackPlan } from './preview-rollback.ts';
import { type FolderPlan, planFolder, type PublishOptions, publishFolder } from './publish-folder.ts';
import type { ReleaseSite } from './release-site.ts';
import { restoreVersion } from './restore-version.ts';
import { rollback, type RollbackOptions } from './rollback.ts';

/** Releases that are open at the same time in one site. */
export const OPEN_RELEASES_MAX = 100;
/** Of these so many of one account: others have room. */
export const ACCOUNT_RELEASES_MAX = 20;
/** Changes of all releases that one account has open: they are kept in memory. */
export const ACCOUNT_CHANGES_MAX = 200_000;

/** A release that somebody works on. */
export interface OpenReleaseInfo {
  readonly id: string;
  readonly title: string;
  readonly by: Actor;
  readonly since: Millis;
  readonly changes: number;
}

/** The releases of one site: those that are open, and the record of those that were committed. */
export class Releases {
  readonly records: ReleaseStore;
  readonly #site: ReleaseSite;
  readonly #open = new Map<string, OpenRelease>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #ending = new AbortController();

  constructor(site: ReleaseSite) {
    this.#site = site;
    this.records = site.records;
  }

  begin(title: string, by: Actor): OpenRelease {
    this.#ending.signal.throwIfAborted();
    if (this.#open.size >= OPEN_RELEASES_MAX)
      throw new AppError('limit.exceeded', { limit: 'releases', value: OPEN_RELEASES_MAX });
    const own = (): OpenRelease[] => [...this.#open.values()].filter((each) => each.by.account === by.account);
    if (own().length >= ACCOUNT_RELEASES_MAX)
      throw new AppError('limit.exceeded', { limit: 'releases', value: ACCOUNT_RELEASES_MAX });
    const room = (): number => ACCOUNT_CHANGES_MAX - own().reduce((sum, { size }) => sum + size, 0);
    const id = randomBytes(8).toString('hex');
    const onEnd = (): void => void this.#open.delete(id);
    const release = new OpenRelease({ id, title, by, site: this.#site, room, onEnd });
    this.#open.set(id, release);
    return release;
  }

  /** Throws `release.unknown` unless it is open, held, and of the same account. */
  join(id: string, { account }: Actor): OpenRelease {
    const release = this.#open.get(id);
    if (!release?.isHeld || release.by.account !== account) throw new AppError('release.unknown', { release: id });
    release.join();
    return release;
  }

  /** Throws `release.unknown` where the account has begun no such release, or it was given up. */
  outcome(id: string, { account }: Actor): CommittedRelease | 'open' {
    if (this.#open.get(id)?.by.account === account) return 'open';
    const committed = this.records.committed(id, account);
    if (!committed) throw new AppError('release.unknown', { release: id });
    return committed;
  }

  /** In the order in which they were begun. They are in memory only: they end with their session, or with this process. */
  open(): OpenReleaseInfo[] {
    return [...this.#open.values()].map(({ id, title, by, since, size }) => ({ id, title, by, since, changes: size }));
  }

  /** Gives up a release that somebody works on: what follows in that session is refused. Rejects `release.unknown`. */
  async abort(id: string): Promise<void> {
    const release = this.#open.get(id);
    if (!release) throw new AppError('release.unknown', { release: id });
    await release.abort();
  }

  /** See `rollback`. */
  rollback(id: number, options: RollbackOptions): Promise<CommittedRelease> {
    return this.#run((signal) => rollback(this.#site, id, options, signal));
  }

  /** See `restoreVersion`. */
  restoreVersion(path: SitePath, content: Content, order: { by: Actor; title: string }): Promise<CommittedRelease> {
    return this.#run(() => restoreVersion(this.#site, path, content, order));
  }

  /** See `previewRollback`. */
  previewRollback(id: number): Promise<RollbackPlan> {
    return this.#run((signal) => previewRollback(this.#site, id, signal));
  }

  /** See `compareReleases`. */
  compare(from: number, to: number): Promise<Compared[]> {
    return this.#run((signal) => compareReleases(this.#site, from, to, signal));
  }

  /** See `planFolder`. */
  planFolder(folder: string, options: PublishOptions): Promise<FolderPlan> {
    return this.#run((signal) => planFolder(this.#site, folder, options, signal));
  }

  /** See `publishFolder`. */
  publishFolder(folder: string, options: PublishOptions): Promise<{ plan: FolderPlan; release?: CommittedRelease }> {
    return this.#run((signal) => publishFolder(this.#site, folder, options, signal));
  }

  /** What is not being committed is given up. Idempotent. */
  async stop(): Promise<void> {
    this.#ending.abort(new AppError('cancelled'));
    for (const release of [...this.#open.values()]) await release.abort();
    await Promise.allSettled(this.#running);
  }

  async #run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#ending.signal.throwIfAborted();
    const running = work(this.#ending.signal);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }
}
