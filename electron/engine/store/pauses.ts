import type { Millis } from '../../../shared/domain/change.ts';
import type { Store } from './open.ts';
import { int, text } from './rows.ts';

/** Everything; a mirror, at its master; a followed site, at its mirror. */
export type Pausable =
  | { readonly what: 'all' }
  | { readonly what: 'peer'; readonly name: string }
  | { readonly what: 'site'; readonly name: string };

/** What a person has paused. It stays so until a person resumes it, whatever is started anew in between. */
export class Pauses {
  readonly #store: Store;
  /** As in the database: whoever serves a file asks, for each piece of it. */
  readonly #since = new Map<string, Millis>();

  constructor(store: Store) {
    this.#store = store;
    for (const row of store.all('SELECT what, name, since FROM pause'))
      this.#since.set(keyOf(text(row['what']), text(row['name'])), int(row['since']));
  }

  /** Undefined: it is not paused by itself. */
  since(of: Pausable): Millis | undefined {
    return this.#since.get(keyOf(of.what, nameOf(of)));
  }

  /** Paused already, it stays so since then. Durable when it returns, as is `resume`. */
  pause(of: Pausable, at: Millis): void {
    this.#store.run(
      'INSERT INTO pause (what, name, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      of.what,
      nameOf(of),
      at,
    );
    const key = keyOf(of.what, nameOf(of));
    if (!this.#since.has(key)) this.#since.set(key, at);
  }

  resume(of: Pausable): void {
    this.#store.run('DELETE FROM pause WHERE what = ? AND name = ?', of.what, nameOf(of));
    this.#since.delete(keyOf(of.what, nameOf(of)));
  }
}

function nameOf(of: Pausable): string {
  return of.what === 'all' ? '' : of.name;
}

function keyOf(what: string, name: string): string {
  return `${what} ${name}`;
}
