import type { Socket } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Upload, UploadOptions } from '../site-files.ts';
import { landingOf } from './landing-socket.ts';
import { type LineEnds, lineEndsIn } from './line-ends.ts';
import {
  CLIENT_BLOCK_BYTES,
  GRACE_SHORT_BLOCK_MILLIS,
  GRACE_TIMES_MAX,
  GRACE_WHOLE_BLOCK_MILLIS,
  TINY_UPLOAD_BYTES,
} from './limits.ts';
import { Refusal, type Reply, reply } from './reply.ts';
import type { Announced, Said } from './said.ts';
import type { Session } from './session.ts';
import { brokenBy, type Transfer, TransferBroken } from './current-transfer.ts';
import { runTransfer } from './transfer.ts';

/**
 * STOR, APPE, STOU and REST+STOR. Nothing is visible before the commit, and the 226 is sent after it: it is a promise (SPEC §3).
 * `named` is what the 150 and 226 say of the name that STOU chose (RFC 1123 §4.1.2.9).
 */
export function receiveUpload(
  session: Session,
  path: SitePath,
  { announced, range }: Said,
  how: Pick<UploadOptions, 'append' | 'restartAt'>,
  named = '',
): Promise<Reply> {
  if (range.end !== undefined)
    throw new Refusal(504, 'RANG is for RETR and HASH: a file is published as a whole. Send RANG 1 0 first.');
  const lines = session.told.converts ? lineEndsIn() : undefined;
  return runTransfer(session, 'upload', path, async () => {
    const upload = await session.files.beginUpload(path, { by: session.actor, ...how });
    return {
      opening: named === '' ? 'Ready for the data.' : `FILE: ${named}`,
      isRefusedForGood: announced.expected === undefined,
      async run({ socket, isCutOff }, transfer) {
        await receive(socket, upload, transfer, { bytesMax: session.context.config.limits.uploadBytes, lines });
        await waitForProof(session, upload, transfer, { announced, isCutOff });
        transfer.signal.throwIfAborted();
        session.beginCommit();
        await upload.commit(announced.expected);
        const where = session.release ? 'in the release' : 'published';
        return reply(226, named === '' ? `The file is ${where}.` : `The file is ${where} as ${named}.`);
      },
      breakOff: (reason) => upload.breakOff(reason),
    };
  });
}

/**
 * What the end of the data connection means (a killed client ends it as cleanly as one that is done): `complete`, `short`,
 * or `unproven`: the size is not known, and only the control connection's survival can tell.
 */
export function judgeEnd(
  received: number,
  offset: number,
  { allocated, expected }: Announced,
): 'complete' | 'short' | 'unproven' {
  const total = offset + received;
  if (expected) return total < expected.size ? 'short' : 'complete';
  if (allocated === undefined) return 'unproven';
  if (total < allocated) return 'short';
  return total === allocated || received === allocated ? 'complete' : 'unproven';
}

const PROCESSORS = availableParallelism();

/**
 * How long to wait for the end of a killed client's control connection; see `GRACE_WHOLE_BLOCK_MILLIS`. `load`: programs that want to run, for
 * each processor; the client may be one of them.
 */
export function graceMillis(received: number, converted: boolean, load = loadPerProcessor): number {
  if (received > 0 && received <= TINY_UPLOAD_BYTES) return 0;
  const isWhole = converted || received % CLIENT_BLOCK_BYTES === 0;
  const grace = isWhole ? GRACE_WHOLE_BLOCK_MILLIS : GRACE_SHORT_BLOCK_MILLIS;
  return Math.round(grace * Math.min(Math.max(load(), 1), GRACE_TIMES_MAX));
}

/** Over the last minute; 0 on Windows, which does not tell. It reads files of the system, so it is not asked for nothing. */
function loadPerProcessor(): number {
  return (loadavg()[0] ?? 0) / PROCESSORS;
}

/** Makes the upload durable, and meanwhile waits for as long as it takes to see that the client lives. */
async function waitForProof(
  session: Session,
  upload: Upload,
  transfer: Transfer,
  { announced, isCutOff }: { announced: Announced; isCutOff: () => boolean },
): Promise<void> {
  const { bytes: received } = transfer;
  const verdict = judgeEnd(received, upload.offset, announced);
  if (verdict === 'short') throw new TransferBroken('short');
  if (verdict === 'unproven' && isCutOff()) {
    session.logger.info(
      { path: transfer.path, bytes: received },
      'an upload ended without close_notify: it is not taken',
    );
    throw new TransferBroken('no-close-notify');
  }
  const grace = verdict === 'unproven' ? graceMillis(received, session.told.converts) : 0;
  if (grace > 0) await Promise.all([upload.flush(), sleep(grace)]);
  else await upload.flush();
  // What has arrived on the control connection by now is read in this turn.
  if (verdict === 'unproven') await turn();
  if (session.control.ended.aborted) throw new TransferBroken('control-lost');
}

/** Writes what arrives, in order and one write at a time; while one is under way the next bytes land beside it. */
async function receive(
  data: Socket,
  upload: Upload,
  transfer: Transfer,
  { bytesMax, lines }: { bytesMax: number; lines: LineEnds | undefined },
): Promise<void> {
  // An empty upload with TLS may have ended together with the handshake.
  let ended = data.readableEnded;
  let wake = (): void => {};
  const landing = landingOf(data, (bytes) => {
    transfer.moved(bytes);
    wake();
  });
  data.on('end', () => {
    ended = true;
    wake();
  });
  data.on('close', () => wake());
  data.resume();
  const store = async (batch: Buffer): Promise<void> => {
    if (upload.size + batch.length > bytesMax) throw new AppError('upload.too-large', { limit: bytesMax });
    transfer.waitsForDisk = true;
    await upload.write(batch);
    transfer.waitsForDisk = false;
  };
  for (;;) {
    transfer.signal.throwIfAborted();
    const batch = landing.take();
    if (batch) {
      await store(lines?.push(batch) ?? batch);
      landing.release();
      if (data.isPaused() && !landing.isFull) data.resume();
    } else if (ended) {
      const last = lines?.end();
      if (last && last.length > 0) await store(last);
      data.setTimeout(0);
      landing.end();
      return;
    } else if (data.destroyed) {
      throw brokenBy(transfer);
    } else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}
