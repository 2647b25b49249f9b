import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type LinkConditions, linkConditions } from '../../../shared/contract/conditions.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Peer } from '../core/peer.ts';
import type { Row, Store } from './open.ts';
import { int, text, textOrNull } from './rows.ts';

/** How a mirror logs in at its master's FTP server, by site: each site has an account of its own. */
const ftpLogins = z.record(
  z.string(),
  z.object({
    host: z.string(),
    port: z.int(),
    user: z.string(),
    password: z.string(),
    /** What this mirror calls the pairing that they are of; absent: it was made by an older version. */
    pairing: z.string().optional(),
  }),
);
export type FtpLogin = z.output<typeof ftpLogins>[string];

/** Installs that are paired no longer and keep their names in the history. */
export const FORMER_PEERS_MAX = 1000;
/** Digits of its id that stand for a peer whose name nobody knows. */
const SHOWN_DIGITS = 12;

/** What a master has to be told: a site is not followed any more, by that pairing. */
export interface Farewell {
  readonly site: string;
  readonly pairing?: string | undefined;
}

/** The installs that this one is paired with, and the invitations that are open. */
export class PeerStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Without those that only have to be told of a farewell yet. */
  list(): Peer[] {
    return this.#store.all('SELECT * FROM peer WHERE leaving = 0 ORDER BY name').map(toPeer);
  }

  /** Those whom there may be a link to. */
  linked(): Peer[] {
    return this.#store.all('SELECT * FROM peer ORDER BY name').map(toPeer);
  }

  get(id: string): Peer | undefined {
    const row = this.#store.get('SELECT * FROM peer WHERE id = ?', id);
    return row && toPeer(row);
  }

  /** For people: its name, or the last one that it had here, or the beginning of its id. */
  nameOf(id: string): string {
    const sql = 'SELECT name FROM peer WHERE id = ?1 UNION ALL SELECT name FROM former_peer WHERE id = ?1 LIMIT 1';
    const row = this.#store.get(sql, id);
    return row ? text(row['name']) : id.slice(0, SHOWN_DIGITS);
  }

  /** The ids of those that have, or had, this name. */
  idsOf(name: string): string[] {
    const sql = `SELECT id FROM peer WHERE name = ?1 UNION
      SELECT id FROM former_peer f WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM peer p WHERE p.id = f.id)`;
    return this.#store.all(sql, name).map((row) => text(row['id']));
  }

  /** By name or id. Throws `peer.unknown`. */
  find(nameOrId: string): Peer {
    const row = this.#store.get('SELECT * FROM peer WHERE (id = ?1 OR name = ?1) AND leaving = 0', nameOrId);
    if (!row) throw new AppError('peer.unknown', { peer: nameOrId });
    return toPeer(row);
  }

  /** A new peer, or one that is paired anew. Another install of the same name gets a number behind its name. */
  save(peer: Peer, at: Millis): Peer {
    // `list` leaves out masters that are only kept to be told a farewell, and may be gone for good: their names are free.
    const taken = new Set(this.list().flatMap((other) => (other.id === peer.id ? [] : [other.name])));
    let name = peer.name;
    for (let number = 2; taken.has(name); number += 1) name = `${peer.name}-${number}`;
    this.#store.run(
      `INSERT INTO peer (id, name, role, certificate, address, dial, paired_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, certificate = excluded.certificate,
         address = excluded.address, dial = excluded.dial, paired_at = excluded.paired_at, leaving = 0`,
      peer.id,
      name,
      peer.role,
      peer.certificate,
      peer.address,
      peer.dial,
      at,
    );
    return { ...peer, name };
  }

  remove(id: string): void {
    this.#store.transaction(() => {
      this.#keepName(id);
      // Of all sites, also of those that are not open now. It reads through all rows, but is rare.
      this.#store.run('DELETE FROM release_peer WHERE peer = ?', id);
      this.#store.run('DELETE FROM peer WHERE id = ?', id);
    });
  }

  #keepName(id: string): void {
    this.#store.run('INSERT OR REPLACE INTO former_peer (id, name) SELECT id, name FROM peer WHERE id = ?', id);
    const old = 'DELETE FROM former_peer WHERE number <= (SELECT max(number) FROM former_peer) - ?';
    this.#store.run(old, FORMER_PEERS_MAX);
  }

  /**
   * A mirror follows these sites of a master no longer, and will tell it so. `whole`: nothing else of it is followed; then the
   * peer is there for the farewell only, without a way to log in. Durable when it returns.
   */
  leave(id: string, sites: readonly string[], whole: boolean, at: Millis): void {
    this.#store.transaction(() => {
      const sql = 'INSERT OR REPLACE INTO farewell (peer, site, since, pairing) VALUES (?, ?, ?, ?)';
      const logins = this.#ftpLogins(id);
      for (const site of sites) this.#store.run(sql, id, site, at, logins[site]?.pairing ?? null);
      if (whole) this.#store.run('UPDATE peer SET leaving = 1, ftp = NULL, conditions = NULL WHERE id = ?', id);
    });
  }

  farewells(id: string): Farewell[] {
    return this.#store.all('SELECT site, pairing FROM farewell WHERE peer = ? ORDER BY site', id).map((row) => {
      const pairing = textOrNull(row['pairing']);
      return { site: text(row['site']), ...(pairing !== null && { pairing }) };
    });
  }

  /**
   * The master knows of it; or it is followed again. Without the pairing: whichever it is. True: the peer was there for its farewells
   * only, and is gone.
   */
  endFarewell(id: string, { site, pairing }: Farewell): boolean {
    return this.#store.transaction(() => {
      const sql = 'DELETE FROM farewell WHERE peer = ?1 AND site = ?2 AND (?3 IS NULL OR pairing = ?3)';
      this.#store.run(sql, id, site, pairing ?? null);
      const gone =
        'DELETE FROM peer WHERE id = ?1 AND leaving = 1 AND NOT EXISTS (SELECT 1 FROM farewell WHERE peer = ?1)';
      return this.#store.run(gone, id) > 0;
    });
  }

  /** Farewells since before then are given up: the master is not there any more. True: a peer is gone by it. */
  trimFarewells(before: Millis): boolean {
    const old = this.#store.all('SELECT peer, site FROM farewell WHERE since < ?', before);
    return old.map((row) => this.endFarewell(text(row['peer']), { site: text(row['site']) })).some((gone) => gone);
  }

  /** For a mirror the limits that this master has set for it; for a master what it last asked of this mirror. */
  conditions(id: string): LinkConditions {
    const stored = this.#store.get('SELECT conditions FROM peer WHERE id = ?', id)?.['conditions'];
    return typeof stored === 'string' ? linkConditions.parse(JSON.parse(stored)) : {};
  }

  /** Durable when it returns. */
  setConditions(id: string, conditions: LinkConditions): void {
    const none = Object.keys(conditions).length === 0;
    this.#store.run('UPDATE peer SET conditions = ? WHERE id = ?', none ? null : JSON.stringify(conditions), id);
  }

  /** When the link to it was last open; undefined: never, or by an older version. */
  seenAt(id: string): Millis | undefined {
    const at = this.#store.get('SELECT seen_at FROM peer WHERE id = ?', id)?.['seen_at'];
    return typeof at === 'number' ? at : undefined;
  }

  noteSeen(id: string, at: Millis): void {
    this.#store.run('UPDATE peer SET seen_at = ? WHERE id = ?', at, id);
  }

  ftpLogin(id: string, site: string): FtpLogin | undefined {
    return this.#ftpLogins(id)[site];
  }

  saveFtpLogin(id: string, site: string, login: FtpLogin): void {
    this.#store.run(
      'UPDATE peer SET ftp = ? WHERE id = ?',
      JSON.stringify({ ...this.#ftpLogins(id), [site]: login }),
      id,
    );
  }

  invite(secret: string, site: string, expiresAt: Millis): void {
    this.#store.run('INSERT INTO invite (id, site, expires_at) VALUES (?, ?, ?)', idOf(secret), site, expiresAt);
  }

  /** Looks whether an invitation is good, and uses nothing up. Throws `pair.refused`, `pair.used`, `pair.expired`. */
  findInvitation(secret: string, now: Millis): { site: string } {
    const row = this.#store.get('SELECT * FROM invite WHERE id = ?', idOf(secret));
    if (!row) throw new AppError('pair.refused');
    if (row['used_at'] !== null) throw new AppError('pair.used');
    if (int(row['expires_at']) < now) throw new AppError('pair.expired');
    return { site: text(row['site']) };
  }

  /** Uses an invitation up. Looked up by the secret's hash: how long that takes tells nothing about the secret. */
  redeem(secret: string, now: Millis): { site: string } {
    return this.#store.transaction(() => {
      const found = this.findInvitation(secret, now);
      this.#store.run('UPDATE invite SET used_at = ? WHERE id = ?', now, idOf(secret));
      return found;
    });
  }

  #ftpLogins(id: string): z.output<typeof ftpLogins> {
    const stored = this.#store.get('SELECT ftp FROM peer WHERE id = ?', id)?.['ftp'];
    return typeof stored === 'string' ? ftpLogins.parse(JSON.parse(stored)) : {};
  }

  /** Invitations that were used or have expired a week ago are forgotten. */
  trimInvites(before: Millis): void {
    this.#store.run('DELETE FROM invite WHERE expires_at < ?', before);
  }
}

function idOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function toPeer(row: Row): Peer {
  return {
    id: text(row['id']),
    name: text(row['name']),
    role: text(row['role']) === 'master' ? 'master' : 'mirror',
    certificate: text(row['certificate']),
    address: textOrNull(row['address']),
    dial: text(row['dial']) === 'us' ? 'us' : 'them',
  };
}
