import type { Target, TargetPlace, TargetTest, Trust } from '../../../shared/contract/publishing.ts';
import { TARGETS_MAX } from '../../../shared/contract/publishing.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Secrets } from '../ports.ts';
import type { PublishTargetStore, SavedTarget } from '../store/publish-targets.ts';
import { Connection, type Endpoint } from './connection.ts';
import { ftpError } from './ftp-error.ts';
import { hashCommandOf } from './ftp-place.ts';

/** Connecting, TLS and a login take no longer at a server that is to be used. */
const TEST_MILLIS = 30_000;

/** The saved targets, and the passwords that are in memory only. */
export class Targets {
  readonly #store: PublishTargetStore;
  readonly #secrets: Secrets;
  readonly #passwords = new Map<string, string>();

  constructor(store: PublishTargetStore, secrets: Secrets) {
    this.#store = store;
    this.#secrets = secrets;
  }

  list(): Target[] {
    return this.#store.list().map((saved) => this.#show(saved));
  }

  /** `remember` false: the password is kept until this run ends. Rejects `target.exists`, `secret.unprotected`. */
  async add(place: TargetPlace, password: string, how: { remember: boolean; replace: boolean }): Promise<Target> {
    const { name } = place;
    if (!how.replace && this.#store.get(name)) throw new AppError('target.exists', { name });
    if (this.#store.list().length >= TARGETS_MAX && !this.#store.get(name))
      throw new AppError('limit.exceeded', { limit: 'targets', value: TARGETS_MAX });
    const sealed = how.remember ? await this.#secrets.seal(password) : null;
    this.#store.save({ ...place, sealed });
    if (how.remember) this.#passwords.delete(name);
    else this.#passwords.set(name, password);
    return this.#show({ ...place, sealed });
  }

  /** All of them, or none. One without a password is asked for it later. Rejects `secret.unprotected`. */
  async addAll(targets: readonly { readonly place: TargetPlace; readonly password?: string }[]): Promise<void> {
    const sealed: SavedTarget[] = [];
    for (const { place, password } of targets)
      sealed.push({ ...place, sealed: password === undefined ? null : await this.#secrets.seal(password) });
    this.#store.saveAll(sealed);
  }

  /** Throws `target.unknown`. */
  remove(name: string): void {
    this.#store.remove(name);
    this.#passwords.delete(name);
  }

  /** Throws `target.unknown`. */
  get(name: string): SavedTarget {
    const saved = this.#store.get(name);
    if (!saved) throw new AppError('target.unknown', { name });
    return saved;
  }

  /** With its password. Rejects `target.unknown`, `target.no-password`, `secret.unreadable`. */
  async endpoint(name: string): Promise<Endpoint> {
    const saved = this.get(name);
    const inMemory = this.#passwords.get(name);
    if (inMemory === undefined && saved.sealed === null) throw new AppError('target.no-password', { name });
    return { ...saved, password: inMemory ?? (await this.#secrets.open(saved.sealed ?? '')) };
  }

  /** The saved password is for the server that it was given for, and goes nowhere else. Rejects as `endpoint`. */
  async passwordFor(place: TargetPlace): Promise<string> {
    const saved = await this.endpoint(place.name);
    if (!isSameLogin(saved, place)) throw new AppError('target.no-password', { name: place.name });
    return saved.password;
  }

  /** What is saved under its name leads to the same folder of the same server. */
  isSamePlace(place: TargetPlace): boolean {
    const saved = this.#store.get(place.name);
    return saved !== undefined && isSameLogin(saved, place) && saved.folder === place.folder;
  }

  #show({ sealed, ...place }: SavedTarget): Target {
    const protection = this.#secrets.protection;
    const kept = sealed === null || protection === 'none' ? 'none' : protection;
    return { ...place, password: this.#passwords.has(place.name) ? 'memory' : kept };
  }
}

type Login = Pick<TargetPlace, 'host' | 'port' | 'protocol' | 'user'>;

function isSameLogin(one: Login, { host, port, protocol, user }: Login): boolean {
  return one.host === host && one.port === port && one.protocol === protocol && one.user === user;
}

/**
 * Connects, logs in, looks, and leaves nothing behind. Where the certificate is not trusted yet it stops before anything is sent,
 * and tells what the server shows. Rejects `publish.*`.
 */
export async function testTarget(endpoint: Endpoint, folder: string, signal: AbortSignal): Promise<TargetTest> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(TEST_MILLIS)]);
  try {
    const certificate = await Connection.look(endpoint, until);
    if (certificate && !isTrusted(certificate, endpoint.trust)) return { is: 'confirm', certificate };
    const connection = await Connection.open(endpoint, until);
    try {
      const base = baseAt(connection.home, folder);
      const there = base === '' || (await connection.ask(`CWD ${base}`)) !== undefined;
      return {
        is: 'ready',
        ...(certificate && { certificate }),
        lockstep: isLockstep(connection),
        proof: hashCommandOf(connection) ? 'hash' : 'size',
        folderMissing: !there,
      };
    } finally {
      await connection.end();
    }
  } catch (error) {
    if (until.aborted && !signal.aborted)
      throw new AppError('publish.unreachable', { address: `${endpoint.host}:${endpoint.port}`, reason: 'ETIMEDOUT' });
    throw ftpError(error, endpoint);
  }
}

/** A confirmed fingerprint that is not the one shown is an error of its own: it is told by the login. */
function isTrusted({ problem }: { problem?: string | undefined }, trust: Trust): boolean {
  return trust.by === 'fingerprint' || problem === undefined;
}

export function isLockstep(connection: Connection): boolean {
  return connection.has('SITE RELEASE') && connection.has('SITE EXPECT') && connection.has('SITE PART');
}

/** A target's folder, absolute at the server and without a slash at its end; '' is the server's root. */
export function baseAt(home: string, folder: string): string {
  const absolute = folder.startsWith('/') ? folder : `${home}/${folder}`;
  return absolute.replace(/\/{2,}/g, '/').replace(/\/$/, '');
}
