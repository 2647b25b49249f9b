import type { FileAtMirror, FileState } from '../../../shared/contract/site-tree.ts';
import { errorJson } from '../../../shared/contract/primitives.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { PublishedSite } from '../master/published-site.ts';
import { hashRoutes } from '../master/notifier/feed.ts';
import type { StatusSources } from '../status/sources.ts';
import type { Row, Store } from '../store/open.ts';
import { defined } from '../core/defined.ts';
import { int, optionalInt, path as toPath, text } from '../store/rows.ts';
import { ByPath, type FileStanding, type TreeStates, waitsOrHeld, worstOf } from './states.ts';

/** Paths that a mirror may be behind by and still have each of them counted where it lies. */
export const OUTSTANDING_MAX = 2000;
/** Reports about them that are read; a report beyond is passed over: then the change counts as on its way. */
const REPORTS_MAX = 50_000;

/** A mirror as far as the states of files depend on it. */
interface MirrorView {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  /** Everything that it wants up to here is visible there, as it says; -1: nothing can be said by the cursor. */
  readonly publishedSeq: number;
}

interface Outstanding {
  readonly path: SitePath;
  readonly seq: number;
}

interface AllOutstanding {
  readonly of: ByPath<Outstanding>;
  /** Mirrors that are too far behind, by their ids. */
  readonly uncounted: ReadonlySet<string>;
  readonly reports: ReadonlyMap<string, Row>;
}

/**
 * How the files of a published site stand, by what each mirror has said: a cursor up to which all is visible there, and the
 * state of single changes. Nothing counts as there unless one of them says so.
 */
export class StatesAtMaster implements TreeStates {
  readonly #store: Store;
  readonly #site: PublishedSite;
  readonly #mirrors: readonly MirrorView[];
  #all: AllOutstanding | undefined;

  constructor({ node, link }: Pick<StatusSources, 'node' | 'link'>, site: PublishedSite) {
    this.#store = node.store;
    this.#site = site;
    const { journal, deliveries, routes } = site;
    this.#mirrors = deliveries.subscriptions().flatMap((subscription): MirrorView[] => {
      const peer = node.peers.get(subscription.peer);
      if (!peer) return [];
      // While it compares its index, or has not heard of other routes, its cursor speaks for another set of files.
      const counts = subscription.journal === journal.id && subscription.routes === hashRoutes(routes, peer.name);
      const publishedSeq = counts ? Math.min(subscription.publishedSeq, subscription.receivedSeq) : -1;
      return [{ id: peer.id, name: peer.name, connected: link(peer.id)?.connected ?? false, publishedSeq }];
    });
  }

  file(row: { readonly path: SitePath; readonly seq: number }): FileStanding {
    const states = this.#mirrors.map((mirror) => this.#stateOf(mirror, row, this.#delivery(mirror.id, row)));
    const wanted = states.filter((state) => state !== 'not-wanted');
    const has = wanted.filter((state) => state === 'published').length;
    return { state: worstOf(wanted), has, of: wanted.length };
  }

  folder(path: SitePath): FileState {
    const { of, uncounted, reports } = this.#allOutstanding();
    const below = [...of.below(path)];
    const states = this.#mirrors.map((mirror): FileState => {
      if (uncounted.has(mirror.id)) return mirror.connected ? 'unknown' : 'away';
      const open = below.filter(({ seq, path: each }) => seq > mirror.publishedSeq && this.#isRouted(each, mirror));
      const those = open.map((row) => this.#stateOf(mirror, row, reports.get(reportKey(mirror.id, row))));
      return worstOf(['published', ...those.filter((state) => state !== 'not-wanted')]);
    });
    return worstOf(states);
  }

  /** The same of one file, with what is known of its way. */
  mirrorsOf(row: { readonly path: SitePath; readonly seq: number }): FileAtMirror[] {
    return this.#mirrors
      .map((mirror): FileAtMirror => {
        const delivery = this.#delivery(mirror.id, row);
        const state = this.#stateOf(mirror, row, delivery);
        if (!delivery || state === 'not-wanted') return { peer: mirror.name, state };
        const error = delivery['error'];
        return defined({
          peer: mirror.name,
          state,
          receivedAt: optionalInt(delivery['received_at']),
          fetchedAt: optionalInt(delivery['fetched_at']),
          publishedAt: optionalInt(delivery['published_at']),
          nextAttemptAt: state === 'failing' ? optionalInt(delivery['next_attempt_at']) : undefined,
          error: typeof error === 'string' && state !== 'published' ? errorJson.parse(JSON.parse(error)) : undefined,
        });
      })
      .toSorted((one, other) => (one.peer < other.peer ? -1 : 1));
  }

  #isRouted(path: SitePath, { name }: MirrorView): boolean {
    const { router } = this.#site;
    return !router || router(path, name);
  }

  #delivery(peer: string, { path, seq }: Outstanding): Row | undefined {
    const sql = 'SELECT * FROM delivery WHERE site = ? AND seq = ? AND peer = ? AND path = ?';
    return this.#store.get(sql, this.#site.journal.site, seq, peer, path);
  }

  #stateOf(mirror: MirrorView, row: Outstanding, delivery: Row | undefined): FileState {
    if (!this.#isRouted(row.path, mirror)) return 'not-wanted';
    const state = delivery && text(delivery['state']);
    if (state === 'skipped') {
      if (isGivenUp(delivery)) return 'given-up';
      if (delivery?.['verdict'] === 'not-wanted') return 'not-wanted';
      if (delivery?.['verdict'] === 'already-here') return 'published';
    }
    if (state === 'published' || mirror.publishedSeq >= row.seq) return 'published';
    if (state === 'failed') return 'failing';
    if (state === 'held') return waitsOrHeld(delivery?.['error']);
    if (!mirror.connected) return 'away';
    return mirror.publishedSeq < 0 ? 'unknown' : 'on-its-way';
  }

  /** What changed after the cursors of the mirrors; those too far behind are not counted path by path. */
  #allOutstanding(): AllOutstanding {
    if (this.#all) return this.#all;
    const { site, head } = this.#site.journal;
    const beyond = 'SELECT 1 FROM entry WHERE site = ? AND seq > ? ORDER BY seq LIMIT 1 OFFSET ?';
    const uncounted = new Set(
      this.#mirrors
        .filter(
          ({ publishedSeq }) =>
            publishedSeq < 0 || this.#store.get(beyond, site, publishedSeq, OUTSTANDING_MAX) !== undefined,
        )
        .map(({ id }) => id),
    );
    const counted = this.#mirrors.filter(({ id }) => !uncounted.has(id));
    const from = Math.min(head, ...counted.map(({ publishedSeq }) => publishedSeq));
    const rows = this.#store.all('SELECT path, seq FROM entry WHERE site = ? AND seq > ? ORDER BY seq', site, from);
    const of = new ByPath(rows.map((row) => ({ path: toPath(row['path']), seq: int(row['seq']) })));
    const reports = new Map<string, Row>();
    const sql =
      'SELECT seq, path, peer, state, verdict, error FROM delivery WHERE site = ? AND seq > ? ORDER BY seq DESC LIMIT ?';
    for (const row of this.#store.all(sql, site, from, REPORTS_MAX))
      reports.set(reportKey(text(row['peer']), { path: toPath(row['path']), seq: int(row['seq']) }), row);
    this.#all = { of, uncounted, reports };
    return this.#all;
  }
}

/** It was to be done there, and a person gave it up. */
function isGivenUp(delivery: Row | undefined): boolean {
  const error = delivery?.['error'];
  return typeof error === 'string' && errorJson.parse(JSON.parse(error)).code === 'change.given-up';
}

function reportKey(peer: string, { path, seq }: Outstanding): string {
  return `${peer} ${seq} ${path}`;
}
