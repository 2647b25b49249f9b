import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { BreakReason } from '../../../../shared/errors/problems.ts';
import { type Outcome, Transfer, TransferBroken, type TransferKind } from './current-transfer.ts';
import { Refusal, type Reply, reply, replyToError } from './reply.ts';
import type { Session } from './session.ts';
import { noConnection, type OpenData, TransferData } from './transfer-data.ts';

/** What a verb does with a data connection. */
export interface Work {
  /** Text of the 150. */
  readonly opening: string;
  /** What is refused after the 150 is not to be tried again by itself; see `lasting`. */
  readonly isRefusedForGood?: boolean;
  /** The reply is the last one of the transfer. Throws a `TransferBroken`, `Refusal` or `AppError` where it did not come to its end. */
  run(data: OpenData, transfer: Transfer): Promise<Reply>;
  /** Called for whatever was thrown, before the reply is sent. */
  breakOff(reason: BreakReason): Promise<void>;
}

/** Runs one transfer: data connection, the work, the last reply (RFC 959 §5.4). */
export async function runTransfer(
  session: Session,
  kind: TransferKind,
  path: SitePath,
  begin: () => Promise<Work>,
): Promise<Reply> {
  const connector = session.data.take(kind);
  // Of a download the client is told first where the file is not there: that says more.
  if (!connector && kind === 'upload') throw noConnection();
  const { context, login } = session;
  const transfer = new Transfer(kind, path, context.clock.now(), (bytes) => context.onBytes(login, kind, bytes));
  session.transferBegins(transfer);
  const data = new TransferData(session, transfer, connector);
  let outcome: Outcome = 'refused';
  try {
    const work = await begin();
    try {
      const last = await work.run(await data.open(work.opening), transfer);
      outcome = 'done';
      return data.isStanding ? { ...last, code: 250 } : last;
    } catch (error) {
      outcome = reasonOf(error);
      data.breakOff(outcome);
      await work.breakOff(outcome);
      return replyToBroken(error, kind, work.isRefusedForGood === true && transfer.isOpen);
    }
  } finally {
    data.close(outcome);
    session.transferEnded(transfer, outcome);
  }
}

/** Throws what the command's own reply says. */
function replyToBroken(error: unknown, kind: TransferKind, isForGood: boolean): Reply {
  if (error instanceof TransferBroken) {
    const answer = brokenReply(error.reason, kind);
    return isForGood ? lasting(answer) : answer;
  }
  if (isForGood && error instanceof AppError) return lasting(replyToError(error, true));
  throw error;
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
      return reply(426, `The data connection made no progress for too long.${consequence(kind)}`);
    case 'error':
    case 'killed':
      return reply(451, `The transfer failed here.${consequence(kind)}`);
  }
}

function consequence(kind: TransferKind): string {
  return kind === 'upload' ? ' The file of before is untouched: send it again, or resume it.' : ' Ask for it again.';
}
