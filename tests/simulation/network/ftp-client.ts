import type { Writable } from 'node:stream';
import { simulation } from '../current.ts';
import type { Scheduled } from '../scheduler.ts';
import type { FtpCommand, FtpMessage } from './ftp-protocol.ts';
import type { End } from './network.ts';

/** In the place of `basic-ftp`: as much of its client as a mirror's pool uses, on the simulated network. */
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

interface Waiting {
  readonly tag: number;
  readonly resolve: (reply: Extract<FtpMessage, { kind: 'reply' }>) => void;
  readonly reject: (error: Error) => void;
}

const COMMAND_BYTES = 40;

export class Client {
  readonly ftp = { socket: { setNoDelay: () => undefined }, dataSocket: undefined };
  prepareTransfer = (_ftp: unknown): Promise<unknown> => Promise.resolve({ code: 229, message: '' });
  readonly #timeoutMillis: number;
  #end: End | undefined;
  #closed = true;
  #tag = 0;
  #waiting: Waiting | undefined;
  #sink: ((data: Uint8Array | 'end') => void) | undefined;
  #patience: Scheduled | undefined;

  constructor(timeoutMillis = 30_000) {
    this.#timeoutMillis = timeoutMillis;
  }

  get closed(): boolean {
    return this.#closed;
  }

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
    await this.#ask({ do: 'login', user, password });
  }

  async send(_command: 'NOOP'): Promise<void> {
    await this.#ask({ do: 'noop' });
  }

  async downloadTo(sink: Writable, path: string, offset: number): Promise<void> {
    let failed: Error | undefined;
    // Writes are made one after the other, as a pipe does.
    let writing = Promise.resolve();
    const write = (bytes: Uint8Array): Promise<void> =>
      new Promise((resolve, reject) => sink.write(bytes, (error) => (error ? reject(error) : resolve())));
    sink.on('error', () => undefined);
    const ended = new Promise<void>((resolve) => {
      this.#sink = (data) => {
        if (data === 'end') return resolve();
        writing = writing.then(() => (failed ? undefined : write(data)));
        writing.catch((error: Error) => {
          failed ??= error;
          this.#fail(error);
        });
      };
    });
    try {
      await this.#ask({ do: 'retrieve', path, offset });
      await ended;
      await writing;
      await new Promise<void>((resolve) => sink.end(resolve));
    } finally {
      this.#sink = undefined;
    }
  }

  close(): void {
    this.#fail(new Error('User closed client during task'));
  }

  async #ask(command: FtpCommand): Promise<Extract<FtpMessage, { kind: 'reply' }>> {
    const end = this.#end;
    if (this.#closed || end === undefined) throw new Error('Client is closed');
    this.#tag += 1;
    const reply = await new Promise<Extract<FtpMessage, { kind: 'reply' }>>((resolve, reject) => {
      this.#waiting = { tag: this.#tag, resolve, reject };
      this.#renewPatience();
      end.send({ kind: 'command', command, tag: this.#tag } satisfies FtpMessage, COMMAND_BYTES);
    });
    if (reply.code >= 400) throw new FTPError({ code: reply.code, message: reply.text });
    return reply;
  }

  #take(message: FtpMessage): void {
    if (this.#waiting) this.#renewPatience();
    switch (message.kind) {
      case 'data':
        return this.#sink?.(message.bytes);
      case 'dataEnd':
        return this.#sink?.('end');
      case 'reply': {
        const waiting = this.#waiting;
        if (waiting?.tag !== message.tag) return;
        this.#waiting = undefined;
        this.#patience?.cancel();
        return waiting.resolve(message);
      }
      case 'command':
        return;
    }
  }

  #renewPatience(): void {
    this.#patience?.cancel();
    this.#patience = simulation().scheduler.after(this.#timeoutMillis, 'ftp timeout', () =>
      this.#fail(new Error('Timeout (control socket)')),
    );
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#patience?.cancel();
    this.#end?.destroy();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}
