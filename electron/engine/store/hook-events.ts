import { type Hook, hookEvents } from '../../../shared/contract/hooks.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import type { HookEvent } from '../../../shared/contract/hook-event.ts';
import type { Store } from './open.ts';
import { int, text } from './rows.ts';
import { toTransfer, type TransferRow } from './transfers.ts';

type Kind = Hook['on'];

/** An event that a hook has not taken yet. */
export interface Queued {
  readonly id: string;
  readonly site: string;
  /** Of its JSON. */
  readonly bytes: number;
}

/** What an event tells of. */
export type Subject =
  | { readonly of: 'transfers'; readonly ids: readonly number[] }
  | { readonly of: 'release'; readonly site: string; readonly id: number };

export interface NewEvent {
  readonly event: HookEvent;
  readonly hooks: readonly string[];
  readonly about: Subject;
}

/** What hooks have not taken yet, and what they are still to be told of. A hook is named by `keyOf` its configuration. */
export class HookEvents {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * There are these hooks, and they want events of these kinds: of no others anything is kept. Of a kind that was not wanted until
   * now, all is told that happens from now on.
   */
  adopt(hooks: readonly string[], kinds: ReadonlySet<Kind>, at: Millis): void {
    this.#store.transaction(() => {
      const sql = 'DELETE FROM hook_event WHERE hook NOT IN (SELECT value FROM json_each(?))';
      this.#store.run(sql, JSON.stringify(hooks));
      for (const kind of hookEvents) {
        if (kinds.has(kind)) this.#hear(kind, at);
        else this.#forget(kind);
      }
    });
  }

  /** In the order in which they happened. */
  of(hook: string): Queued[] {
    const sql = `SELECT event, body ->> '$.site' AS site, octet_length(body) AS bytes FROM hook_event WHERE hook = ? ORDER BY id`;
    return this.#store
      .all(sql, hook)
      .map(({ event, site, bytes }) => ({ id: text(event), site: text(site), bytes: int(bytes) }));
  }

  /** Its JSON. Undefined: it is not kept any more. */
  body(hook: string, id: string): string | undefined {
    const row = this.#store.get('SELECT body FROM hook_event WHERE hook = ? AND event = ?', hook, id);
    return row && text(row['body']);
  }

  /** Each event for its hooks; what they tell of is not told again. Durable when it returns. The bytes of each. */
  add(events: readonly NewEvent[]): number[] {
    const sql = 'INSERT OR IGNORE INTO hook_event (hook, event, body) VALUES (?, ?, ?)';
    return this.#store.transaction(() =>
      events.map(({ event, hooks, about }) => {
        const body = JSON.stringify(event);
        for (const hook of hooks) this.#store.run(sql, hook, event.id, body);
        this.#told(about);
        return Buffer.byteLength(body);
      }),
    );
  }

  /** They were taken, or given up. */
  remove(hook: string, ids: readonly string[]): void {
    const sql = 'DELETE FROM hook_event WHERE hook = ? AND event IN (SELECT value FROM json_each(?))';
    this.#store.run(sql, hook, JSON.stringify(ids));
  }

  /** Mirror: how many of these transfers no hook was told of yet, and the first of them, `limit` at most. */
  untold(ids: readonly number[], limit: number): { total: number; first: TransferRow[] } {
    const sql = `FROM json_each(?) e CROSS JOIN untold_transfer u ON u.transfer = e.value`;
    const json = JSON.stringify(ids);
    const total = int(this.#store.get(`SELECT count(*) AS n ${sql}`, json)?.['n']);
    if (total === 0) return { total, first: [] };
    const rows = `SELECT t.* ${sql} CROSS JOIN transfer t ON t.id = u.transfer ORDER BY u.transfer LIMIT ?`;
    return { total, first: this.#store.all(rows, json, limit).map(toTransfer) };
  }

  #hear(kind: Kind, at: Millis): void {
    const sql = 'INSERT OR IGNORE INTO hook_heard (kind, until) VALUES (?, ?)';
    if (this.#store.run(sql, kind, at) === 0) return;
    if (kind !== 'release-everywhere') return;
    // Those that are under way are told when they have arrived.
    this.#store.run(`INSERT OR IGNORE INTO untold_release
      SELECT DISTINCT site, release FROM release_peer INDEXED BY release_peer_open WHERE published_at IS NULL`);
  }

  #forget(kind: Kind): void {
    this.#store.run('DELETE FROM hook_heard WHERE kind = ?', kind);
    this.#store.run(`DELETE FROM ${UNTOLD[kind]}`);
  }

  #told(about: Subject): void {
    switch (about.of) {
      case 'transfers': {
        const sql = 'DELETE FROM untold_transfer WHERE transfer IN (SELECT value FROM json_each(?))';
        this.#store.run(sql, JSON.stringify(about.ids));
        return;
      }
      case 'release': {
        const sql = 'DELETE FROM untold_release WHERE site = (SELECT id FROM site WHERE name = ?) AND release = ?';
        this.#store.run(sql, about.site, about.id);
      }
    }
  }
}

const UNTOLD: Readonly<Record<Kind, string>> = {
  published: 'untold_transfer',
  'release-everywhere': 'untold_release',
};
