import { openStore, type Store } from '../../electron/engine/store/open.ts';
import { PeerStore } from '../../electron/engine/store/peers.ts';
import type { HistoryNode } from '../../electron/engine/history/source.ts';
import { config } from '../../shared/contract/config.ts';

export type SeededHistory = HistoryNode & { readonly store: Store };

/** An install's database with nothing in it but what is put there. */
export async function emptyHistory(file: string, role: 'master' | 'mirror', name: string): Promise<SeededHistory> {
  const store = await openStore(file);
  const listen = { host: '127.0.0.1', port: 0 };
  const listeners = role === 'master' ? { ftp: { ...listen, tls: 'required' }, link: listen } : {};
  const parsed = config.parse({ version: 1, node: { name, role }, ...listeners });
  return { store, peers: new PeerStore(store), config: parsed };
}

export function addSite({ store }: SeededHistory, name: string): number {
  return store.insert("INSERT INTO site (name, journal) VALUES (?, 'j')", name);
}

export function addMirror({ peers }: SeededHistory, id: string, name: string): void {
  peers.save({ id: id.repeat(64), name, role: 'mirror', certificate: '', address: null, dial: 'us' }, 0);
}

export interface SeededChange {
  readonly seq: number;
  readonly at: number;
  readonly path: string;
  readonly op?: string;
  readonly deliveries?: readonly { readonly peer: string; readonly state: string; readonly after?: number }[];
}

/** Each within a transaction of its caller, or of its own. */
export function addChange({ store }: SeededHistory, site: number, change: SeededChange): void {
  const { seq, at, path, op = 'put', deliveries = [] } = change;
  store.run(
    "INSERT INTO journal (site, seq, op, path, kind, size, at, account) VALUES (?, ?, ?, ?, 'file', ?, ?, 'editor')",
    site,
    seq,
    op,
    path,
    op === 'put' ? 1000 + seq : null,
    at,
  );
  for (const { peer, state, after } of deliveries) {
    store.run(
      `INSERT INTO delivery (site, seq, path, peer, state, verdict, notified_at, received_at, fetched_at, published_at, error)
       VALUES (?, ?, ?, ?, ?, 'fetch', ?, ?, ?, ?, ?)`,
      site,
      seq,
      path,
      peer.repeat(64),
      state,
      at,
      after === undefined ? null : at + Math.ceil(after / 4),
      after === undefined ? null : at + Math.ceil(after / 2),
      after === undefined ? null : at + after,
      state === 'failed' ? JSON.stringify({ code: 'file.disk-full', params: {} }) : null,
    );
  }
}

export function addAborted({ store }: SeededHistory, site: number, at: number, path: string): void {
  store.run(
    "INSERT INTO aborted (site, path, at, account, bytes, reason) VALUES (?, ?, ?, 'editor', 77, 'the client went away')",
    site,
    path,
    at,
  );
}

/** A site that has been published to for months: `count` changes, the last at `now`, at three mirrors. */
export function seedChanges(history: SeededHistory, site: number, count: number, now: number, apart = 20_000): void {
  const folders = ['', 'news/', 'news/2026/', 'assets/css/', 'assets/js/', 'images/products/', 'docs/ja/', '製品/'];
  const names = ['index.html', 'styles.css', 'app.js', 'photo.webp', 'feed.xml', 'catalogue.pdf', '案内.html'];
  history.store.transaction(() => {
    for (let seq = 1; seq <= count; seq += 1) {
      const page = `${folders[seq % 8] ?? ''}${seq % 11 === 0 ? `story-${seq}.html` : (names[seq % 7] ?? '')}`;
      const late = seq % 997 === 0;
      addChange(history, site, {
        seq,
        at: now - (count - seq) * apart,
        path: page,
        op: seq % 53 === 0 ? 'delete' : 'put',
        deliveries: [
          { peer: 'a', state: 'published', after: 40 + (seq % 60) },
          { peer: 'b', state: 'published', after: 70 + (seq % 400) },
          late ? { peer: 'c', state: 'failed' } : { peer: 'c', state: 'published', after: 120 + (seq % 1900) },
        ],
      });
    }
  });
}
