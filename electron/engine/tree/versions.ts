import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { VersionsConfig } from '../../../shared/contract/config.ts';
import type { Content, Millis, Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { DAY_MILLIS } from '../core/keeping.ts';
import { isNotFound, systemCode } from './file-error.ts';
import { unlinkFreeing } from './free-later.ts';
import { hashFile } from './hash.ts';
import { copyWhole, linkOrCopy } from './link-or-copy.ts';
import type { SiteRoot } from './site-root.ts';
import { identityAt, type Step } from './steps.ts';
import type { Store } from '../store/open.ts';
import { int, text } from '../store/rows.ts';

/** A share of its limits by which the folder may have grown before it is looked at again. */
const SLACK = 0.1;
/** Versions that are dropped in one transaction. */
const BATCH = 200;

/**
 * Contents that were replaced or deleted in a site's tree, by their hash, in its reserved folder (SPEC §8). What is kept is
 * mostly a second name of the very file that stood in the tree: it may have been written to since, so nothing is
 * believed before it has been hashed.
 */
export class Versions {
  readonly #store: Store;
  readonly #site: number;
  readonly #root: SiteRoot;
  readonly #limits: () => VersionsConfig;
  #grown = { count: 0, bytes: 0 };
  /** Noted in this run: the file of such a one comes a moment after its row. */
  readonly #noted = new Set<string>();

  constructor(store: Store, site: number, root: SiteRoot, limits: () => VersionsConfig) {
    this.#store = store;
    this.#site = site;
    this.#root = root;
    this.#limits = limits;
  }

  /** False where the limits leave no room for it beside others that are to be kept as well. */
  fits({ size }: Content, beside = { count: 0, bytes: 0 }): boolean {
    const { days, count, bytes } = this.#limits();
    return days > 0 && beside.count < count && beside.bytes + size <= bytes;
  }

  /** The step that keeps the file at `path` before it is replaced or removed; undefined where the limits leave no room for it. */
  async stepFor(path: SitePath, content: Content): Promise<Step | undefined> {
    if (!this.fits(content)) return undefined;
    return { do: 'keep', path, sha256: content.sha256, identity: await identityAt(this.#root, path) };
  }

  /** Within the transaction that writes the plan with the step. */
  note({ sha256, size }: Content, at: Millis): void {
    this.#store.run(
      `INSERT INTO version (site, sha256, size, kept_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET kept_at = excluded.kept_at`,
      this.#site,
      sha256,
      size,
      at,
    );
    this.#noted.add(sha256);
    this.#grown.count += 1;
    this.#grown.bytes += size;
  }

  /** So much was kept since the last `trim` that another one is due. */
  get isDue(): boolean {
    const { count, bytes } = this.#limits();
    return this.#grown.count > count * SLACK || this.#grown.bytes > bytes * SLACK;
  }

  has(sha256: Sha256): boolean {
    return this.#store.get('SELECT 1 FROM version WHERE site = ? AND sha256 = ?', this.#site, sha256) !== undefined;
  }

  /** Whether a content is kept, by its size: its bytes are not read. */
  seems({ sha256, size }: Content): boolean {
    if (!this.has(sha256)) return false;
    const info = lstatSync(join(this.#root.versions, sha256), { throwIfNoEntry: false });
    return info !== undefined && info.isFile() && info.size === size;
  }

  /** Hashes of what is kept, after one of them, in their order. */
  hashesAfter(after: string, limit: number): Sha256[] {
    const sql = 'SELECT sha256 FROM version WHERE site = ? AND sha256 > ? ORDER BY sha256 LIMIT ?';
    return this.#store.all(sql, this.#site, after, limit).map((row) => text(row['sha256']));
  }

  /** It is not kept any longer. */
  discard(sha256: Sha256): void {
    this.#drop([sha256]);
  }

  /**
   * Brings a kept content to `staged`, a free absolute path in the reserved folder, sharing its bytes with nothing that is
   * published. False: it is not kept (or not yet), or not what it was; then it is dropped.
   */
  async take(sha256: Sha256, staged: string): Promise<boolean> {
    const kept = join(this.#root.versions, sha256);
    const keptAt = this.#keptAt(sha256);
    if (keptAt === undefined) return false;
    try {
      // A published file may share the version's bytes: with a link, setting the time of one would set that of the other.
      if (lstatSync(kept).nlink === 1) await linkOrCopy(kept, staged);
      else await copyWhole(kept, staged);
      if ((await hashFile(staged)).sha256 === sha256) return true;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (this.#noted.has(sha256)) return false;
    }
    isUnlinked(staged);
    // It may have been kept anew while it was read.
    if (this.#keptAt(sha256) === keptAt) this.#drop([sha256]);
    return false;
  }

  /** Drops what exceeds the limits, the oldest first; not what is kept anew meanwhile. */
  async trim(now: Millis): Promise<void> {
    this.#grown = { count: 0, bytes: 0 };
    const { days, count, bytes } = this.#limits();
    const beyond = this.#store.all(
      `SELECT sha256, kept_at FROM (
         SELECT sha256, kept_at, row_number() OVER newest AS count, sum(size) OVER newest AS bytes
         FROM version WHERE site = ? WINDOW newest AS (ORDER BY kept_at DESC, sha256))
       WHERE count > ? OR bytes > ? OR kept_at <= ?`,
      this.#site,
      count,
      bytes,
      now - days * DAY_MILLIS,
    );
    for (let start = 0; start < beyond.length; start += BATCH) {
      if (start > 0) await nextTurn();
      const batch = beyond
        .slice(start, start + BATCH)
        .map((row) => ({ sha256: text(row['sha256']), at: row['kept_at'] }));
      this.#drop(batch.flatMap(({ sha256, at }) => (this.#keptAt(sha256) === at ? [sha256] : [])));
    }
  }

  /** At start, when nothing is being kept: removes files that no row knows, and rows of what the disk has lost. */
  async sweep(): Promise<void> {
    const names = new Set(await readdir(this.#root.versions));
    for (const name of names) {
      if (!this.has(name)) isUnlinked(join(this.#root.versions, name));
    }
    for (let after = ''; ; ) {
      const hashes = this.hashesAfter(after, BATCH);
      const last = hashes.at(-1);
      if (last === undefined) return;
      after = last;
      this.#drop(hashes.filter((sha256) => !names.has(sha256)));
    }
  }

  #keptAt(sha256: Sha256): number | undefined {
    const row = this.#store.get('SELECT kept_at FROM version WHERE site = ? AND sha256 = ?', this.#site, sha256);
    return row && int(row['kept_at']);
  }

  /**
   * Files and rows in one turn of the event loop: what is kept in between would lose the one and have the other. What cannot be removed stays,
   * and is tried again another time.
   */
  #drop(hashes: readonly Sha256[]): void {
    const gone = hashes.filter((sha256) => isUnlinked(join(this.#root.versions, sha256)));
    if (gone.length === 0) return;
    for (const sha256 of gone) this.#noted.delete(sha256);
    const sql = 'DELETE FROM version WHERE site = ? AND sha256 = ?';
    this.#store.transaction(() => gone.forEach((sha256) => this.#store.run(sql, this.#site, sha256)));
  }
}

/** False: the disk or a right is in the way, or it is no file. */
function isUnlinked(absolute: string): boolean {
  try {
    unlinkFreeing(absolute);
    return true;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return isNotFound(error);
  }
}
