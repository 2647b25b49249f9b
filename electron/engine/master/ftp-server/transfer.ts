import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { BreakReason } from '../../../../shared/errors/problems.ts';
import { encodeBlocks } from '../../core/block-mode.ts';
import { Transfer, TransferBroken, type TransferKind } from './current-transfer.ts';
import { secureData } from './data-connection.ts';
import { discard, LandingSocket } from './landing-socket.ts';
import { DATA_DISCARDED_MILLIS, DATA_LEFT_MILLIS, DATA_LINGER_MILLIS } from './limits.ts';
import { Refusal, type Reply, reply, replyToError } from './reply.ts';
import type { Session } from './session.ts';
import { StandingData } from './standing-data.ts';

/** How bytes go out on a data connection. */
export interface Outlet {
  /** Resolves when the piece is not needed any more. Rejects a `TransferBroken`. */
  send(piece: Buffer | string): Promise<void>;
  /** Sends the last piece, and marks the end of the file. `onFree`: nothing of what was sent is needed any more; not called where it broke off. */
  finish(last: Buffer | string, onFree?: () => void): Promise<void>;
}

/** What a verb does with a data connection. */
export interface Work {
  /** Text of the 150. */
  readonly opening: string;
  /** What is refused after the 150 is not to be tried again by itself; see `lasting`. */
  readonly isRefusedForGood?: boolean;
  /** The reply is the last one of the transfer. Throws a `TransferBroken`, `Refusal` or `AppError` where it did not come to its end. */
  run(data: Socket, transfer: Transfer, outlet: Outlet): Promise<Reply>;
  /** Called for whatever was thrown, before the reply is sent. */
  breakOff(reason: BreakReason): Promise<void>;
}

/**
 * Runs one transfer: 150, data connection, TLS on it where asked for, the work, the last reply (RFC 959 §5.4).
 * The 150 goes out before a passive data connection is waited for, as clients may connect, or start TLS, only then.
 */
export async function runTransfer(
  session: Session,
  kind: TransferKind,
  path: SitePath,
  open: () => Promise<Work>,
): Promise<Reply> {
  const connector = session.data.take(kind);
  const isStanding = connector instanceof StandingData;
  // Of a download the client is told first where the file is not there: that says more.
  if (!connector && kind === 'upload') throw noConnection();
  const { context, login } = session;
  const transfer = new Transfer(kind, path, context.clock.now(), (bytes) => context.onBytes(login, kind, bytes));
  session.transfer = transfer;
  let waiting: NodeJS.Timeout | undefined;
  transfer.hurry = () => {
    waiting ??= setTimeout(() => transfer.abort('control-lost'), DATA_LINGER_MILLIS);
  };
  if (!session.control.alive) transfer.hurry();
  let data: Socket | undefined;
  let unwatch = (): void => {};
  let outcome: 'done' | 'refused' | BreakReason = 'refused';
  try {
    const work = await open();
    try {
      transfer.signal.throwIfAborted();
      if (!connector) throw noConnection();
      if (connector.first) data = await connector.connect(transfer.signal);
      // A small file has been sent by the end of this turn.
      if (isStanding) session.control.gather();
      session.send(reply(isStanding && connector.isOpen ? 125 : 150, work.opening));
      transfer.isOpen = true;
      const { dataTls } = session;
      const lands = kind === 'upload' && !dataTls;
      data ??= await connector.connect(transfer.signal, lands ? (options) => LandingSocket.of(options) : undefined);
      if (dataTls && !isStanding) {
        const held = { isQuiet: session.control.hasNewTls, asksWhoEnds: context.config.closeNotify };
        const upload = kind === 'upload' ? held : undefined;
        const secured = await secureData(data, dataTls, transfer.signal, upload);
        data = secured.socket;
        transfer.isCutOff = secured.isCutOff;
      } else if (lands) data = LandingSocket.takeOver(data);
      clearTimeout(waiting);
      unwatch = watch(data, transfer, session.context.config.limits.stallSeconds * 1000, !session.control.alive);
      const last = await work.run(data, transfer, isStanding ? inBlocks(data, transfer) : asStream(data, transfer));
      outcome = 'done';
      // The data connection stays open (RFC 959 §5.4).
      return isStanding ? { ...last, code: 250 } : last;
    } catch (error) {
      outcome = reasonOf(error);
      if (data && kind === 'upload' && GIVEN_UP.has(outcome)) {
        session.data.closeLater(giveUp(data), DATA_DISCARDED_MILLIS);
        data = undefined;
      }
      data?.destroy();
      await work.breakOff(outcome);
      const isForGood = work.isRefusedForGood === true && transfer.isOpen;
      if (error instanceof TransferBroken) {
        const answer = brokenReply(error.reason, kind);
        return isForGood ? lasting(answer) : answer;
      }
      if (isForGood && error instanceof AppError) return lasting(replyToError(error, true));
      throw error;
    }
  } finally {
    clearTimeout(waiting);
    session.transfer = undefined;
    unwatch();
    if (!isStanding) {
      if (connector && outcome === 'refused') session.data.closeLater(connector);
      else connector?.close();
      if (data) linger(data);
    }
    session.transferEnded(transfer, outcome);
  }
}

/**
 * An upload that has begun, and that this server does not take, is refused for good (RFC 959 §5.4 has no 450 and no 452 there). lftp, told
 * to try again after it has sent everything, would send the end of the file alone, and that would be published as the whole. What broke
 * off on the way is a 426.
 */
function lasting(answer: Reply): Reply {
  if (answer.code === 452) return { ...answer, code: 552 };
  return answer.code === 450 || answer.code === 451 ? { ...answer, code: 550 } : answer;
}

/** The client may still be sending. */
const GIVEN_UP: ReadonlySet<string> = new Set<BreakReason>(['disk-full', 'too-large', 'error']);

function noConnection(): Refusal {
  return new Refusal(425, 'There is no data connection: send EPSV or PASV first.');
}

/** The end of the connection is the end of the file. */
function asStream(data: Socket, transfer: Transfer): Outlet {
  return {
    send: (piece) => send(data, transfer, piece),
    finish: (last, onFree) => finish(data, transfer, last).then(onFree),
  };
}

/** The last piece of a file is not waited for where the socket has room for it: its end is marked, and the next file may follow. */
function inBlocks(data: Socket, transfer: Transfer): Outlet {
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

/**
 * Some clients that are still sending read the reply at once, and stop. Others read nothing before they have sent everything, and take a
 * reset for a broken network: what they still send is thrown away, but only after a moment in which the first kind has stopped.
 */
function giveUp(data: Socket): { close(): void } {
  data.pause();
  const timer = setTimeout(() => discard(data), DATA_LEFT_MILLIS);
  return {
    close() {
      clearTimeout(timer);
      data.destroy();
    },
  };
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

/** The reason for which a data connection ended too early: ours, if we cut it. */
export function brokenBy(transfer: Transfer): Error {
  const reason: unknown = transfer.signal.reason;
  return reason instanceof TransferBroken ? reason : new TransferBroken('reset');
}

/** Cuts the connection when the transfer is aborted, and aborts the transfer when nothing moves for too long. Returns how to stop. */
function watch(data: Socket, transfer: Transfer, stallMillis: number, isHurried: boolean): () => void {
  const abort = (): void => {
    data.destroy();
  };
  transfer.signal.addEventListener('abort', abort);
  if (transfer.signal.aborted) abort();
  const stalled = (): void => {
    if (transfer.waitsForDisk) data.setTimeout(stallMillis);
    else transfer.abort('stalled');
  };
  data.setTimeout(stallMillis, stalled);
  transfer.hurry = () => data.setTimeout(Math.min(stallMillis, DATA_LINGER_MILLIS));
  if (isHurried) transfer.hurry();
  return () => {
    transfer.signal.removeEventListener('abort', abort);
    data.setTimeout(0, stalled);
  };
}

function linger(data: Socket): void {
  if (data.destroyed) return;
  data.setTimeout(0);
  const timer = setTimeout(() => data.destroy(), DATA_LINGER_MILLIS);
  data.once('close', () => clearTimeout(timer));
  data.resume();
  if (!data.writableEnded) data.end();
}

function reasonOf(error: unknown): BreakReason {
  if (error instanceof TransferBroken) return error.reason;
  if (error instanceof Refusal) return 'reset';
  if (!(error instanceof AppError)) return 'error';
  if (error.code === 'file.disk-full') return 'disk-full';
  if (error.code === 'upload.too-large') return 'too-large';
  return error.code === 'upload.short' ? 'short' : 'error';
}

function brokenReply(reason: BreakReason, kind: TransferKind): Reply {
  switch (reason) {
    case 'disk-full':
      return replyToError(new AppError('file.disk-full'));
    case 'too-large':
      return replyToError(new AppError('upload.too-large'));
    case 'short':
      return replyToError(new AppError('upload.short'));
    case 'no-close-notify':
      return replyToError(new AppError('upload.unclosed'));
    case 'abort':
      return reply(426, `The transfer was aborted by ABOR.${consequence(kind)}`);
    case 'control-lost':
      return reply(426, `The control connection is gone.${consequence(kind)}`);
    case 'ended':
      return reply(426, `The session was ended here.${consequence(kind)}`);
    case 'reset':
      return reply(426, `The data connection broke off.${consequence(kind)}`);
    case 'stalled':
      return reply(426, `Nothing moved on the data connection for too long.${consequence(kind)}`);
    case 'error':
    case 'killed':
      return reply(451, `The transfer failed here.${consequence(kind)}`);
  }
}

function consequence(kind: TransferKind): string {
  return kind === 'upload' ? ' The file of before is untouched: send it again, or resume it.' : ' Ask for it again.';
}
