import type { Millis } from '../../../shared/domain/change.ts';
import type { HookEvent } from '../hooks/hook-event.ts';
import type { Store } from './open.ts';
import { int, text } from './rows.ts';
import { toTransfer, type TransferRow } from './transfers.ts';

type Kind = HookEvent['event'];

/** After a crash so many of the last transfers are looked at for what was not told. */
const LOOKED_AT_MAX = 10_000;

/** What hooks have not taken yet. A hook is named by `keyOf` its configuration. */
export class HookEvents {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** In the order in which they happened. */
  of(hook: string): HookEvent[] {
    const rows = this.#store.all('SELECT body FROM hook_event WHERE hook = ? ORDER BY id', hook);
    return rows.map(({ body }) => JSON.parse(text(body ?? null)) as HookEvent);
  }

  /** Each event for its hooks, and up to when all is known that happened of this kind. Durable when it returns. */
  add(
    events: readonly { readonly event: HookEvent; readonly hooks: readonly string[] }[],
    kind: Kind,
    until: Millis,
  ): void {
    const sql = 'INSERT OR IGNORE INTO hook_event (hook, event, body) VALUES (?, ?, ?)';
    this.#store.transaction(() => {
      for (const { event, hooks } of events)
        for (const hook of hooks) this.#store.run(sql, hook, event.id, JSON.stringify(event));
      this.hear(kind, until);
    });
  }

  /** It was taken, or given up. */
  remove(hook: string, id: string): void {
    this.#store.run('DELETE FROM hook_event WHERE hook = ? AND event = ?', hook, id);
  }

  /** Of hooks that are not among these nothing is kept. */
  keepOnly(hooks: readonly string[]): void {
    const sql = 'DELETE FROM hook_event WHERE hook NOT IN (SELECT value FROM json_each(?))';
    this.#store.run(sql, JSON.stringify(hooks));
  }

  heardUntil(kind: Kind): Millis | undefined {
    const row = this.#store.get('SELECT until FROM hook_heard WHERE kind = ?', kind);
    return row && int(row['until']);
  }

  hear(kind: Kind, until: Millis): void {
    this.#store.run('INSERT OR REPLACE INTO hook_heard (kind, until) VALUES (?, ?)', kind, until);
  }

  /** Nobody wants to know of it any more. */
  forget(kind: Kind): void {
    this.#store.run('DELETE FROM hook_heard WHERE kind = ?', kind);
  }

  /** Mirror: what has become visible after that, of the latest transfers. */
  publishedAfter(at: Millis): { site: string; row: TransferRow }[] {
    const sql = `SELECT t.*, s.name FROM transfer t JOIN site s ON s.id = t.site
      WHERE t.id > (SELECT max(id) FROM transfer) - ? AND t.state = 'published' AND t.published_at > ? ORDER BY t.id`;
    return this.#store.all(sql, LOOKED_AT_MAX, at).map((row) => ({ site: text(row['name']), row: toTransfer(row) }));
  }
}
