import { createHash } from 'node:crypto';
import { FTPError } from 'basic-ftp';
import { nameOf, parentOf, childOf, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { Connection, type Endpoint } from './connection.ts';
import { ifRefused, makeBase } from './ftp-change.ts';
import { ftpError } from './ftp-error.ts';
import { hashAt } from './ftp-place.ts';
import type { LocalFile } from './local-tree.ts';
import {
  absoluteAt,
  type BegunNote,
  bytesOf,
  current,
  requireSame,
  type Opened,
  type Outcome,
  type Sending,
  type SentFile,
  type Way,
} from './way.ts';

/** Servers count sessions of one address, and some few. */
const WIDTH = 2;

/**
 * Whose the names are under which files stand at a server until they are whole: another install, or another target that leads to
 * the same folder, has other ones. Of the drops to one target, one at a time uses them.
 */
export interface TemporaryNames {
  readonly owner: string;
  user?: FileWay;
}

/**
 * Any other FTP server, file by file: each under a name of ours beside its own until it is whole and was compared, then renamed, so
 * that nobody sees half of it.
 */
export class FileWay implements Way {
  readonly width = WIDTH;
  readonly atOnce = false;
  readonly base: string;
  readonly #endpoint: () => Promise<Endpoint>;
  readonly #names: TemporaryNames;
  /** What our part at the server is the beginning of: as the file was when it was begun; undefined: an earlier process has begun it. */
  readonly #parts: Map<SitePath, Pick<LocalFile, 'identity'> | undefined>;
  /** What stepped aside for a new one that has not taken its place yet. */
  readonly #aside: Set<SitePath>;
  readonly #note: BegunNote['note'];
  #isNew = true;

  constructor(endpoint: () => Promise<Endpoint>, base: string, names: TemporaryNames, { begun, note }: BegunNote) {
    this.#endpoint = endpoint;
    this.base = base;
    this.#names = names;
    this.#parts = new Map(begun.parts?.map((path) => [path, undefined]));
    this.#aside = new Set(begun.aside);
    this.#note = note;
  }

  get isBegun(): boolean {
    return this.#parts.size + this.#aside.size > 0;
  }

  get isMissed(): boolean {
    return this.#aside.size > 0;
  }

  async open(signal: AbortSignal): Promise<Opened> {
    const endpoint = await this.#endpoint();
    const connection = await Connection.open(endpoint, signal);
    try {
      if (this.#isNew) await makeBase(connection, this.base);
      const isNew = this.#isNew;
      this.#isNew = false;
      return { is: 'open', connection, isNew };
    } catch (error) {
      connection.close();
      throw ftpError(error, endpoint);
    }
  }

  async send(connection: Connection, sending: Sending): Promise<SentFile> {
    const file = await current(sending.file);
    const temporary = this.#beside(file.path, 'part');
    try {
      const offset = await this.#offset(connection, file, temporary, sending.again);
      this.#parts.set(file.path, file);
      this.#noteBegun();
      const before = offset > 0 ? [`REST ${offset}`] : [];
      await connection.ask(`ALLO ${file.size - offset}`);
      const digest = offset === 0 ? createHash('sha256') : undefined;
      await connection.upload(bytesOf(file, offset, sending.onBytes, digest), temporary, before);
      const sent = { file, sha256: digest?.digest('hex') };
      await this.#verify(connection, sent, temporary, sending);
      if (connection.has('MFMT')) await connection.ask(`MFMT ${timeWord(file.mtime)} ${temporary}`);
      await this.#show(connection, file.path, temporary);
      this.#parts.delete(file.path);
      return sent;
    } catch (error) {
      throw ftpError(error, { path: file.path });
    }
  }

  commit(_connection: Connection, changes: number): Promise<Outcome> {
    return Promise.resolve({ changes });
  }

  /** What is whole stays, what stepped aside comes back, parts go. */
  async abort(connection: Connection): Promise<undefined> {
    for (const path of this.#aside) await this.#putBack(connection, path);
    // Those of another drop, which has had its turn since, are that one's business.
    if (this.#names.user === undefined || this.#names.user === this)
      for (const path of this.#parts.keys()) await connection.ask(`DELE ${this.#beside(path, 'part')}`);
    this.#parts.clear();
    return undefined;
  }

  /**
   * Gives the part its name, in the place of what has it. Some servers do not rename onto a file: there is a moment without it
   * then, and it comes back where the new one cannot take its place.
   */
  async #show(connection: Connection, path: SitePath, temporary: string): Promise<void> {
    const name = absoluteAt(this.base, path);
    const aside = this.#beside(path, 'old');
    try {
      await move(connection, temporary, name);
    } catch (error) {
      if (!(error instanceof FTPError) || (await sizeAt(connection, name)) === undefined) throw error;
      await connection.ask(`DELE ${aside}`);
      // Before it is asked for: the answer may be lost.
      this.#stepsAside(path, true);
      if (!(await move(connection, name, aside).then(() => true, ifRefused(false)))) {
        this.#stepsAside(path, false);
        throw error;
      }
      try {
        await move(connection, temporary, name);
      } catch (again) {
        if (again instanceof FTPError) await this.#putBack(connection, path);
        throw again;
      }
    }
    if (!this.#aside.has(path)) return;
    this.#stepsAside(path, false);
    await connection.ask(`DELE ${aside}`);
  }

  async #putBack(connection: Connection, path: SitePath): Promise<void> {
    const [aside, name] = [this.#beside(path, 'old'), absoluteAt(this.base, path)];
    // Another drop may have put a newer one there since.
    if ((await sizeAt(connection, name)) === undefined) await move(connection, aside, name).catch(ifRefused(undefined));
    else await connection.ask(`DELE ${aside}`);
    this.#stepsAside(path, false);
  }

  #stepsAside(path: SitePath, isAside: boolean): void {
    if (isAside) this.#aside.add(path);
    else this.#aside.delete(path);
    this.#noteBegun();
  }

  #noteBegun(): void {
    this.#note({ parts: [...this.#parts.keys()], aside: [...this.#aside] });
  }

  #beside(path: SitePath, ending: 'part' | 'old'): string {
    return absoluteAt(this.base, besidePath(path, ending, this.#names.owner));
  }

  /** A part is continued only where it is ours, and the file is still the same. */
  async #offset(connection: Connection, file: LocalFile, temporary: string, again: boolean): Promise<number> {
    // What another drop has left there since is no beginning of this file.
    if (this.#names.user !== this) this.#parts.clear();
    this.#names.user = this;
    const part = again && connection.has('REST STREAM') ? this.#parts.get(file.path) : undefined;
    const size = part && (await sizeAt(connection, temporary));
    if (part?.identity === file.identity && size !== undefined && size <= file.size) return size;
    // STOR would begin it anew, but some servers do not overwrite.
    await connection.ask(`DELE ${temporary}`);
    return 0;
  }

  async #verify(connection: Connection, sent: SentFile, temporary: string, sending: Sending): Promise<void> {
    const { file } = sent;
    await requireSame(sent, sending).catch(async (error: unknown) => {
      await this.#drop(connection, file, temporary);
      throw error;
    });
    const size = await sizeAt(connection, temporary);
    const hash = await hashAt(connection, temporary).catch(ifRefused(undefined));
    const isRight =
      (size === undefined || size === file.size) &&
      (hash === undefined || hash === (sent.sha256 ?? (await sending.hashes.hash(file, sending.signal)).sha256));
    if (isRight) return;
    await this.#drop(connection, file, temporary);
    throw new AppError('upload.hash-mismatch', { path: file.path });
  }

  async #drop(connection: Connection, { path }: LocalFile, temporary: string): Promise<void> {
    await connection.ask(`DELE ${temporary}`);
    this.#parts.delete(path);
  }
}

/** Undefined: the server does not tell sizes, or there is nothing. */
async function sizeAt(connection: Connection, name: string): Promise<number | undefined> {
  const size = Number.parseInt((await connection.ask(`SIZE ${name}`)) ?? '', 10);
  return Number.isSafeInteger(size) ? size : undefined;
}

async function move(connection: Connection, from: string, to: string): Promise<void> {
  await connection.command(`RNFR ${from}`);
  await connection.command(`RNTO ${to}`);
}

/** Beside the file, so that the rename stays within one folder; from its name, so that a later try finds it again. */
function besidePath(path: SitePath, ending: 'part' | 'old', owner: string): SitePath {
  const digest = createHash('sha256')
    .update(`${owner}\0${nameOf(path)}`)
    .digest('hex')
    .slice(0, 16);
  return childOf(parentOf(path), `.lockstep-${digest}.${ending}`);
}

function timeWord(mtime: number): string {
  return new Date(mtime).toISOString().slice(0, 19).replace(/[-:T]/g, '');
}
