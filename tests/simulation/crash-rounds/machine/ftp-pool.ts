import type { Retrieval } from '../../../../electron/engine/mirror/retriever/block-channel.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Random } from '../../disk/random.ts';
import { currentLoop } from './time.ts';

/** In the place of the mirror's sessions at the master's FTP server: they answer from the master's tree. */

export interface ServedTree {
  /** The file at an absolute path of the server; or it is not there, or the server is not. */
  read(path: string): Buffer | 'absent' | 'down';
  readonly random: Random;
}

let served: ServedTree | undefined;

export function serve(tree: ServedTree): void {
  served = tree;
}

const PIECE_BYTES = 40_000;
const BREAKS = 0.03;
const MILLIS_MAX = 4;

export class FtpPool {
  warm(): void {}

  resize(): void {}

  stop(): void {}

  async retrieve({ path, offset, sink, signal }: Retrieval): Promise<void> {
    if (!served) throw new TypeError('nothing is served');
    const { random } = served;
    await pause();
    const content = served.read(`/${path}`);
    if (content === 'absent') throw new AppError('fetch.gone', { path, reply: 550 });
    if (content === 'down') throw new AppError('fetch.unreachable', { address: 'master', reason: 'ECONNREFUSED' });
    for (let at = offset; at < content.length; ) {
      if (signal.aborted) throw new AppError('fetch.superseded');
      if (random() < BREAKS) throw new AppError('fetch.broken-off', { path, reason: 'ECONNRESET' });
      const end = Math.min(content.length, at + 1 + Math.floor(random() * Math.min(PIECE_BYTES, sink.pieceBytes)));
      await sink.take(content.subarray(at, end));
      at = end;
      await pause();
    }
    await sink.end();
  }
}

function pause(): Promise<void> {
  const random = served?.random ?? Math.random;
  return new Promise((resolve) => void currentLoop().after(random() * MILLIS_MAX, resolve));
}
