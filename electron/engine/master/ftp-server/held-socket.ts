import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { HELD_BYTES_MAX } from './limits.ts';
import { successorOf } from './successor.ts';

const READ_BYTES = 64 * 1024;

/**
 * A TCP connection below the server side of TLS, for uploads. It sees how the client's records end (`endsWithAlert`), and, where it
 * `holds`, keeps back what the server writes once the client's encrypted records come, until `release`. With TLS 1.3 those are session tickets. A client that uploads does not read them; when it then closes,
 * its system finds unread bytes, drops what it has not sent yet, and resets the connection: the end of the file is lost.
 * Node and Electron have no common way to send no tickets, so they are sent when the client has said that it is done.
 */
export class HeldSocket extends Duplex {
  readonly #socket: Socket;
  readonly #records = new RecordWatch();
  readonly #holds: boolean;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #released = false;
  #ended = false;

  /** `holds`: for TLS 1.3. With TLS 1.2 the server's own handshake may still be to come. */
  constructor(accepted: Socket, holds: boolean) {
    super({ allowHalfOpen: true });
    this.#holds = holds;
    this.#socket = this.#readFrom(accepted);
    const socket = this.#socket;
    socket.on('end', () => this.#end());
    socket.on('error', (error) => this.destroy(error));
    // Not destroyed: what has come may not have been read yet.
    socket.on('close', () => this.#end());
  }

  /**
   * The last that the client sent can be a whole alert, as `close_notify` is one. Node tells the end of TLS and the end of the
   * connection below it as the same; anybody on the way can make the latter (RFC 8446 §6.1). An alert that is forged is an error of TLS.
   * `received`: bytes of data that have come out of TLS.
   */
  endsWithAlert(version: string | null, received: number): boolean {
    const { last, isWhole, before } = this.#records;
    if (!isWhole || !last) return false;
    if (version !== 'TLSv1.3') return last.type === ALERT;
    if (last.type !== APPLICATION_DATA || !ALERT_BYTES.includes(last.length)) return false;
    // It looks like two bytes of data, as which it may have come out of TLS: the records before it cannot have held all that came.
    return received <= before.bytes - before.records * (last.length - 2);
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
    const options = successorOf(accepted, { buffer: () => buffer, callback });
    if (options) return new Socket(options);
    return accepted.on('data', (chunk: Buffer) => this.#came(chunk));
  }

  #came(chunk: Buffer): void {
    this.#records.push(chunk);
    if (!this.push(chunk)) this.#socket.pause();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.push(null);
  }

  override _read(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#holds && this.#records.encrypted && !this.#released) {
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

interface TlsRecord {
  readonly type: number;
  /** Bytes after the header. */
  readonly length: number;
}

/** Follows TLS records by their headers (RFC 8446 §5.1). */
class RecordWatch {
  #header: number[] = [];
  #skip = 0;
  #isPastHandshake = false;
  /** One has come that is encrypted as TLS 1.3 writes them: the handshake is over for the server. */
  encrypted = false;
  /** The one that has come last, or is coming. */
  last: TlsRecord | undefined;
  /**
   * TLS 1.3: those before the last that may hold data, which the first does not: it is the end of the client's handshake. What they
   * hold is theirs less what each has around it, where the client fills them up all alike, or not at all, and does not change its keys: else it is less.
   */
  readonly before = { records: 0, bytes: 0 };

  /** Nothing of a record is missing. */
  get isWhole(): boolean {
    return this.#skip === 0 && this.#header.length === 0;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
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
    const [type = 0, , , high = 0, low = 0] = this.#header;
    if (type === APPLICATION_DATA) this.encrypted = true;
    if (this.#header.length < HEADER_BYTES) return;
    this.#skip = high * 256 + low;
    if (this.last?.type === APPLICATION_DATA && this.#isPastHandshake) {
      this.before.records += 1;
      this.before.bytes += this.last.length;
    }
    this.#isPastHandshake ||= this.last?.type === APPLICATION_DATA;
    this.last = { type, length: this.#skip };
    this.#header = [];
  }
}

const HEADER_BYTES = 5;
const ALERT = 21;
const APPLICATION_DATA = 23;
/** With a tag of 16 bytes, with that of the ciphers `CCM_8`, and as Java has it, which fills each record up with 16 zeros. */
const ALERT_BYTES: readonly number[] = [2 + 1 + 16, 2 + 1 + 8, 2 + 1 + 16 + 16];
