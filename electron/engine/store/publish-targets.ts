import type { TargetPlace } from '../../../shared/contract/publishing.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Row, Store } from './open.ts';
import { int, text, textOrNull } from './rows.ts';

/** A saved target. `sealed`: its password; null: it is not kept. */
export interface SavedTarget extends TargetPlace {
  readonly sealed: string | null;
}

export class PublishTargetStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  list(): SavedTarget[] {
    return this.#store.all('SELECT * FROM publish_target ORDER BY name').map(toTarget);
  }

  get(name: string): SavedTarget | undefined {
    const row = this.#store.get('SELECT * FROM publish_target WHERE name = ?', name);
    return row && toTarget(row);
  }

  saveAll(targets: readonly SavedTarget[]): void {
    this.#store.transaction(() => targets.forEach((target) => this.save(target)));
  }

  save({ name, host, port, protocol, user, folder, trust, sealed }: SavedTarget): void {
    this.#store.run(
      'INSERT OR REPLACE INTO publish_target (name, host, port, protocol, user, folder, fingerprint, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      name,
      host,
      port,
      protocol,
      user,
      folder,
      trust.by === 'fingerprint' ? trust.fingerprint : null,
      sealed,
    );
  }

  /** Throws `target.unknown`. */
  remove(name: string): void {
    if (this.#store.run('DELETE FROM publish_target WHERE name = ?', name) === 0)
      throw new AppError('target.unknown', { name });
  }
}

function toTarget(row: Row): SavedTarget {
  const fingerprint = textOrNull(row['fingerprint']);
  return {
    name: text(row['name']),
    host: text(row['host']),
    port: int(row['port']),
    protocol: text(row['protocol']) === 'ftp' ? 'ftp' : 'ftps',
    user: text(row['user']),
    folder: text(row['folder']),
    trust: fingerprint === null ? { by: 'authority' } : { by: 'fingerprint', fingerprint },
    sealed: textOrNull(row['sealed']),
  };
}
