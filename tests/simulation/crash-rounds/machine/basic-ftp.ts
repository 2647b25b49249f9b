import type { Writable } from 'node:stream';
import type { Random } from '../../disk/random.ts';
import { currentLoop } from './time.ts';

/** In the place of `basic-ftp`: of the client what the mirror uses, with a server that answers from the master's tree. */

export interface ServedTree {
  /** The file at an absolute path of the server; undefined: it is not there, or the server is not. */
  read(path: string): Buffer | 'absent' | 'down';
  readonly random: Random;
}

let served: ServedTree | undefined;

export function serve(tree: ServedTree): void {
  served = tree;
}

export class FTPError extends Error {
  readonly code: number;

  constructor({ code, message }: { code: number; message: string }) {
    super(message);
    this.code = code;
  }
}

const PART_BYTES = 40_000;
const BREAKS = 0.03;
const MILLIS_MAX = 4;

export class Client {
  closed = false;
  readonly ftp = { socket: { setNoDelay(): void {} }, dataSocket: undefined };

  async access(): Promise<void> {
    await pause();
    if (served?.read('/') === 'down') throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  }

  async prepareTransfer(): Promise<void> {
    await pause();
  }

  async send(): Promise<void> {
    await pause();
  }

  close(): void {
    this.closed = true;
  }

  async downloadTo(sink: Writable, path: string, offset: number): Promise<void> {
    if (!served) throw new TypeError('nothing is served');
    const { random } = served;
    await pause();
    const content = served.read(path);
    if (content === 'absent') throw new FTPError({ code: 550, message: 'no such file' });
    if (content === 'down') throw this.#broken();
    for (let at = offset; at < content.length; ) {
      if (this.closed || random() < BREAKS) throw this.#broken();
      const end = Math.min(content.length, at + 1 + Math.floor(random() * PART_BYTES));
      await write(sink, content.subarray(at, end));
      at = end;
      await pause();
    }
    await new Promise<void>((resolve) => void sink.end(resolve));
  }

  #broken(): Error {
    this.closed = true;
    return Object.assign(new Error('the connection is gone'), { code: 'ECONNRESET' });
  }
}

function write(sink: Writable, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

function pause(): Promise<void> {
  const random = served?.random ?? Math.random;
  return new Promise((resolve) => void currentLoop().after(random() * MILLIS_MAX, resolve));
}
