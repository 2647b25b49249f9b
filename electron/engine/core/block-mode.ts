import { AppError } from '../../../shared/errors/app-error.ts';

/**
 * Block mode of FTP (RFC 959 §3.4.2): each block has a descriptor, a 16-bit count and so many bytes. The end of a file is marked,
 * and not the end of the connection, so that many files go over one.
 */
const HEADER_BYTES = 3;
const BLOCK_BYTES_MAX = 0xffff;
/** The descriptor's bit for the last block of a file. */
const END_OF_FILE = 64;

/** The blocks of a piece of a file, to be written one after the other. Of a last piece without bytes: an empty block. */
export function encodeBlocks(piece: Buffer, isLast: boolean): Buffer[] {
  const blocks: Buffer[] = [];
  let at = 0;
  do {
    const bytes = piece.subarray(at, at + BLOCK_BYTES_MAX);
    at += bytes.length;
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    header[0] = isLast && at === piece.length ? END_OF_FILE : 0;
    header.writeUInt16BE(bytes.length, 1);
    blocks.push(header, bytes);
  } while (at < piece.length);
  return blocks;
}

export type Block = { readonly kind: 'piece'; readonly bytes: Buffer } | { readonly kind: 'end' };

/** Takes blocks apart again, as they come in pieces of any size. Reads no further than it is asked to. */
export class BlockReader {
  #chunks: Buffer[] = [];
  #first = 0;
  readonly #header: number[] = [];
  #left = 0;
  #isLast = false;
  #bytes = 0;

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** Bytes that have not been read yet. */
  get pending(): number {
    return this.#bytes;
  }

  /**
   * The next bytes of the file, `most` of them at most, or its end; undefined: more has to come first. Throws `fetch.broken-off` for
   * what no sender of whole files sends (restart markers, suspected errors).
   */
  next(most = Number.POSITIVE_INFINITY): Block | undefined {
    for (;;) {
      const chunk = this.#chunks[0];
      if (this.#left > 0) {
        if (chunk === undefined) return undefined;
        return { kind: 'piece', bytes: this.#take(chunk, Math.min(this.#left, most)) };
      }
      if (this.#isLast) {
        this.#isLast = false;
        return { kind: 'end' };
      }
      if (chunk === undefined) return undefined;
      this.#readHeader(chunk);
    }
  }

  #take(chunk: Buffer, most: number): Buffer {
    const bytes = chunk.subarray(this.#first, this.#first + most);
    this.#left -= bytes.length;
    this.#advance(chunk, bytes.length);
    return bytes;
  }

  #readHeader(chunk: Buffer): void {
    this.#header.push(chunk[this.#first] ?? 0);
    this.#advance(chunk, 1);
    const [descriptor = 0, high = 0, low = 0] = this.#header;
    if (this.#header.length < HEADER_BYTES) return;
    if (descriptor !== 0 && descriptor !== END_OF_FILE)
      throw new AppError('fetch.broken-off', { reason: `block descriptor ${descriptor}` });
    this.#header.length = 0;
    this.#left = high * 256 + low;
    this.#isLast = descriptor === END_OF_FILE;
  }

  #advance(chunk: Buffer, bytes: number): void {
    this.#bytes -= bytes;
    this.#first += bytes;
    if (this.#first < chunk.length) return;
    this.#chunks.shift();
    this.#first = 0;
  }
}
