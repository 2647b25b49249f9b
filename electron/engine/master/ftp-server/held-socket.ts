import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { HELD_BYTES_MAX } from './limits.ts';
import { successorOf } from './successor.ts';

const READ_BYTES = 64 * 1024;

export interface HeldOptions {
  /** For TLS 1.3. With TLS 1.2 the server's own handshake may still be to come. */
  readonly isQuiet: boolean;
  /** Whether it is to be known who has ended the upload; see `isCutOff`. */
  readonly asksWhoEnds: boolean;
}

/**
 * A TCP connection below the server side of TLS, for uploads. Where it is to be quiet it keeps back what the server writes once the
 * client's encrypted records come, until `release`. With TLS 1.3 those are session tickets. A client that uploads does not read them; when it then closes,
 * its system finds unread bytes, drops what it has not sent yet, and resets the connection: the end of the file is lost.
 * Node and Electron have no common way to send no tickets, so they are sent when the client has said that it is done.
 */
export class HeldSocket extends Duplex {
  readonly #options: HeldOptions;
  readonly #socket: Socket;
  readonly #records = new RecordWatch();
  #held: Buffer[] = [];
  #heldBytes = 0;
  #released = false;
  #ended = false;
  /**
   * The connection has ended, and not by the client's word (`close_notify`, RFC 8446 §6.1): anybody on the way can make that. Node tells both as
   * the same, and with TLS 1.3 nothing outside shows which record is an alert, as a client may fill them all up. So at the end TLS is
   * given what is no record: after the client's word it is not looked at, else it is an error. Holds once TLS has told its end.
   */
  isCutOff = false;

  constructor(accepted: Socket, options: HeldOptions) {
    super({ allowHalfOpen: true });
    this.#options = options;
    this.#socket = this.#readFrom(accepted);
    const socket = this.#socket;
    socket.on('end', () => this.#end());
    socket.on('error', (error) => this.destroy(error));
    // Not destroyed: what has come may not have been read yet.
    socket.on('close', () => this.#end());
  }

  /** An error of the TLS above. False where it is but the answer to what is no record. */
  isDamage(): boolean {
    if (!this.#ended || !this.#options.asksWhoEnds) return true;
    this.isCutOff = true;
    return false;
  }

  release(): void {
    this.#released = true;
    if (this.#held.length > 0 && this.#socket.writable) this.#socket.write(Buffer.concat(this.#held));
    this.#held = [];
  }

  /** What reads into the one buffer again and again. */
  #readFrom(accepted: Socket): Socket {
    let buffer = Buffer.allocUnsafe(READ_BYTES);
    const callback = (bytes: number): boolean => {
      this.#came(buffer.subarray(0, bytes));
      // What TLS did not take at once keeps its buffer.
      if (this.readableLength > 0) buffer = Buffer.allocUnsafe(READ_BYTES);
      return true;
    };
    const options = successorOf(accepted);
    if (options) return new Socket({ ...options, onread: { buffer: () => buffer, callback } });
    return accepted.on('data', (chunk: Buffer) => this.#came(chunk));
  }

  #came(chunk: Buffer): void {
    if (this.#options.isQuiet) this.#records.push(chunk);
    if (!this.push(chunk)) this.#socket.pause();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#options.asksWhoEnds) this.push(NO_RECORD);
    this.push(null);
  }

  override _read(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#records.encrypted && !this.#released) {
      this.#held.push(chunk);
      this.#heldBytes += chunk.length;
      if (this.#heldBytes > HELD_BYTES_MAX) this.release();
      done();
    } else if (this.#socket.writable) {
      this.#socket.write(chunk, done);
    } else {
      // A client that has closed reads no farewell: Node would make an error, with its stack, for each upload.
      done();
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

/** Follows TLS records by their headers (RFC 8446 §5.1), until one has come that is encrypted as TLS 1.3 writes them. */
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
    const [type, , , high = 0, low = 0] = this.#header;
    this.encrypted = type === APPLICATION_DATA;
    if (this.#header.length < HEADER_BYTES) return;
    this.#skip = high * 256 + low;
    this.#header = [];
  }
}

const HEADER_BYTES = 5;
const APPLICATION_DATA = 23;
/** No header of TLS; and enough to complete, wrongly, the longest record (RFC 5246 §6.2.3) that somebody has begun before it. */
const NO_RECORD = Buffer.alloc(HEADER_BYTES + 2 ** 14 + 2048 + HEADER_BYTES, 0xff);
