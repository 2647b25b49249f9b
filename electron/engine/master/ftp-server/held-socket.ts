import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * A TCP connection below the server side of TLS that keeps back what the server writes once the client's encrypted records
 * come, until `release`. With TLS 1.3 those are session tickets. A client that uploads does not read them; when it then closes,
 * its system finds unread bytes, drops what it has not sent yet, and resets the connection: the end of the file is lost.
 * Node and Electron have no common way to send no tickets, so they are sent when the client has said that it is done.
 */
export class HeldSocket extends Duplex {
  readonly #socket: Socket;
  readonly #records = new RecordWatch();
  #held: Buffer[] = [];
  #released = false;
  #ended = false;

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#records.push(chunk);
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.#end());
    socket.on('error', (error) => this.destroy(error));
    // Not destroyed: what has come may not have been read yet.
    socket.on('close', () => this.#end());
  }

  release(): void {
    this.#released = true;
    if (this.#held.length > 0 && this.#socket.writable) this.#socket.write(Buffer.concat(this.#held));
    this.#held = [];
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.push(null);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#records.encrypted && !this.#released) {
      this.#held.push(chunk);
      done();
    } else {
      this.#socket.write(chunk, done);
    }
  }

  override _final(done: () => void): void {
    this.release();
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

/** Follows TLS records until the first that is encrypted as TLS 1.3 writes them (RFC 8446 §5.1): the handshake is over for the server. */
class RecordWatch {
  #header: number[] = [];
  #skip = 0;
  encrypted = false;

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.encrypted; ) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
      } else {
        this.#header.push(chunk[at] ?? 0);
        at += 1;
        this.#take();
      }
    }
  }

  #take(): void {
    if (this.#header[0] === APPLICATION_DATA) this.encrypted = true;
    if (this.#header.length < HEADER_BYTES) return;
    this.#skip = (this.#header[3] ?? 0) * 256 + (this.#header[4] ?? 0);
    this.#header = [];
  }
}

const HEADER_BYTES = 5;
const APPLICATION_DATA = 23;
