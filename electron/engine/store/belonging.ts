import { DEFAULT_RULES, type SiteRules, siteRules } from '../../../shared/contract/rules.ts';
import type { Millis, ReleaseTag, Sha256 } from '../../../shared/domain/change.ts';
import type { Reference } from '../../../shared/domain/reference.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Round } from '../core/planning.ts';
import type { Row, Store } from './open.ts';
import { int, optionalInt, path as toPath, text, textOrNull } from './rows.ts';
import { within, withinValues } from './within.ts';

/** A release that this mirror was told of. Times by its own clock. */
export interface FollowedRelease {
  readonly id: number;
  readonly together: boolean;
  readonly readyAt: Millis | undefined;
  /** The master has given the word. */
  readonly go: boolean;
  readonly publishedAt: Millis | undefined;
}

/** What a mirror knows of what belongs together in one site: the master's rules, rounds of groups, releases, dead links. */
export class Belonging {
  readonly #store: Store;
  readonly #site: number;
  #rules: { readonly seq: number; readonly rules: SiteRules };
  /** Of links that were set by hand. */
  #targets: ReadonlySet<string>;
  /** The releases that are not published and went on in no other one. Kept in memory, so that mostly nothing has to be read. */
  #open: Set<number>;
  /** Releases for which the master has given the word. */
  readonly #words = new Set<number>();

  constructor(store: Store, site: number) {
    this.#store = store;
    this.#site = site;
    this.#rules = this.#readRules();
    this.#targets = targetsOf(this.#rules.rules);
    this.#open = this.#readOpen();
  }

  /** After a transaction that failed: what the database says. */
  reload(): void {
    this.#rules = this.#readRules();
    this.#targets = targetsOf(this.#rules.rules);
    this.#open = this.#readOpen();
  }

  get rules(): SiteRules {
    return this.#rules.rules;
  }

  setRules(seq: number, rules: SiteRules): void {
    const sql = 'UPDATE site SET rules = ?, rules_seq = ? WHERE id = ?';
    this.#store.run(sql, JSON.stringify(rules), seq, this.#site);
    this.#rules = { seq, rules };
    this.#targets = targetsOf(rules);
    const noted = this.#store
      .all('SELECT path FROM target WHERE site = ?', this.#site)
      .map((row) => toPath(row['path']));
    for (const path of noted.filter((each) => !this.#targets.has(each)))
      this.#store.run('DELETE FROM target WHERE site = ? AND path = ?', this.#site, path);
  }

  /** A member of a group has been notified. */
  note(group: string, member: string, at: Millis): void {
    const sql = `INSERT INTO round (site, grp, member, first_at, last_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET last_at = excluded.last_at`;
    this.#store.run(sql, this.#site, group, member, at, at);
  }

  round(group: string): Round | undefined {
    const rows = this.#store.all('SELECT * FROM round WHERE site = ? AND grp = ?', this.#site, group);
    if (rows.length === 0) return undefined;
    return {
      began: Math.min(...rows.map((row) => int(row['first_at']))),
      changedAt: Math.max(...rows.map((row) => int(row['last_at']))),
      noted: new Set(rows.map((row) => text(row['member']))),
    };
  }

  /** Returns how it goes on after all, with what has been noted since. */
  endRound(group: string): () => void {
    const rows = this.#store.all('SELECT * FROM round WHERE site = ? AND grp = ?', this.#site, group);
    this.#store.run('DELETE FROM round WHERE site = ? AND grp = ?', this.#site, group);
    const sql = `INSERT INTO round (site, grp, member, first_at, last_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET first_at = min(first_at, excluded.first_at)`;
    return () => {
      for (const row of rows)
        this.#store.run(sql, this.#site, group, text(row['member']), int(row['first_at']), int(row['last_at']));
    };
  }

  /** See `MirrorState.clockSet`. */
  clockSet(by: Millis): void {
    const rounds = 'UPDATE round SET first_at = max(0, first_at + ?1), last_at = max(0, last_at + ?1) WHERE site = ?2';
    this.#store.run(rounds, by, this.#site);
    this.#store.run('UPDATE target SET changed_at = max(0, changed_at + ?1) WHERE site = ?2', by, this.#site);
  }

  /** See `MirrorState.notLaterThan`. */
  notLaterThan(now: Millis): void {
    const first = 'UPDATE round SET first_at = ?1 WHERE site = ?2 AND first_at > ?1';
    this.#store.run(first, now, this.#site);
    this.#store.run('UPDATE round SET last_at = ?1 WHERE site = ?2 AND last_at > ?1', now, this.#site);
    this.#store.run('UPDATE target SET changed_at = ?1 WHERE site = ?2 AND changed_at > ?1', now, this.#site);
  }

  /** The target of a link that was set by hand has been notified. */
  noteTarget(path: SitePath, at: Millis): void {
    if (!this.#targets.has(path)) return;
    const sql = `INSERT INTO target (site, path, changed_at) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET changed_at = excluded.changed_at`;
    this.#store.run(sql, this.#site, path, at);
  }

  targetChangedAt(path: SitePath): Millis | undefined {
    const row = this.#store.get('SELECT changed_at FROM target WHERE site = ? AND path = ?', this.#site, path);
    return optionalInt(row?.['changed_at']);
  }

  noteRelease(tag: ReleaseTag): void {
    const { last, together } = this.#wentOnIn(tag.last) ?? tag;
    const sql = 'INSERT INTO followed_release (site, id, together) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
    if (this.#store.run(sql, this.#site, last, together ? 1 : 0) > 0) this.#open.add(last);
  }

  /** A newer release takes over what is left of an older one, of which it has overtaken a part. The paths of which it does. */
  merge(from: number, into: number): SitePath[] {
    const moved = this.#store.all('SELECT path FROM want WHERE site = ? AND release = ?', this.#site, from);
    this.#store.run('UPDATE want SET release = ? WHERE site = ? AND release = ?', into, this.#site, from);
    this.#store.run('UPDATE followed_release SET merged = ? WHERE site = ? AND id = ?', into, this.#site, from);
    this.#store.run('UPDATE followed_release SET merged = ? WHERE site = ? AND merged = ?', into, this.#site, from);
    this.#open.delete(from);
    return moved.map((row) => toPath(row['path']));
  }

  /** A release takes over what of an older one was heard in yet another, `from`, at these paths. Those of which it does. */
  moveOut(
    from: number,
    { release, paths }: { readonly release: number; readonly paths: readonly SitePath[] },
    into: number,
  ): SitePath[] {
    const sql = 'UPDATE want SET release = ? WHERE site = ? AND path = ? AND release = ?';
    const moved = paths.filter((path) => this.#store.run(sql, into, this.#site, path, from) > 0);
    // Also where nothing was heard of it: what a catch-up told as one may have had its number.
    const goesOn = 'UPDATE followed_release SET merged = ? WHERE site = ? AND id = ? AND merged = ?';
    this.#store.run(goesOn, into, this.#site, release, from);
    return moved;
  }

  /** A newer release has overtaken a part of this one. Where nothing was heard of it by its id, what comes of it is of that one. */
  goneOn(id: number, into: ReleaseTag): void {
    if (this.release(id)) return;
    const sql = 'INSERT OR REPLACE INTO gone_on (site, release, into_release, together) VALUES (?, ?, ?, ?)';
    this.#store.run(sql, this.#site, id, into.last, into.together ? 1 : 0);
  }

  /** The release that has taken over what was left of this one, be it by way of others; itself where there is none. */
  goesOnIn(id: number): number {
    const { last } = this.#wentOnIn(id) ?? { last: id };
    const row = this.#store.get('SELECT merged FROM followed_release WHERE site = ? AND id = ?', this.#site, last);
    return optionalInt(row?.['merged']) ?? last;
  }

  /** The release that this one went on in, where it is not known here by its own id. */
  #wentOnIn(id: number): ReleaseTag | undefined {
    const row = this.#store.get('SELECT * FROM gone_on WHERE site = ? AND release = ?', this.#site, id);
    return row && { last: int(row['into_release']), ...(row['together'] === 1 && { together: true }) };
  }

  /**
   * What is left of all releases that are not complete here is told together as the release `into` (a catch-up): what was heard
   * of them before, on a link that broke or fell behind, goes on in it. A word that is still to be given is waited for, and what a
   * snapshot tells of a release that was committed after it was begun is no part of what that has missed. `knownTo`: see
   * `MirrorState.knownTo`.
   */
  mergeIncomplete(into: number, knownTo: number): SitePath[] {
    if (this.#open.size < 2) return [];
    const cutOff = this.openReleases().filter(({ id, together, go }) => id > knownTo && id < into && (!together || go));
    return cutOff.flatMap(({ id }) => this.merge(id, into));
  }

  /**
   * Under which ids that are not shown yet something may have been heard of the release `id`, which goes on in `into`: its own, or
   * that of a snapshot, or of a catch-up that broke off, where all that waited for no word was one.
   */
  heardOf(id: number, into: ReleaseTag): number[] {
    if (this.#open.size === 0) return [];
    const mayHold = (open: FollowedRelease): boolean =>
      open.id === id || (into.together === true && !open.together && open.id > id);
    return this.openReleases().flatMap((open) => (open.id !== into.last && mayHold(open) ? [open.id] : []));
  }

  release(id: number): FollowedRelease | undefined {
    const row = this.#store.get('SELECT * FROM followed_release WHERE site = ? AND id = ?', this.#site, id);
    return row && this.#toRelease(row);
  }

  /** Something of the release, or of the one that it went on in, is not shown. */
  isOpen(id: number): boolean {
    return this.#open.size > 0 && this.#open.has(this.goesOnIn(id));
  }

  get isAnyOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Not published, the oldest first; those that went on in a newer one are left out. */
  openReleases(): FollowedRelease[] {
    if (this.#open.size === 0) return [];
    const sql = 'SELECT * FROM followed_release WHERE site = ? AND published_at IS NULL AND merged IS NULL ORDER BY id';
    return this.#store.all(sql, this.#site).map((row) => this.#toRelease(row));
  }

  latestReleases(limit: number): FollowedRelease[] {
    const sql = 'SELECT * FROM followed_release WHERE site = ? ORDER BY id DESC LIMIT ?';
    return this.#store.all(sql, this.#site, limit).map((row) => this.#toRelease(row));
  }

  /** All of it is here: noted once. */
  ready(id: number, at: Millis): void {
    const sql = 'UPDATE followed_release SET ready_at = coalesce(ready_at, ?) WHERE site = ? AND id = ?';
    this.#store.run(sql, at, this.#site, id);
  }

  /** The master gives the word. It does so again on each link until the release is published here: it need not be stored. */
  go(id: number): void {
    this.#words.add(id);
  }

  /** All of a release is shown. Returns the releases that count as shown from now on: those that went on in it as well. */
  published(id: number, at: Millis): number[] {
    const where = 'site = ? AND (id = ? OR merged = ?) AND published_at IS NULL';
    const ids = this.#store.all(`SELECT id FROM followed_release WHERE ${where}`, this.#site, id, id);
    this.#store.run(`UPDATE followed_release SET published_at = ? WHERE ${where}`, at, this.#site, id, id);
    const done = ids.map((row) => int(row['id']));
    for (const each of done) this.#open.delete(each);
    // Everything that was told until now is shown. What still comes of these releases belongs to nothing that waits.
    const shown = 'DELETE FROM gone_on WHERE site = ? AND into_release <= ?';
    if (this.#open.size === 0) this.#store.run(shown, this.#site, id);
    return done;
  }

  /** Drops releases that were published before `at`. */
  trim(at: Millis): void {
    this.#store.run('DELETE FROM followed_release WHERE site = ? AND published_at < ?', this.#site, at);
  }

  /** Another journal has other releases and rounds. */
  forget(): void {
    this.#store.run('DELETE FROM followed_release WHERE site = ?', this.#site);
    this.#store.run('DELETE FROM gone_on WHERE site = ?', this.#site);
    this.#store.run('DELETE FROM round WHERE site = ?', this.#site);
    this.#store.run('DELETE FROM target WHERE site = ?', this.#site);
    this.#store.run('UPDATE want SET release = NULL WHERE site = ?', this.#site);
    this.#open.clear();
    this.#words.clear();
  }

  wasMissing(page: SitePath, target: Reference): boolean {
    const sql = 'SELECT 1 FROM missing WHERE site = ? AND page = ? AND target = ?';
    return this.#store.get(sql, this.#site, page, target) !== undefined;
  }

  /** The same of any published page with this content: a page that has another name now is the page that it was. */
  wasMissingIn(sha256: Sha256, target: Reference): boolean {
    const sql = `SELECT 1 FROM entry e INDEXED BY entry_by_hash WHERE e.site = ? AND e.sha256 = ? AND e.kind = 'file'
      AND EXISTS (SELECT 1 FROM missing m WHERE m.site = e.site AND m.page = e.path AND m.target = ?) LIMIT 1`;
    return this.#store.get(sql, this.#site, sha256, target) !== undefined;
  }

  markMissing(page: SitePath, target: Reference, since: Millis): void {
    const sql = 'INSERT INTO missing (site, page, target, since) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#store.run(sql, this.#site, page, target, since);
  }

  /** Keeps of the page's dead links those that `refs` still has. */
  keepMissing(page: SitePath, refs: readonly Reference[]): void {
    const rows = this.#store.all('SELECT target FROM missing WHERE site = ? AND page = ?', this.#site, page);
    for (const row of rows) {
      const target = text(row['target']) as Reference;
      if (refs.includes(target)) continue;
      this.#store.run('DELETE FROM missing WHERE site = ? AND page = ? AND target = ?', this.#site, page, target);
    }
  }

  /** What a page will be under another name leads nowhere where it does now, by the names that its targets have then. */
  copyMissing(from: SitePath, to: SitePath, leadingNow: (target: Reference) => Reference): void {
    for (const row of this.#store.all('SELECT * FROM missing WHERE site = ? AND page = ?', this.#site, from))
      this.markMissing(to, leadingNow(text(row['target']) as Reference), int(row['since']));
  }

  /** A page, or all that is in a folder, has another name: see `Links.move`. */
  movePages(from: SitePath, to: SitePath): void {
    const dropped = `DELETE FROM missing WHERE site = ? AND ${within('page')}`;
    this.#store.run(dropped, this.#site, ...withinValues(to));
    this.#store.run(
      `UPDATE OR REPLACE missing SET
         target = CASE WHEN (target = ? OR (target > ? || '/' AND target < ? || '0'))
           THEN ? || substr(target, length(?) + 1) ELSE target END,
         page = ? || substr(page, length(?) + 1)
       WHERE site = ? AND ${within('page')}`,
      ...[from, from, from, to, from, to, from],
      this.#site,
      ...withinValues(from),
    );
  }

  #readRules(): { readonly seq: number; readonly rules: SiteRules } {
    const row = this.#store.get('SELECT rules, rules_seq FROM site WHERE id = ?', this.#site);
    const json = textOrNull(row?.['rules'] ?? null);
    const rules = json === null ? DEFAULT_RULES : siteRules.parse(JSON.parse(json));
    return { seq: int(row?.['rules_seq']), rules };
  }

  #readOpen(): Set<number> {
    const sql = 'SELECT id FROM followed_release WHERE site = ? AND published_at IS NULL AND merged IS NULL';
    return new Set(this.#store.all(sql, this.#site).map((row) => int(row['id'])));
  }

  #toRelease(row: Row): FollowedRelease {
    const id = int(row['id']);
    return {
      id,
      together: row['together'] === 1,
      go: this.#words.has(id),
      readyAt: optionalInt(row['ready_at']),
      publishedAt: optionalInt(row['published_at']),
    };
  }
}

function targetsOf({ links }: SiteRules): ReadonlySet<string> {
  return new Set(links.set.map(({ target }) => target));
}
