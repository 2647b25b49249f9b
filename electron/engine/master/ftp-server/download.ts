import { giveBuffer, LARGE_BUFFER_BYTES, takeBuffer } from '../../core/buffers.ts';
import type { SourceFile } from '../../tree/source-file.ts';
import type { Pace } from '../site-files.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import {
  DOWNLOAD_FIRST_BYTES,
  LISTING_CHUNK_CHARACTERS,
  PACED_READ_BYTES_MIN,
  PACED_READS_PER_SECOND,
} from './limits.ts';
import { type LineEnds, lineEndsOut } from './line-ends.ts';
import { Refusal, type Reply, reply } from './reply.ts';
import type { FileRange } from './said.ts';
import type { Session } from './session.ts';
import type { Transfer } from './current-transfer.ts';
import type { Outlet } from './outlet.ts';
import { runTransfer } from './transfer.ts';

/**
 * RETR, from where REST said (RFC 3659 §5), or the range of RANG, which may lie beyond the file and be empty. The file is the one that was
 * opened, even if another takes its name meanwhile.
 */
export function sendFile(session: Session, path: SitePath, range: FileRange): Promise<Reply> {
  const { pace } = session.login;
  const lines = session.told.converts ? lineEndsOut() : undefined;
  return runTransfer(session, 'download', path, async () => {
    if (pace?.isStopped()) throw pausedRefusal();
    const file = await session.reads.open(path);
    const { size } = file.info;
    if (range.start > size && range.end === undefined) {
      file.close();
      throw new Refusal(554, `The file ends at byte ${size}: ask for its size again.`);
    }
    const start = Math.min(range.start, size);
    const end = Math.min(range.end ?? size, size);
    return {
      // Some clients read the size here: in parentheses.
      opening: lines ? 'The lines of the file follow.' : `The file follows (${end - start} bytes).`,
      async run({ outlet }, transfer) {
        await sendBytes(outlet, transfer, file, { start, end, pace, lines });
        file.close();
        return reply(226, 'The file has been sent.');
      },
      breakOff: async () => file.close(),
    };
  });
}

/** LIST, NLST and MLSD: lines put together in chunks. `lines` is read as fast as the client takes them. */
export function sendListing(
  session: Session,
  path: SitePath,
  open: () => Promise<AsyncIterable<string>>,
): Promise<Reply> {
  return runTransfer(session, 'listing', path, async () => {
    const lines = await open();
    return {
      opening: 'The listing follows.',
      async run({ outlet }, transfer) {
        let text = '';
        for await (const line of lines) {
          text += `${line}\r\n`;
          if (text.length < LISTING_CHUNK_CHARACTERS) continue;
          transfer.moved(text.length);
          await outlet.send(text);
          text = '';
        }
        transfer.moved(text.length);
        await outlet.finish(text);
        return reply(226, 'The listing has been sent.');
      },
      breakOff: () => Promise.resolve(),
    };
  });
}

/** The next piece is read while one is being sent: two large buffers take turns. The first piece is small, so that it sets off at once. */
async function sendBytes(
  outlet: Outlet,
  transfer: Transfer,
  file: SourceFile,
  { start, end, pace, lines }: { start: number; end: number; pace: Pace | undefined; lines: LineEnds | undefined },
): Promise<void> {
  const first = Buffer.allocUnsafe(Math.min(end - start, DOWNLOAD_FIRST_BYTES));
  const large: Buffer[] = [];
  let position = start;
  const allow = async ({ length: bytes }: Buffer): Promise<void> => {
    if (pace?.isStopped()) throw pausedRefusal();
    await pace?.take(bytes, transfer.signal);
  };
  const sent = (piece: Buffer): Buffer => lines?.push(piece) ?? piece;
  let piece = await read(file, paced(first, pace), position, end);
  while (position + piece.length < end) {
    position += piece.length;
    transfer.moved(piece.length);
    await allow(piece);
    const buffer = (large.length < 2 ? undefined : large.shift()) ?? takeBuffer(LARGE_BUFFER_BYTES);
    large.push(buffer);
    const [next] = await Promise.all([read(file, paced(buffer, pace), position, end), outlet.send(sent(piece))]);
    piece = next;
  }
  transfer.moved(piece.length);
  await allow(piece);
  await outlet.finish(sent(piece), () => large.forEach(giveBuffer));
}

/** Under a limit it goes out in small pieces: a connection on which nothing moves for long would be taken for a stalled one. */
function paced<B extends Buffer>(buffer: B, pace: Pace | undefined): B | Buffer {
  const rate = pace?.rate();
  return rate === undefined
    ? buffer
    : buffer.subarray(0, Math.max(PACED_READ_BYTES_MIN, Math.floor(rate / PACED_READS_PER_SECOND)));
}

function pausedRefusal(): Refusal {
  return new Refusal(450, 'This mirror is paused by its master: it may fetch again when it is resumed there.');
}

/** A file that has become shorter while it was sent must not end as if it were whole. */
async function read(file: SourceFile, buffer: Buffer, position: number, end: number): Promise<Buffer> {
  const wanted = Math.min(buffer.length, end - position);
  if (wanted === 0) return buffer.subarray(0, 0);
  const bytesRead = await file.read(buffer, wanted, position);
  if (bytesRead === 0) throw new AppError('file.changed');
  return buffer.subarray(0, bytesRead);
}
