import { type Together, together } from '../../../shared/contract/releases.ts';
import type { Content, Millis, Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Row, Store } from './open.ts';
import { int, optionalInt, path as pathOf, text, textOrNull } from './rows.ts';

/** What stands, or stood, at a path. */
export type State = { readonly kind: 'file'; readonly content: Content } | { readonly kind: 'dir' | 'gone' };

export interface Before {
  readonly path: SitePath;
  readonly state: State;
}

export interface NewRelease {
  /** The seqs of its first and last change; `last` is its id. */
  readonly first: number;
  readonly last: number;
  readonly name: string;
  readonly at: Millis;
  readonly account: string;
  /** The id of the drop that it was. */
  readonly drop?: string | undefined;
  /** What it was called while it was open; undefined: nobody has worked on it in sessions. */
  readonly openedAs?: string | undefined;
  readonly reverts?: number | undefined;
  readonly together?: Together | undefined;
  /** What stood at each of its paths. */
  readonly before: readonly Before[];
  /** The mirrors that are told of at least one of them. */
  readonly peers: readonly string[];
}

export interface ReleasePeer {
  readonly peer: string;
  readonly readyAt: Millis | undefined;
  readonly publishedAt: Millis | undefined;
}

export interface Release {
  readonly id: number;
  readonly first: number;
  readonly name: string;
  readonly at: Millis;
  readonly account: string;
  readonly drop: string | undefined;
  readonly reverts: number | undefined;
  readonly together: Together | undefined;
  /** When the word was given; undefined: not yet, or none is needed. */
  readonly goAt: Millis | undefined;
  readonly peers: readonly ReleasePeer[];
  /** Paths. */
  readonly changes: number;
  /** From the commit until the last mirror has published it; undefined while one has not, and where none follows. */
  readonly convergedAfter: Millis | undefined;
  /** Between the first and the last mirror; undefined while one has not published it, and where one follows only. */
  readonly skew: Millis | undefined;
}

export interface ReleaseChange {
  readonly path: SitePath;
  readonly before: State;
  /** Undefined: the journal does not reach back so far. */
  readonly after: State | undefined;
}

/** Rows of the journal that are read in one go. */
const READ_AT_ONCE = 1000;

/** Where a hook wants to hear when it is everywhere: see `HookEvents`. */
const UNTOLD = `INSERT INTO untold_release
  SELECT ?, ? WHERE EXISTS (SELECT 1 FROM hook_heard WHERE kind = 'release-everywhere')`;

/** The releases of a master's site: what they changed, what stood there before, and how far each mirror is. */
export class ReleaseStore {
  readonly #store: Store;
  readonly #site: number;
  /** What is asked with each change and each report is mostly answered by this. */
  #mayAwaitGo = true;
  /** Up to where it was asked, since the last release, what mirrors show; Infinity: all. What is changed again counts later, not sooner. */
  readonly #askedUpTo = new Map<string, number>();

  constructor(store: Store, site: number) {
    this.#store = store;
    this.#site = site;
  }

  /** Within the transaction that journals its changes. */
  add(release: NewRelease): void {
    const { last, first, name, at, account, drop, openedAs, reverts, before, peers } = release;
    this.#mayAwaitGo = true;
    this.#askedUpTo.clear();
    this.#store.run(
      'INSERT INTO release (site, id, first, name, at, account, drop_id, opened_as, reverts, together) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      this.#site,
      last,
      first,
      name,
      at,
      account,
      drop ?? null,
      openedAs ?? null,
      reverts ?? null,
      release.together ? JSON.stringify(release.together) : null,
    );
    for (const { path, state } of before) {
      const content = state.kind === 'file' ? state.content : undefined;
      this.#store.run(
        'INSERT INTO release_before (site, release, path, kind, size, mtime, sha256) VALUES (?, ?, ?, ?, ?, ?, ?)',
        this.#site,
        last,
        path,
        state.kind,
        content?.size ?? null,
        content?.mtime ?? null,
        content?.sha256 ?? null,
      );
    }
    for (const peer of peers) {
      this.#store.run('INSERT INTO release_peer (site, release, peer) VALUES (?, ?, ?)', this.#site, last, peer);
    }
    if (peers.length > 0) this.#store.run(UNTOLD, this.#site, last);
  }

  /** Takes back an `add` whose changes the tree did not take. */
  remove(id: number): void {
    this.#store.run('DELETE FROM release WHERE site = ? AND id = ?', this.#site, id);
  }

  /** The newest first. */
  list(limit: number): Release[] {
    const sql = 'SELECT * FROM release WHERE site = ? ORDER BY id DESC LIMIT ?';
    return this.#store.all(sql, this.#site, limit).map((row) => this.#toRelease(row));
  }

  /** Those that every mirror shows, and hooks were not told of; the oldest first. */
  untold(limit: number): Release[] {
    const of = 'release_peer p WHERE p.site = u.site AND p.release = u.release';
    const sql = `SELECT r.* FROM untold_release u CROSS JOIN release r ON r.site = u.site AND r.id = u.release
      WHERE u.site = ? AND EXISTS (SELECT 1 FROM ${of}) AND NOT EXISTS (SELECT 1 FROM ${of} AND p.published_at IS NULL)
      ORDER BY u.release LIMIT ?`;
    return this.#store.all(sql, this.#site, limit).map((row) => this.#toRelease(row));
  }

  get(id: number): Release | undefined {
    const row = this.#store.get('SELECT * FROM release WHERE site = ? AND id = ?', this.#site, id);
    return row && this.#toRelease(row);
  }

  /** What an account has committed that was called so while it was open; undefined: nothing, or it is forgotten. */
  committed(openedAs: string, account: string): { readonly id: number; readonly changes: number } | undefined {
    const sql = 'SELECT id, first FROM release WHERE site = ? AND opened_as = ? AND account = ?';
    const row = this.#store.get(sql, this.#site, openedAs, account);
    return row && { id: int(row['id']), changes: int(row['id']) - int(row['first']) + 1 };
  }

  /** In the order of the paths. */
  changes(id: number): ReleaseChange[] {
    const sql = `SELECT b.*, j.op AS op, j.size AS newSize, j.mtime AS newMtime, j.sha256 AS newSha256
      FROM release_before b LEFT JOIN journal j ON j.site = b.site AND j.seq = (SELECT max(seq) FROM journal
        WHERE site = b.site AND path = b.path AND release = b.release)
      WHERE b.site = ? AND b.release = ? ORDER BY b.path`;
    return this.#store.all(sql, this.#site, id).map((row) => ({
      path: pathOf(row['path']),
      before: toState(text(row['kind']), row['size'], row['mtime'], row['sha256']),
      after:
        row['op'] === null
          ? undefined
          : toState(KINDS[text(row['op'])] ?? 'gone', row['newSize'], row['newMtime'], row['newSha256']),
    }));
  }

  /** What the journal made of each path, of changes after `from` up to `to`, in their order. */
  *between(from: number, to: number): Generator<{ path: SitePath; from: SitePath | undefined; state: State }> {
    const sql = `SELECT seq, op, path, origin, kind, size, mtime, sha256 FROM journal
      WHERE site = ? AND seq > ? AND seq <= ? AND op <> 'rules' ORDER BY seq LIMIT ${READ_AT_ONCE}`;
    for (let after = from; ; ) {
      const rows = this.#store.all(sql, this.#site, after, to);
      for (const row of rows) {
        const kind = row['op'] === 'rename' ? text(row['kind']) : (KINDS[text(row['op'])] ?? 'gone');
        yield {
          path: pathOf(row['path']),
          from: row['op'] === 'rename' ? pathOf(row['origin']) : undefined,
          state: toState(kind, row['size'], row['mtime'], row['sha256']),
        };
        after = int(row['seq']);
      }
      if (rows.length < READ_AT_ONCE) return;
    }
  }

  /** Nothing of the journal has been dropped yet. */
  reachesBack(): boolean {
    return int(this.#store.get('SELECT floor FROM site WHERE id = ?', this.#site)?.['floor']) === 0;
  }

  /** The seq of the newest change at a path, deletes too; undefined: the index knows nothing of it. */
  changedAt(path: SitePath): number | undefined {
    const sql = 'SELECT seq FROM entry WHERE site = ? AND path = ?';
    return optionalInt(this.#store.get(sql, this.#site, path)?.['seq']);
  }

  /** Names under which a content is published; a few of many. */
  filesWith(sha256: Sha256): SitePath[] {
    const sql = "SELECT path FROM entry WHERE site = ? AND sha256 = ? AND kind = 'file' LIMIT 10";
    return this.#store.all(sql, this.#site, sha256).map((row) => pathOf(row['path']));
  }

  /** Releases that are published together and have not been given the word, the oldest first. */
  awaitingGo(): Release[] {
    if (!this.#mayAwaitGo) return [];
    const sql = 'SELECT * FROM release WHERE site = ? AND together IS NOT NULL AND go_at IS NULL ORDER BY id';
    const rows = this.#store.all(sql, this.#site);
    this.#mayAwaitGo = rows.length > 0;
    return rows.map((row) => this.#toRelease(row));
  }

  /** Whether a mirror that has all of a release has to wait for the word. A release that is forgotten has had it. */
  waitsForWord(id: number): boolean {
    const row = this.#store.get('SELECT together, go_at FROM release WHERE site = ? AND id = ?', this.#site, id);
    return row !== undefined && row['together'] !== null && row['go_at'] === null;
  }

  /** Releases that have been given the word, the newest first. */
  givenWords(limit: number): number[] {
    const sql = 'SELECT id FROM release WHERE site = ? AND go_at IS NOT NULL ORDER BY id DESC LIMIT ?';
    return this.#store.all(sql, this.#site, limit).map((row) => int(row['id']));
  }

  /** A mirror has all of it, since `at` by this machine's clock. The first report counts. */
  setReady(id: number, peer: string, at: Millis): void {
    this.#setPeer('ready_at', id, peer, at);
  }

  setPublished(id: number, peer: string, at: Millis): void {
    this.#setPeer('published_at', id, peer, at);
  }

  /**
   * A mirror shows all changes up to `seq`. True: some release counts as shown there only now. A path that was changed again since counts
   * by its newest change: a mirror that still waits for that one may show nothing of the release.
   */
  setPublishedUpTo(seq: number, peer: string, at: Millis): boolean {
    if (seq <= (this.#askedUpTo.get(peer) ?? -1)) return false;
    const sql = `UPDATE release_peer AS p SET published_at = ?
      WHERE p.site = ? AND p.peer = ? AND p.release <= ? AND p.published_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM release_before b CROSS JOIN entry e ON e.site = b.site AND e.path = b.path
        WHERE b.site = p.site AND b.release = p.release AND e.seq > ?)`;
    const changed = this.#store.run(sql, at, this.#site, peer, seq, seq);
    const open = 'SELECT 1 FROM release_peer WHERE site = ? AND peer = ? AND published_at IS NULL LIMIT 1';
    this.#askedUpTo.set(peer, this.#store.get(open, this.#site, peer) ? seq : Number.POSITIVE_INFINITY);
    return changed > 0;
  }

  /** Gives a release the word. False: it was given before, or the release waits for none. Durable when it returns. */
  go(id: number, at: Millis): boolean {
    const sql = 'UPDATE release SET go_at = ? WHERE site = ? AND id = ? AND together IS NOT NULL AND go_at IS NULL';
    return this.#store.run(sql, at, this.#site, id) === 1;
  }

  /** A mirror that does not follow the site any more is not waited for. */
  dropPeer(peer: string): void {
    this.#store.run('DELETE FROM release_peer WHERE site = ? AND peer = ?', this.#site, peer);
  }

  /** Forgets the releases that the journal has forgotten: only its rows say what belonged to them. */
  trim(): void {
    this.#store.run('DELETE FROM release WHERE site = ?1 AND id <= (SELECT floor FROM site WHERE id = ?1)', this.#site);
  }

  #setPeer(column: 'ready_at' | 'published_at', id: number, peer: string, at: Millis): void {
    const sql = `UPDATE release_peer SET ${column} = ? WHERE site = ? AND release = ? AND peer = ? AND ${column} IS NULL`;
    this.#store.run(sql, at, this.#site, id, peer);
  }

  #toRelease(row: Row): Release {
    const id = int(row['id']);
    const at = int(row['at']);
    const where = 'WHERE site = ? AND release = ?';
    const peers = this.#store
      .all(`SELECT peer, ready_at, published_at FROM release_peer ${where} ORDER BY peer`, this.#site, id)
      .map((peer) => ({
        peer: text(peer['peer']),
        readyAt: optionalInt(peer['ready_at']),
        publishedAt: optionalInt(peer['published_at']),
      }));
    const words = textOrNull(row['together'] ?? null);
    return {
      id,
      first: int(row['first']),
      name: text(row['name']),
      at,
      account: text(row['account']),
      drop: textOrNull(row['drop_id'] ?? null) ?? undefined,
      reverts: optionalInt(row['reverts']),
      together: words === null ? undefined : together.parse(JSON.parse(words)),
      goAt: optionalInt(row['go_at']),
      peers,
      changes: int(this.#store.get(`SELECT count(*) AS n FROM release_before ${where}`, this.#site, id)?.['n']),
      ...timesOf(at, peers),
    };
  }
}

function timesOf(at: Millis, peers: readonly ReleasePeer[]): Pick<Release, 'convergedAfter' | 'skew'> {
  const published = peers.flatMap(({ publishedAt }) => (publishedAt === undefined ? [] : [publishedAt]));
  if (published.length === 0 || published.length < peers.length) return { convergedAfter: undefined, skew: undefined };
  const [first, last] = [Math.min(...published), Math.max(...published)];
  return { convergedAfter: last - at, skew: published.length > 1 ? last - first : undefined };
}

type Column = Row[string] | undefined;

const KINDS: Readonly<Record<string, 'file' | 'dir' | 'gone'>> = { put: 'file', mkdir: 'dir' };

function toState(kind: string, size: Column, mtime: Column, sha256: Column): State {
  if (kind === 'file') return { kind, content: { size: int(size), mtime: int(mtime), sha256: text(sha256) } };
  return { kind: kind === 'dir' ? 'dir' : 'gone' };
}
