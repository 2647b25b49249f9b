import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { encodeBlocks } from '../../core/block-mode.ts';
import { brokenBy, type Transfer } from './current-transfer.ts';

/** How bytes go out on a data connection. */
export interface Outlet {
  /** Resolves when the piece is not needed any more. Rejects a `TransferBroken`. */
  send(piece: Buffer | string): Promise<void>;
  /** Sends the last piece, and marks the end of the file. `onFree`: nothing of what was sent is needed any more; not called where it broke off. */
  finish(last: Buffer | string, onFree?: () => void): Promise<void>;
}

/** The end of the connection is the end of the file. */
export function asStream(data: Socket, transfer: Transfer): Outlet {
  return {
    send: (piece) => send(data, transfer, piece),
    finish: (last, onFree) => finish(data, transfer, last).then(onFree),
  };
}

/** The last piece of a file is not waited for where the socket has room for it: its end is marked, and the next file may follow. */
export function inBlocks(data: Socket, transfer: Transfer): Outlet {
  const write = (piece: Buffer | string, isLast: boolean, onFree?: () => void): Promise<void> => {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    const blocks = encodeBlocks(bytes, isLast);
    const waits = !isLast || data.destroyed || data.writableLength + bytes.length >= data.writableHighWaterMark;
    const last = blocks.pop();
    data.cork();
    for (const block of blocks) data.write(block);
    let sent = Promise.resolve();
    if (last && waits) sent = send(data, transfer, last).then(onFree);
    else if (last) data.write(last, (error) => (error ? undefined : onFree?.()));
    // Right after the replies, which go out then: a client that gets all of it in one go wakes up once.
    if (waits) data.uncork();
    else process.nextTick(() => data.uncork());
    return sent;
  };
  return { send: (piece) => write(piece, false), finish: (last, onFree) => write(last, true, onFree) };
}

/** Waits until all is sent and our side is closed. */
async function finish(data: Socket, transfer: Transfer, last: Buffer | string): Promise<void> {
  // TLS sends its session tickets right after the handshake: closing before would cut them off, and clients would complain.
  if ('encrypted' in data) await turn();
  if (!data.destroyed) {
    await new Promise<void>((resolve) => {
      data.once('close', resolve);
      data.once('finish', resolve);
      data.end(last);
    });
  }
  if (!data.writableFinished) throw brokenBy(transfer);
}

/** Sends a piece; resolves when the socket has handed it to the system. */
async function send(data: Socket, transfer: Transfer, piece: Buffer | string): Promise<void> {
  if (!data.destroyed) {
    await new Promise<void>((resolve) => {
      data.once('close', resolve);
      data.write(piece, () => {
        data.removeListener('close', resolve);
        resolve();
      });
    });
  }
  if (data.destroyed) throw brokenBy(transfer);
}
