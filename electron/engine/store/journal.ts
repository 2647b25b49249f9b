import { randomBytes } from 'node:crypto';
import { sitePath } from '../../../shared/contract/primitives.ts';
import { DEFAULT_RULES, type SiteRules, siteRules } from '../../../shared/contract/rules.ts';
import type { Change, Millis, Present, ReleaseTag, Unnumbered } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { joinOverlapping } from '../core/overlap.ts';
import { RELEASE_OF_MOVED } from './release-of-moved.ts';
import { releasePaths } from './release-paths.ts';
import type { Store } from './open.ts';
import { Terms } from './terms.ts';
import { type Before, nothingBefore, SiteIndex, without } from './site-index.ts';
import { defined } from '../core/defined.ts';
import { int, optionalInt, path as pathOf, text, textOrNull, toChange, toEntry, toReleaseTag } from './rows.ts';

export interface Author {
  readonly account: string;
  readonly address?: string;
}

/** What a page of the index tells of a path. */
export type Tagged =
  | (Present & { readonly release?: ReleaseTag })
  | { readonly kind: 'gone'; readonly path: SitePath; readonly release: ReleaseTag };

/** Files from `seq` on are published by these rules. */
export interface RulesRow {
  readonly op: 'rules';
  readonly seq: number;
  readonly rules: SiteRules;
}

/** A master's journal of one site, and its index. Both change in the same transaction (SPEC §4). */
export class Journal {
  readonly site: number;
  /** What the site has. */
  readonly index: SiteIndex;
  readonly #store: Store;
  readonly #terms: Terms;
  #id: string;
  #renewed = false;
  #head: number;
  #floor: number;
  #rules: RulesRow;
  #lookedAt: Millis | undefined;
  #disks: readonly SitePath[];
  /** The seq of the newest rename, or a later one: before this opening of the journal there may have been one at any seq. */
  #renamed: number;
  /** Until `confirm`: the last seq of `append`, what that has replaced in the index, and what else is to be undone with it. */
  #open: { readonly last: number; readonly before: Before; readonly alsoBack: () => void } | undefined;
  /** The only change of the last `append`, where reading it back would give just that: each live mirror asks for it at once. */
  #newest: Change | undefined;

  /** Opens the site's journal, or begins one with a new id. */
  constructor(store: Store, name: string) {
    this.#store = store;
    store.run('INSERT INTO site (name, journal) VALUES (?, ?) ON CONFLICT DO NOTHING', name, newJournalId());
    const row = store.get(
      'SELECT id, journal, seq, floor, rules, rules_seq, looked_at, disks FROM site WHERE name = ?',
      name,
    );
    this.site = int(row?.['id']);
    this.#id = text(row?.['journal']);
    this.#terms = new Terms(store, this.site);
    this.#head = int(row?.['seq']);
    this.#floor = int(row?.['floor']);
    this.index = new SiteIndex(store, this.site);
    this.#renamed = this.#head;
    const rules = textOrNull(row?.['rules'] ?? null);
    this.#rules = {
      op: 'rules',
      seq: int(row?.['rules_seq']),
      rules: rules === null ? DEFAULT_RULES : siteRules.parse(JSON.parse(rules)),
    };
    this.#lookedAt = optionalInt(row?.['looked_at']);
    const disks = textOrNull(row?.['disks'] ?? null);
    this.#disks = disks === null ? [] : sitePath.array().parse(JSON.parse(disks));
  }

  get id(): string {
    return this.#id;
  }

  /** The stretch of the journal that this opening writes; mirrors name it with their cursors. */
  get term(): string {
    return this.#terms.current(this.#head);
  }

  /**
   * True where a mirror's cursor is of another copy of this journal, which went another way: then this one was put back from a backup.
   * Also true where the mirror names a journal that this database has never had: it may have been put back from a backup before.
   */
  isForked(id: string, term: string, seq: number): boolean {
    if (id === this.#id) return this.#terms.isForked(term, seq, { head: this.#head, floor: this.floor });
    return this.#store.get('SELECT 1 FROM former_journal WHERE site = ? AND id = ?', this.site, id) === undefined;
  }

  /**
   * Gives the journal another id, so that every mirror compares everything, and forgets what it knows of seqs. Once for each opening: it
   * was put back before it was opened, and whatever a mirror says later is no reason to do it again.
   */
  renew(): void {
    if (this.#renewed) return;
    const id = newJournalId();
    this.#store.transaction(() => {
      this.#store.run('INSERT OR IGNORE INTO former_journal (site, id) VALUES (?, ?)', this.site, this.#id);
      this.#store.run('UPDATE site SET journal = ? WHERE id = ?', id, this.site);
      this.#terms.forget();
    });
    this.#id = id;
    this.#renewed = true;
  }

  get renewed(): boolean {
    return this.#renewed;
  }

  /** What belongs together, and since which seq. */
  get rules(): RulesRow {
    return this.#rules;
  }

  /** Journals other rules, from the next seq on. The caller holds the site's lock. */
  setRules(rules: SiteRules, by: Author, at: Millis): void {
    this.#terms.current(this.#head);
    this.#store.transaction(() => {
      this.#revert();
      const seq = this.#head + 1;
      const json = JSON.stringify(rules);
      this.#store.run(
        "INSERT INTO journal (site, seq, op, path, at, account, address, rules) VALUES (?, ?, 'rules', '', ?, ?, ?, ?)",
        this.site,
        seq,
        at,
        by.account,
        by.address ?? null,
        json,
      );
      this.#store.run('UPDATE site SET seq = ?, rules = ?, rules_seq = ? WHERE id = ?', seq, json, seq, this.site);
    });
    this.#head += 1;
    this.#open = undefined;
    this.#newest = undefined;
    this.#rules = { op: 'rules', seq: this.#head, rules };
  }

  /** The seq of the newest change whose effect on the tree is there too: what mirrors may be told. 0 in an empty journal. */
  get head(): number {
    return this.#head;
  }

  /** Tombstones and rows up to here have been dropped: a cursor below is of no use. */
  get floor(): number {
    return this.#floor;
  }

  /**
   * False between `append` and `confirm`: the index is ahead of the head, and may be taken back. What mirrors are told from
   * the index has to wait.
   */
  get settled(): boolean {
    return this.#open === undefined;
  }

  /**
   * Journals `changes` and brings the index up to date, in one transaction together with `also`. Mirrors are not told
   * before `confirm`: the caller changes the tree in between. `release`: they are one, and carry its tag.
   */
  append(
    changes: readonly Unnumbered[],
    by: Author,
    at: Millis,
    also: () => void = nothing,
    release?: { readonly together: boolean },
  ): Change[] {
    const written = changes.map((change) => ({ change, by }));
    return this.appendGroup(written, at, also, release);
  }

  /** The same, where each change has its own author. */
  appendGroup(
    changes: readonly { readonly change: Unnumbered; readonly by: Author }[],
    at: Millis,
    also: () => void = nothing,
    release?: { readonly together: boolean },
  ): Change[] {
    this.#terms.current(this.#head);
    const before = nothingBefore();
    const last = this.#head + changes.length;
    const tag = release && { release: release.together ? { last, together: true } : { last } };
    const numbered = this.#store.transaction(() => {
      this.#revert();
      const rows = changes.map(({ change, by }, index) => {
        const numbered: Change = { ...change, seq: this.#head + index + 1, at, ...tag };
        this.index.note(numbered, this.#head, before);
        this.#write(numbered, by);
        return numbered;
      });
      this.#store.run('UPDATE site SET seq = ? WHERE id = ?', last, this.site);
      also();
      return rows;
    });
    this.#open = { last, before, alsoBack: nothing };
    this.#newest = numbered.length === 1 ? numbered.flatMap(asRead)[0] : undefined;
    return numbered;
  }

  /** The tree is what the journal says. */
  confirm(): void {
    this.#head = this.#open?.last ?? this.#head;
    this.#open = undefined;
  }

  /** The tree is what the journal says up to the last of these changes. Where more were appended these are puts, and the others of other paths. */
  confirmTo(changes: readonly Change[]): void {
    const last = changes.at(-1)?.seq;
    if (!this.#open || last === undefined || last === this.#open.last) return this.confirm();
    const before = changes.reduce((rest, { path }) => without(rest, path), this.#open.before);
    this.#open = { ...this.#open, before };
    this.#head = last;
  }

  /**
   * The tree did not take what was appended: journal and index are again what they were, and `also` is done, in one
   * transaction. The numbers are given anew: nobody has heard of them. Where it throws, `settle` or the next `append` makes up for it.
   */
  takeBack(also: () => void): void {
    if (this.#open) this.#open = { ...this.#open, alsoBack: also };
    this.#newest = undefined;
    this.settle();
  }

  /** Takes back what `takeBack` could not. */
  settle(): void {
    this.#store.transaction(() => this.#revert());
    this.#open = undefined;
  }

  /** When the first change after `seq` was made; undefined: there is none, or it is forgotten. */
  timeAfter(seq: number): Millis | undefined {
    const row = this.#store.get(
      'SELECT at FROM journal WHERE site = ? AND seq > ? ORDER BY seq LIMIT 1',
      this.site,
      seq,
    );
    return row === undefined ? undefined : int(row['at']);
  }

  /** When, and by whom, a change was made; where it is forgotten, the first one after it that is not. */
  madeAt(seq: number): { seq: number; at: Millis; account: string } | undefined {
    const sql = 'SELECT seq, at, account FROM journal WHERE site = ? AND seq >= ? ORDER BY seq LIMIT 1';
    const row = this.#store.get(sql, this.site, seq);
    return row && { seq: int(row['seq']), at: int(row['at']), account: text(row['account']) };
  }

  /** When somebody last began to compare all of the folder with the index, and came to the end of it. Undefined: never. */
  get lookedAt(): Millis | undefined {
    return this.#lookedAt;
  }

  /** The folders that were disks of their own when somebody last compared as much as could be read. */
  get disks(): readonly SitePath[] {
    return this.#disks;
  }

  setLookedAt(at: Millis | undefined, disks: readonly SitePath[]): void {
    const listed = disks.length === 0 ? null : JSON.stringify(disks);
    this.#store.run('UPDATE site SET looked_at = ?, disks = ? WHERE id = ?', at ?? null, listed, this.site);
    this.#lookedAt = at;
    this.#disks = disks;
  }

  /** Rows of the journal after `seq`, in order. Links are those of today. */
  changesAfter(seq: number, limit: number): (Change | RulesRow)[] {
    if (this.#newest?.seq === this.#head && seq === this.#head - 1) return [this.#newest];
    const sql = `SELECT j.*, r.together IS NOT NULL AND r.go_at IS NULL AS together FROM journal j
      LEFT JOIN release r ON r.site = j.site AND r.id = j.release
      WHERE j.site = ? AND j.seq > ? AND j.seq <= ? ORDER BY j.seq LIMIT ?`;
    return this.#store.all(sql, this.site, seq, this.#head, limit).map((row): Change | RulesRow => {
      if (row['op'] === 'rules')
        return { op: 'rules', seq: int(row['seq']), rules: siteRules.parse(JSON.parse(text(row['rules']))) };
      const change = toChange(row);
      if (change.op === 'put') return this.index.withRefs(change.path, change);
      if (change.op !== 'rename' || !change.content) return change;
      return { ...change, content: this.index.withRefs(change.path, change.content) };
    });
  }

  /**
   * The latest state of each path that changed after (`seq`, `path`), in the order (seq, path): the journal, compacted.
   * A rename of a folder gives one row for each entry below it, all with the rename's seq. What is told after `since` and
   * belongs to a release carries the release's tag, also where a later change has overtaken it: else a part would be missing. What
   * was of another one, and was renamed since, carries that where it `mayWait`: something of before waits at the mirror.
   */
  latestAfter(seq: number, path: string, limit: number, since: number, mayWait: boolean): Change[] {
    const where = '(e.seq, e.path) > (?, ?) AND e.seq <= ? ORDER BY e.seq, e.path LIMIT ?';
    return this.#latest(where, since, mayWait, seq, path, this.#head, limit);
  }

  /** The same for the one change `seq`: what is left of a rename, entry by entry. */
  latestOf(seq: number, mayWait: boolean): Change[] {
    return this.#latest('e.seq = ? ORDER BY e.path', this.#head, mayWait, seq);
  }

  /**
   * Where the releases of which something came after `since` go on, where that is not in themselves alone: see
   * `joinOverlapping`. Empty while no word is waited for: all of them are told as one then.
   */
  overlapsAfter(since: number): ReadonlyMap<number, ReleaseTag> {
    const waiting =
      'SELECT 1 FROM release WHERE site = ? AND id > ? AND together IS NOT NULL AND go_at IS NULL LIMIT 1';
    if (!this.#store.get(waiting, this.site, since)) return new Map();
    const sql = `SELECT j.path, r.id AS release, r.together IS NOT NULL AND r.go_at IS NULL AS together
      FROM journal j JOIN release r ON r.site = j.site AND r.id = j.release
      WHERE j.site = ? AND j.release > ? AND j.seq <= ? ORDER BY j.path, j.seq`;
    const rows = this.#store.all(sql, this.site, since, this.#head);
    return joinOverlapping(
      rows.flatMap((row) => {
        const release = toReleaseTag(row);
        return release ? [{ path: pathOf(row['path']), release }] : [];
      }),
    );
  }

  /** See `releasePaths`; without what belongs to another release by now. */
  pathsOf(releases: readonly number[]): ReadonlyMap<number, SitePath[]> {
    if (releases.length === 0) return new Map();
    const isOf = (release: number) => (path: SitePath) =>
      this.#tagged('e.path = ?', path)[0]?.release?.last === release;
    const named = releasePaths(this.#store, this.site, releases);
    return new Map([...named].map(([release, names]) => [release, names.filter(isOf(release))]));
  }

  /**
   * A page of the index, as `SiteIndex.page`, each with the tag of the release that it belongs to, also where a later change has
   * overtaken it: see `latestAfter`. With what is gone with a release.
   */
  taggedPage(path: string, limit: number): Tagged[] {
    return this.#tagged('e.path > ? ORDER BY e.path LIMIT ?', path, limit);
  }

  aborted(path: SitePath, at: Millis, by: Author, bytes: number, reason: string): void {
    const sql = 'INSERT INTO aborted (site, path, at, account, address, bytes, reason) VALUES (?, ?, ?, ?, ?, ?, ?)';
    this.#store.run(sql, this.site, path, at, by.account, by.address ?? null, bytes, reason);
  }

  /**
   * Drops rows and tombstones of changes before `at`. Mirrors whose cursor is below get a snapshot. What was of a release only its rows
   * say: those of one that waits for the word stay, and what came after them.
   */
  trim(at: Millis): void {
    this.#floor = this.#store.transaction(() => {
      this.#store.run('DELETE FROM aborted WHERE site = ? AND at < ?', this.site, at);
      const sql = `SELECT max(seq) AS seq FROM journal WHERE site = ?1 AND at < ?2 AND seq < coalesce(
        (SELECT min(first) FROM release WHERE site = ?1 AND together IS NOT NULL AND go_at IS NULL), seq + 1)`;
      const row = this.#store.get(sql, this.site, at);
      const seq = row?.['seq'];
      if (typeof seq !== 'number') return this.#floor;
      this.#store.run('DELETE FROM journal WHERE site = ? AND seq <= ?', this.site, seq);
      this.index.trim(seq);
      this.#store.run('DELETE FROM delivery WHERE site = ? AND seq <= ?', this.site, seq);
      const floor = Math.max(this.#floor, seq);
      this.#store.run('UPDATE site SET floor = ? WHERE id = ?', floor, this.site);
      this.#terms.trim(seq);
      return floor;
    });
  }

  /**
   * In a query of entries `e` and their rows `j`, whose first parameter is `since`, the seq after which releases count: the one that an
   * entry is told to belong to. Names that it had before are looked for only where anything was renamed since a release that counts,
   * waits for its word, or `mayWait`.
   */
  #releaseOfEntry(since: number, mayWait: boolean): string {
    const sql = `SELECT 1 FROM release
      WHERE site = ? AND id < ? AND (id > ? OR (together IS NOT NULL AND go_at IS NULL)) LIMIT 1`;
    const from = mayWait ? 0 : since;
    const mayHaveMoved = this.#renamed > 0 && this.#store.get(sql, this.site, this.#renamed, from) !== undefined;
    return `coalesce(j.release,
      (SELECT max(o.release) FROM journal o INDEXED BY journal_by_release
        WHERE o.site = e.site AND o.path = e.path AND o.release > ?1), ${mayHaveMoved ? RELEASE_OF_MOVED : 'NULL'})`;
  }

  #latest(where: string, since: number, mayWait: boolean, ...values: (string | number)[]): Change[] {
    const sql = `SELECT e.*, coalesce(j.at, 0) AS at, r.id AS release, r.together IS NOT NULL AND r.go_at IS NULL AS together
      FROM entry e LEFT JOIN journal j ON j.site = e.site AND j.seq = e.seq
      LEFT JOIN release r ON r.site = e.site AND r.id = ${this.#releaseOfEntry(since, mayWait)}
      WHERE e.site = ? AND ${where}`;
    return this.#store.all(sql, since, this.site, ...values).map((row): Change => {
      const entry = toEntry(row);
      const head = defined({ seq: entry.seq, at: int(row['at']), path: entry.path, release: toReleaseTag(row) });
      switch (entry.kind) {
        case 'file':
          return {
            op: 'put',
            ...this.index.withRefs(entry.path, { ...head, size: entry.size, mtime: entry.mtime, sha256: entry.sha256 }),
          };
        case 'dir':
          return { op: 'mkdir', ...head };
        case 'gone':
          return { op: 'delete', ...head };
      }
    });
  }

  #tagged(where: string, ...values: (string | number)[]): Tagged[] {
    const sql = `SELECT e.*, r.id AS release, r.together IS NOT NULL AND r.go_at IS NULL AS together
      FROM entry e LEFT JOIN journal j ON j.site = e.site AND j.seq = e.seq
      LEFT JOIN release r ON r.site = e.site AND r.id = ${this.#releaseOfEntry(0, true)}
      WHERE e.site = ? AND (e.kind <> 'gone' OR r.id IS NOT NULL) AND ${where}`;
    return this.#store.all(sql, 0, this.site, ...values).flatMap((row): Tagged[] => {
      const entry = toEntry(row);
      const release = toReleaseTag(row);
      if (entry.kind === 'gone') return release ? [{ kind: 'gone', path: entry.path, release }] : [];
      const present = entry.kind === 'file' ? this.index.withRefs(entry.path, entry) : entry;
      return [release ? { ...present, release } : present];
    });
  }

  /** Every row that was written since has a seq beyond the head. */
  #revert(): void {
    if (!this.#open) return;
    this.#store.run('DELETE FROM journal WHERE site = ? AND seq > ?', this.site, this.#head);
    this.index.restore(this.#open.before, this.#head);
    this.#store.run('UPDATE site SET seq = ? WHERE id = ?', this.#head, this.site);
    this.#open.alsoBack();
  }

  #write(change: Change, by: Author): void {
    const rename = change.op === 'rename' ? change : undefined;
    const content = change.op === 'put' ? change : rename?.content;
    this.#store.run(
      `INSERT INTO journal (site, seq, op, path, origin, kind, size, mtime, sha256, at, account, address, release)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      this.site,
      change.seq,
      change.op,
      change.path,
      rename?.from ?? null,
      rename?.kind ?? null,
      content?.size ?? null,
      content?.mtime ?? null,
      content?.sha256 ?? null,
      change.at,
      by.account,
      by.address ?? null,
      change.release?.last ?? null,
    );
    if (rename) this.#renamed = change.seq;
    this.index.apply(change);
  }
}

function nothing(): void {}

/** A change as its row gives it, where that is known without reading: a file that leads nowhere and belongs to no release. */
function asRead(change: Change): Change[] {
  if (change.op !== 'put' || change.release || (change.refs?.length ?? 0) > 0) return [];
  const { op, seq, at, path, size, mtime, sha256 } = change;
  return [{ op, seq, at, path, size, mtime, sha256 }];
}

function newJournalId(): string {
  return randomBytes(16).toString('hex');
}
