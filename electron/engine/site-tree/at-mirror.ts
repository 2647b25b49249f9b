import type { FileAtMirror, FileState } from '../../../shared/contract/site-tree.ts';
import { errorJson } from '../../../shared/contract/primitives.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import { toTransfer } from '../store/transfers.ts';
import type { Row } from '../store/open.ts';
import { defined } from '../core/defined.ts';
import { type FileStanding, type TreeStates, waitsOrHeld, worstOf } from './states.ts';

/** What is wanted below a folder is looked at up to this many. */
const WANTS_MAX = 1000;

/** How what this mirror knows of stands here: there, unless something is still wanted of it. */
export class StatesAtMirror implements TreeStates {
  readonly #state: MirrorState;
  readonly #name: string;

  /** `name`: of this install. */
  constructor(state: MirrorState, name: string) {
    this.#state = state;
    this.#name = name;
  }

  file({ path }: { readonly path: SitePath }): FileStanding {
    const sql = `SELECT w.state, w.kind, t.error ${WITH_TRANSFER} WHERE w.site = ? AND w.path = ?`;
    const row = this.#state.store.get(sql, this.#state.site, path);
    if (!row) return { state: 'published', has: 1, of: 1 };
    const state = ofWant(row);
    return row['kind'] === 'gone' ? { state, has: 1, of: 1, leaving: true } : { state, has: 0, of: 1 };
  }

  folder(path: SitePath): FileState {
    const rows = this.#state.store.all(
      `SELECT w.state, t.error ${WITH_TRANSFER} WHERE w.site = ? AND w.path > ? || '/' AND w.path < ? || '0' LIMIT ?`,
      this.#state.site,
      path,
      path,
      WANTS_MAX,
    );
    return worstOf(['published', ...rows.map(ofWant)]);
  }

  mirrorsOf(row: { readonly path: SitePath }): FileAtMirror[] {
    const { store, site } = this.#state;
    const { state } = this.file(row);
    const sql = 'SELECT * FROM transfer WHERE site = ? AND path = ? ORDER BY id DESC LIMIT 1';
    const last = store.get(sql, site, row.path);
    if (!last) return [{ peer: this.#name, state }];
    const { receivedAt, fetchedAt, publishedAt, nextAttemptAt, error } = toTransfer(last);
    return [
      defined({
        peer: this.#name,
        state,
        receivedAt,
        fetchedAt,
        publishedAt,
        nextAttemptAt: state === 'failing' ? nextAttemptAt : undefined,
        error: state === 'published' || !error ? undefined : errorJson.parse(error),
      }),
    ];
  }
}

const WITH_TRANSFER = 'FROM want w LEFT JOIN transfer t ON t.id = w.transfer';

function ofWant(row: Row): FileState {
  switch (row['state']) {
    case 'failed':
      return 'failing';
    case 'held':
      return 'held';
    case 'ready':
      return waitsOrHeld(row['error']);
    default:
      return 'on-its-way';
  }
}
