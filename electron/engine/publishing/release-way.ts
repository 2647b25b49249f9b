import { FTPError } from 'basic-ftp';
import type { Together } from '../../../shared/contract/releases.ts';
import type { Sha256 } from '../../../shared/domain/change.ts';
import { Lock } from '../core/lock.ts';
import { Connection, type Endpoint } from './connection.ts';
import { ifRefused, makeBase } from './ftp-change.ts';
import { ftpError } from './ftp-error.ts';
import { hashAt } from './ftp-place.ts';
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

/** How long the master keeps what was sent when the connection is lost: time for a person to say “Go on”. */
const HOLD_SECONDS = 3600;
const WIDTH = 4;
/** To the own master: no release outlives the process. */
const NOTHING: BegunNote = { begun: {}, note: () => undefined };

/** A release of a Lockstep master, this one or another: SITE RELEASE, SITE EXPECT, SITE PART (docs/site-commands.md). */
export class ReleaseWay implements Way {
  readonly width = WIDTH;
  readonly atOnce = true;
  readonly base: string;
  readonly #endpoint: () => Promise<Endpoint>;
  readonly #title: string;
  readonly isMissed = false;
  readonly #opening = new Lock();
  readonly #note: BegunNote['note'];
  #release: string | undefined;

  constructor(endpoint: () => Promise<Endpoint>, base: string, title: string, { begun, note }: BegunNote = NOTHING) {
    this.#endpoint = endpoint;
    this.base = base;
    this.#title = title;
    this.#note = note;
    this.#release = begun.release;
  }

  get isBegun(): boolean {
    return this.#release !== undefined;
  }

  /** The first one begins the release, the others join it. */
  open(signal: AbortSignal): Promise<Opened> {
    return this.#opening.run(async () => {
      const endpoint = await this.#endpoint();
      const connection = await Connection.open(endpoint, signal);
      try {
        return await this.begin(connection);
      } catch (error) {
        connection.close();
        throw ftpError(error, endpoint);
      }
    });
  }

  async send(connection: Connection, sending: Sending): Promise<SentFile> {
    const found = await current(sending.file);
    const { size, sha256 } = await sending.hashes.hash(found, sending.signal);
    const file = { ...found, size };
    const sent = { file, sha256 };
    const name = absoluteAt(this.base, file.path);
    const store = async (offset: number): Promise<void> => {
      await connection.command(`ALLO ${size}`);
      await connection.command(`SITE EXPECT ${size} ${sha256}`);
      const restart = offset > 0 ? [`REST ${offset}`] : [];
      await connection.upload(bytesOf(file, offset, sending.onBytes), name, restart);
    };
    try {
      if (sending.again && (await this.#isThere(connection, name, sha256))) return sent;
      const offset = sending.again ? await partOf(connection, name, size) : 0;
      try {
        await store(offset);
      } catch (error) {
        // The part may be the beginning of what the file was before: the server has thrown it away by now.
        if (offset === 0 || !(error instanceof FTPError)) throw error;
        await store(0);
      }
      // It may have been sent while somebody wrote to it: half of it then.
      await requireSame(sent, sending);
      return sent;
    } catch (error) {
      sending.hashes.forget(file.absolute);
      await requireSame(sent, sending);
      throw ftpError(error, { path: file.path });
    }
  }

  async commit(connection: Connection, _changes: number, together: Together | undefined): Promise<Outcome> {
    this.#note({ release: this.#release, mayBePublished: true });
    try {
      const answer = await connection.slowCommand(`SITE RELEASE COMMIT${togetherWords(together)}`);
      const [, release = '', changes = ''] = /^Release (\d+) is published: (\d+) /.exec(answer) ?? [];
      return { release: Number(release), changes: Number(changes) };
    } catch (error) {
      // An earlier COMMIT may have gone on at the master when its connection was lost.
      const published = error instanceof FTPError ? await this.#result(connection) : undefined;
      if (published) return published;
      throw ftpError(error, { path: '' });
    }
  }

  async abort(connection: Connection): Promise<Outcome | undefined> {
    const isGivenUp = (await connection.ask('SITE RELEASE ABORT')) !== undefined;
    const published = await this.#result(connection);
    if (isGivenUp || published) this.#begin(undefined);
    return published;
  }

  /** Joins the release that was begun before, or begins one, in a session that is logged in. */
  async begin(connection: Connection): Promise<Opened> {
    if (this.#release !== undefined) {
      if ((await connection.ask(`SITE RELEASE JOIN ${this.#release}`)) !== undefined)
        return { is: 'open', connection, isNew: false };
      // It was given up by now, or the master was started anew. Or it was committed when the connection was lost.
      const published = await this.#result(connection);
      if (published) {
        connection.close();
        return { is: 'published', ...published };
      }
    }
    this.#begin(idIn(await connection.command(`SITE RELEASE BEGIN ${this.#title}`)));
    await makeBase(connection, this.base);
    // From here on it outlives this session, also where the reply is lost: then it is joined.
    const held = await connection.command(`SITE RELEASE HOLD ${HOLD_SECONDS}`);
    if (this.#release === undefined) this.#begin(idIn(held));
    return { is: 'open', connection, isNew: true };
  }

  #begin(release: string | undefined): void {
    this.#release = release;
    this.#note({ release });
  }

  /** As what the release was published; undefined: it was not. */
  async #result(connection: Connection): Promise<Outcome | undefined> {
    if (this.#release === undefined) return undefined;
    const result = await connection.command(`SITE RELEASE RESULT ${this.#release}`).catch((error: unknown) => {
      if (error instanceof FTPError && error.code >= 500) return '';
      throw ftpError(error, { path: '' });
    });
    const [, release, changes] = /^published (\d+) (\d+)/.exec(result) ?? [];
    return release === undefined ? undefined : { release: Number(release), changes: Number(changes) };
  }

  async #isThere(connection: Connection, name: string, sha256: Sha256): Promise<boolean> {
    return (await hashAt(connection, name).catch(ifRefused(undefined))) === sha256;
  }
}

/** As the master calls the release: masters of before say it in the reply to HOLD only. */
function idIn(reply: string): string | undefined {
  return /^([0-9a-f]+) is the release/.exec(reply)?.[1];
}

/** What of an upload that broke off can be continued. */
async function partOf(connection: Connection, name: string, size: number): Promise<number> {
  const part = Number.parseInt((await connection.ask(`SITE PART ${name}`)) ?? '', 10);
  return Number.isSafeInteger(part) && part > 0 && part <= size ? part : 0;
}

export function togetherWords(together: Together | undefined): string {
  if (!together) return '';
  const { quorum, limit } = together;
  return ` TOGETHER${quorum === undefined ? '' : ` ${quorum}`} LIMIT ${Math.round(limit / 1000)}`;
}
