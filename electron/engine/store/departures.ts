import type { Millis } from '../../../shared/domain/change.ts';
import type { Peer } from '../core/peer.ts';
import type { Store } from './open.ts';
import { int, text, textOrNull } from './rows.ts';

/** Mirrors that left so long ago are not told of any more. */
const SHOWN_MILLIS = 30 * 86_400_000;

/** A master: the mirror does not follow the site any more, and no release of it waits for that mirror. Does nothing where it did not follow it. */
export function noteDeparture(store: Store, site: string, { id, name }: Peer, at: Millis): void {
  const ended = 'DELETE FROM subscription WHERE peer = ? AND site = (SELECT id FROM site WHERE name = ?)';
  if (store.run(ended, id, site) === 0) return;
  store.run('DELETE FROM release_peer WHERE peer = ? AND site = (SELECT id FROM site WHERE name = ?)', id, site);
  const noted = 'INSERT OR REPLACE INTO departure (site, name, at) SELECT id, ?, ? FROM site WHERE name = ?';
  store.run(noted, name, at, site);
  store.run('DELETE FROM departure WHERE at < ?', at - SHOWN_MILLIS);
}

/** What the mirror calls the pairing by which it follows the site; null: nothing; undefined: it does not follow it. */
export function pairingOf(store: Store, peer: string, site: string): string | null | undefined {
  const sql = 'SELECT pairing FROM subscription WHERE peer = ? AND site = (SELECT id FROM site WHERE name = ?)';
  const row = store.get(sql, peer, site);
  return row && textOrNull(row['pairing']);
}

/** Whether the mirror follows the site, or, without a name, any: also one that is not open now. */
export function isSubscribed(store: Store, peer: string, site?: string): boolean {
  const sql = `SELECT 1 FROM subscription WHERE peer = ?1
    AND (?2 IS NULL OR site = (SELECT id FROM site WHERE name = ?2)) LIMIT 1`;
  return store.get(sql, peer, site ?? null) !== undefined;
}

/** Mirrors that have said so in the last weeks, and have not come back under their name. */
export function departuresOf(store: Store, site: number, now: Millis): { name: string; at: Millis }[] {
  const sql = `SELECT d.name, d.at FROM departure d WHERE d.site = ?1 AND d.at > ?2 AND NOT EXISTS
    (SELECT 1 FROM subscription s JOIN peer p ON p.id = s.peer WHERE s.site = d.site AND p.name = d.name) ORDER BY d.at DESC`;
  return store.all(sql, site, now - SHOWN_MILLIS).map((row) => ({ name: text(row['name']), at: int(row['at']) }));
}
