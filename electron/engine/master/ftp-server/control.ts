import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { REPLY_BACKLOG_MAX, TLS_HANDSHAKE_MILLIS } from './limits.ts';
import { type Line, LineReader } from './line-reader.ts';
import { formatReply, type Reply } from './reply.ts';
import type { TlsAcceptor } from './server-tls.ts';

export interface ControlHandlers {
  onLine(line: Line): void;
  /** The client has said its last word: its side is closed, ours is not. Once. */
  onEnded(): void;
  /** The connection is closed. Once. */
  onGone(): void;
  /** Nothing came or went for the idle time. */
  onIdle(): void;
}

/** The control connection (RFC 959 §3.3): lines in, replies out, plain at first and then perhaps TLS. */
export class ControlConnection {
  readonly #handlers: ControlHandlers;
  readonly #idleMillis: number;
  #socket: Socket;
  #reader = this.#newReader();
  readonly #ended = new AbortController();
  #closed = false;

  constructor(socket: Socket, idleMillis: number, handlers: ControlHandlers) {
    this.#handlers = handlers;
    this.#idleMillis = idleMillis;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('close', this.#gone);
    this.#attach(socket);
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Aborted as soon as the client has closed its side, or the connection broke. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** TLS 1.3 or newer, whose server side goes on writing after the handshake. */
  get hasNewTls(): boolean {
    return this.#socket instanceof TLSSocket && this.#socket.getProtocol() !== 'TLSv1.2';
  }

  /** Bytes that came after the last whole line. */
  get pending(): number {
    return this.#reader.pending + this.#socket.readableLength;
  }

  send(reply: Reply): void {
    if (!this.#socket.writable) return;
    this.#write(formatReply(reply));
    reply.after?.();
  }

  /** The replies of this turn go out together: each packet for itself wakes the client. */
  gather(): void {
    const socket = this.#socket;
    if (socket.writableCorked > 0) return;
    socket.cork();
    process.nextTick(() => socket.uncork());
  }

  #write(bytes: string | Buffer): void {
    this.#socket.write(bytes);
    if (this.#socket.writableLength > REPLY_BACKLOG_MAX) this.#socket.destroy();
  }

  #newReader(): LineReader {
    return new LineReader((answer) => {
      if (this.#socket.writable) this.#write(answer);
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /**
   * Goes on in TLS after the 234 has been sent (RFC 4217 §4). The bytes of the ClientHello may be here already: they are in the
   * socket, not in the reader, and TLS takes them from there.
   */
  secure(tls: TlsAcceptor): void {
    const plain = this.#socket;
    plain.removeListener('data', this.#data);
    plain.removeListener('timeout', this.#idle);
    plain.removeListener('end', this.#end);
    plain.setTimeout(0);
    plain.pause();
    const secured = tls.accept(plain);
    const deadline = setTimeout(() => secured.destroy(), TLS_HANDSHAKE_MILLIS);
    secured.once('secure', () => clearTimeout(deadline));
    secured.once('close', () => {
      clearTimeout(deadline);
      plain.destroy();
      this.#gone();
    });
    this.#reader = this.#newReader();
    this.#socket = secured;
    this.#attach(secured);
  }

  /** Sends what is under way, then closes; cuts a client that does not close its side. */
  end(lingerMillis: number): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    const timer = setTimeout(() => socket.destroy(), lingerMillis);
    socket.once('close', () => clearTimeout(timer));
    socket.removeListener('data', this.#data);
    socket.resume();
    socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #attach(socket: Socket): void {
    socket.on('error', ignore);
    socket.on('data', this.#data);
    socket.on('end', this.#end);
    socket.setTimeout(this.#idleMillis);
    socket.on('timeout', this.#idle);
  }

  readonly #data = (chunk: Buffer): void => {
    for (const line of this.#reader.push(chunk)) this.#handlers.onLine(line);
  };

  readonly #idle = (): void => {
    this.#socket.setTimeout(this.#idleMillis);
    this.#handlers.onIdle();
  };

  readonly #end = (): void => {
    if (this.ended.aborted) return;
    this.#ended.abort();
    this.#handlers.onEnded();
  };

  readonly #gone = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    this.#end();
    this.#handlers.onGone();
  };
}

function ignore(): void {}
