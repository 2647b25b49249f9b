import type { FtpCommand, FtpMessage } from '../network/ftp-protocol.ts';
import type { End, Network } from '../network/network.ts';
import type { Process } from '../process.ts';
import type { SeededRandom } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { FTP_PORT } from './install.ts';

export type Reply = Extract<FtpMessage, { kind: 'reply' }>;

/** The connection is gone: whether the command was done nobody has told. */
export class Lost extends Error {}

const PATIENCE_MILLIS = 60_000;
const COMMAND_BYTES = 40;
const PIECE_BYTES = 16 * 1024;

/** A publisher's FTP client, one session long. */
export class FtpSession {
  readonly #end: End;
  readonly #scheduler: Scheduler;
  #tag = 0;
  #lost = false;
  #waiting: { tag: number; resolve: (reply: Reply) => void; reject: (error: Lost) => void } | undefined;

  private constructor(end: End, scheduler: Scheduler) {
    this.#end = end;
    this.#scheduler = scheduler;
    end.onMessage = (message) => this.#take(message as FtpMessage);
    end.onClosed = () => this.#fail();
  }

  /** Rejects `Lost` where nobody answers. In the process of the client. */
  static async open(
    host: string,
    user: string,
    world: { network: Network; scheduler: Scheduler },
  ): Promise<FtpSession> {
    const end = await new Promise<End>((resolve, reject) => {
      world.network.connect(host, FTP_PORT, (made) => (typeof made === 'object' ? resolve(made) : reject(new Lost())));
    });
    const session = new FtpSession(end, world.scheduler);
    const reply = await session.ask({ do: 'login', user, password: 'a publisher' });
    if (reply.code !== 230) throw new Lost();
    return session;
  }

  /** The reply, whatever it says. Rejects `Lost`. */
  ask(command: FtpCommand, data?: Uint8Array): Promise<Reply> {
    if (this.#lost) return Promise.reject(new Lost());
    this.#tag += 1;
    const tag = this.#tag;
    return new Promise((resolve, reject) => {
      const patience = this.#scheduler.after(PATIENCE_MILLIS, 'client timeout', () => this.close());
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          patience.cancel();
          settle(value);
        };
      this.#waiting = { tag, resolve: settled(resolve), reject: settled(reject) };
      this.#send({ kind: 'command', command, tag }, COMMAND_BYTES);
      if (data === undefined) return;
      for (let at = 0; at < data.length; at += PIECE_BYTES) {
        const bytes = data.subarray(at, at + PIECE_BYTES);
        this.#send({ kind: 'data', bytes }, bytes.length);
      }
      this.#send({ kind: 'dataEnd' }, 1);
    });
  }

  /** Sends the beginning of a file, and is gone. */
  breakOff(command: FtpCommand, data: Uint8Array): void {
    this.#send({ kind: 'command', command, tag: (this.#tag += 1) }, COMMAND_BYTES);
    this.#send({ kind: 'data', bytes: data }, data.length);
    this.#end.end();
    this.#lost = true;
  }

  close(): void {
    this.#end.end();
    this.#fail();
  }

  #send(message: FtpMessage, bytes: number): void {
    this.#end.send(message, bytes);
  }

  #take(message: FtpMessage): void {
    if (message.kind !== 'reply' || this.#waiting?.tag !== message.tag) return;
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve(message);
  }

  #fail(): void {
    this.#lost = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(new Lost());
  }
}

export interface ClientWorld {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly process: Process;
}

/** Waits in the process that asks. */
export function sleep(scheduler: Scheduler, millis: number, process?: Process): Promise<void> {
  return new Promise((resolve) => void scheduler.after(millis, 'sleep', resolve, process ?? scheduler.process));
}
