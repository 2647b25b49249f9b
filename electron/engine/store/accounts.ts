import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Row, Store } from './open.ts';
import { int, path, text, textOrNull } from './rows.ts';

export interface Account {
  readonly user: string;
  readonly site: string;
  readonly folder: SitePath;
  readonly kind: 'publisher' | 'mirror';
  /** It changes the site by releases, and not otherwise. */
  readonly releasesOnly: boolean;
  /** The mirror whose account this is. */
  readonly peer: string | null;
}

/** log2 of scrypt's N. A mirror's password is 256 random bits: there is nothing to slow a guesser down for. */
const COST = { publisher: 15, mirror: 10 } as const;
const KEY_BYTES = 32;

/** FTP accounts of this master. Passwords are kept as scrypt hashes (RFC 7914) in the PHC string format. */
export class AccountStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async add(account: Account, password: string): Promise<void> {
    this.insert(account, await this.hash(account.kind, password));
  }

  /** What is kept of a password. It takes its time. */
  hash(kind: Account['kind'], password: string): Promise<string> {
    return hashPassword(password, COST[kind]);
  }

  /** With the password's hash. Throws `account.exists`. */
  insert(account: Account, hash: string): void {
    const added = this.#store.run(
      'INSERT INTO account (user, site, folder, kind, hash, peer, releases_only) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      account.user,
      account.site,
      account.folder,
      account.kind,
      hash,
      account.peer,
      account.releasesOnly ? 1 : 0,
    );
    if (added === 0) throw new AppError('account.exists', { user: account.user });
  }

  list(): Account[] {
    return this.#store.all('SELECT * FROM account ORDER BY user').map(toAccount);
  }

  /** Of that kind, where one is named. */
  has(user: string, kind?: Account['kind']): boolean {
    return (
      this.#store.get('SELECT 1 FROM account WHERE user = ?1 AND (?2 IS NULL OR kind = ?2)', user, kind ?? null) !==
      undefined
    );
  }

  /** Of a publisher; a mirror's is made by pairing. Rejects `account.unknown`. */
  async setPassword(user: string, password: string): Promise<void> {
    const hash = await hashPassword(password, COST.publisher);
    const sql = "UPDATE account SET hash = ? WHERE user = ? AND kind = 'publisher'";
    if (this.#store.run(sql, hash, user) === 0) throw new AppError('account.unknown', { user });
  }

  remove(user: string): void {
    if (this.#store.run('DELETE FROM account WHERE user = ?', user) === 0)
      throw new AppError('account.unknown', { user });
  }

  /** The accounts of a mirror, all or that of one site. */
  removeOf(peer: string, site?: string): void {
    this.#store.run('DELETE FROM account WHERE peer = ?1 AND (?2 IS NULL OR site = ?2)', peer, site ?? null);
  }

  removeSite(site: string): void {
    this.#store.run('DELETE FROM account WHERE site = ?', site);
  }

  /** Undefined for a wrong user or password, after the same work. */
  async verify(user: string, password: string): Promise<Account | undefined> {
    const row = this.#store.get('SELECT * FROM account WHERE user = ?', user);
    const matches = await verifyPassword(password, row ? text(row['hash']) : await decoy());
    // Hashing takes a while: an account that was removed meanwhile is none.
    const still = this.#store.get('SELECT hash FROM account WHERE user = ?', user)?.['hash'] === row?.['hash'];
    return row && matches && still ? toAccount(row) : undefined;
  }
}

async function hashPassword(password: string, cost: number): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return `$scrypt$ln=${cost},r=8,p=1$${salt.toString('base64')}$${key.toString('base64')}`;
}

async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const [, , parameters = '', salt = '', key = ''] = phc.split('$');
  const cost = Number(/ln=(\d+)/.exec(parameters)?.[1]);
  const expected = Buffer.from(key, 'base64');
  const actual = await derive(password, Buffer.from(salt, 'base64'), cost);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  const options = { N: 2 ** cost, r: 8, p: 1, maxmem: 256 * 2 ** cost * 8 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

let decoyHash: Promise<string> | undefined;

/** What a user who is not there is checked against. */
function decoy(): Promise<string> {
  decoyHash ??= hashPassword(randomBytes(16).toString('hex'), COST.publisher);
  return decoyHash;
}

function toAccount(row: Row): Account {
  return {
    user: text(row['user']),
    site: text(row['site']),
    folder: path(row['folder']),
    kind: text(row['kind']) === 'mirror' ? 'mirror' : 'publisher',
    peer: textOrNull(row['peer']),
    releasesOnly: int(row['releases_only']) === 1,
  };
}
