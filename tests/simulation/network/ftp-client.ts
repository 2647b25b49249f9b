import { EventEmitter } from 'node:events';
import { encodeBlocks } from '../../../electron/engine/core/block-mode.ts';
import { simulation } from '../current.ts';
import type { FtpCommand, FtpMessage } from './ftp-protocol.ts';
import type { End } from './network.ts';

/** In the place of `basic-ftp`: as much of its client as a mirror's channels use, on the simulated network. */
export class FTPError extends Error {
  readonly code: number;

  constructor(response: { readonly code: number; readonly message: string }) {
    super(response.message);
    this.name = 'FTPError';
    this.code = response.code;
  }
}

interface Access {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

interface FtpResponse {
  readonly code: number;
  readonly message: string;
}
type Handler = (response: FtpResponse | FTPError | Error) => void;

const COMMAND_BYTES = 40;
const EMPTY = Buffer.alloc(0);

/** The data connection of block mode: what the server sends of files comes out of it in blocks. */
export class DataSocket extends EventEmitter {
  readonly #held: Buffer[] = [];
  #paused = false;

  setKeepAlive(): void {}

  destroy(): void {}

  take(bytes: Uint8Array, isLast: boolean): void {
    for (const block of encodeBlocks(Buffer.from(bytes), isLast)) this.#held.push(block);
    if (!this.#paused) this.#flow();
  }

  isPaused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    queueMicrotask(() => this.#flow());
  }

  #flow(): void {
    for (
      let block = this.#paused ? undefined : this.#held.shift();
      block;
      block = this.#paused ? undefined : this.#held.shift()
    )
      this.emit('data', block);
  }
}

export class Client {
  readonly ftp = {
    socket: {
      setNoDelay: () => undefined,
      setTimeout: () => undefined,
      cork: () => undefined,
      uncork: () => undefined,
    },
    dataSocket: new DataSocket(),
    handle: (_command: undefined, handler: Handler): Promise<never> => {
      this.#handler = handler;
      return new Promise(() => undefined);
    },
    send: (line: string): void => this.#say(line),
  };
  #end: End | undefined;
  #closed = true;
  #tag = 0;
  #restartAt = 0;
  #handler: Handler = () => undefined;

  async access({ host, port, user, password }: Access): Promise<void> {
    this.#closed = false;
    const end = await new Promise<End>((resolve, reject) => {
      simulation().network.connect(host, port, (made) => {
        if (typeof made === 'object') return resolve(made);
        const code = made === 'refused' ? 'ECONNREFUSED' : 'ETIMEDOUT';
        reject(Object.assign(new Error(`connect ${code}`), { code }));
      });
    });
    if (this.#closed) {
      end.destroy();
      throw new Error('User closed client during task');
    }
    this.#end = end;
    end.onMessage = (message) => this.#take(message as FtpMessage);
    end.onClosed = () =>
      this.#fail(Object.assign(new Error('read ECONNRESET (control socket)'), { code: 'ECONNRESET' }));
    const answer = await new Promise<FtpResponse | FTPError | Error>((resolve) => {
      this.#handler = resolve;
      this.#send({ do: 'login', user, password });
    });
    if (answer instanceof Error) throw answer;
  }

  /** MODE B is all that the simulated server knows. */
  send(_command: 'MODE B'): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.#fail(new Error('User closed client during task'));
  }

  #say(line: string): void {
    const [verb = '', argument = ''] = /^(\S+) ?(.*)$/su.exec(line)?.slice(1) ?? [];
    if (verb === 'RETR') this.#send({ do: 'retrieve', path: argument, offset: this.#restartAt });
    else this.#send({ do: 'noop' });
    this.#restartAt = verb === 'REST' ? Number(argument) : 0;
  }

  #send(command: FtpCommand): void {
    if (this.#closed || this.#end === undefined) return;
    this.#tag += 1;
    this.#end.send({ kind: 'command', command, tag: this.#tag } satisfies FtpMessage, COMMAND_BYTES);
  }

  #take(message: FtpMessage): void {
    switch (message.kind) {
      case 'data':
        return this.ftp.dataSocket.take(message.bytes, false);
      case 'dataEnd':
        return this.ftp.dataSocket.take(EMPTY, true);
      case 'reply': {
        const response = { code: message.code, message: message.text };
        return this.#handler(message.code >= 400 ? new FTPError(response) : response);
      }
      case 'command':
        return;
    }
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end?.destroy();
    this.#handler(error);
  }
}
