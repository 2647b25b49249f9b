import type { Millis } from '../../../shared/domain/change.ts';
import type { Store } from './open.ts';
import { optionalInt } from './rows.ts';

/** Everything; a mirror, at its master; a followed site, at its mirror. */
export type Pausable =
  | { readonly what: 'all' }
  | { readonly what: 'peer'; readonly name: string }
  | { readonly what: 'site'; readonly name: string };

/** What a person has paused. It stays so until a person resumes it, whatever is started anew in between. */
export class Pauses {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Undefined: it is not paused by itself. */
  since(of: Pausable): Millis | undefined {
    const sql = 'SELECT since FROM pause WHERE what = ? AND name = ?';
    return optionalInt(this.#store.get(sql, of.what, nameOf(of))?.['since']);
  }

  /** Paused already, it stays so since then. Durable when it returns, as is `resume`. */
  pause(of: Pausable, at: Millis): void {
    this.#store.run(
      'INSERT INTO pause (what, name, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      of.what,
      nameOf(of),
      at,
    );
  }

  resume(of: Pausable): void {
    this.#store.run('DELETE FROM pause WHERE what = ? AND name = ?', of.what, nameOf(of));
  }
}

function nameOf(of: Pausable): string {
  return of.what === 'all' ? '' : of.name;
}
