import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Who has the data folder, or its console, needs no account; this stands for them in the history. */
export const LOCAL_USER = 'local';

/** A login of the engine at its own FTP server. */
export interface OwnLogin {
  readonly user: string;
  readonly password: string;
  /** From then on nobody is let in with it. Idempotent. */
  revoke(): void;
}

/** What a login is for: a site, by its name, and one drop, by its id. */
export interface Own {
  readonly site: string;
  readonly drop: string;
}

/** Logins that exist in this process only, one a drop, and are told to nobody. */
export class OwnLogins {
  readonly #logins = new Map<string, Own & { readonly digest: Buffer }>();

  grant(own: Own): OwnLogin {
    const user = `own-${randomBytes(16).toString('hex')}`;
    const password = randomBytes(32).toString('base64url');
    this.#logins.set(user, { ...own, digest: digestOf(password) });
    return { user, password, revoke: () => void this.#logins.delete(user) };
  }

  has(user: string): boolean {
    return this.#logins.has(user);
  }

  /** What it is for. */
  verify(user: string, password: string): Own | undefined {
    const login = this.#logins.get(user);
    return login && timingSafeEqual(login.digest, digestOf(password)) ? login : undefined;
  }
}

function digestOf(password: string): Buffer {
  return createHash('sha256').update(password).digest();
}
