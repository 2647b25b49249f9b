import { createHmac } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { AppError } from '../../../shared/errors/app-error.ts';

const SECRET_BYTES_MAX = 4096;

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly event: string;
  /** Of the event: the same in every attempt. */
  readonly id: string;
  /** Absolute; absent: it is not signed. */
  readonly secretFile: string | undefined;
  /** Now, in milliseconds. */
  readonly at: number;
  readonly signal: AbortSignal;
}

/**
 * Sends an event. Signed is `TIMESTAMP.BODY`, so that who has heard one cannot send it again much later. Redirections are not
 * followed: what was meant for one address is not told to another. Rejects `hook.refused` (for good) and `hook.unreachable`.
 */
export async function postEvent({ url, body, event, id, secretFile, at, signal }: Post): Promise<void> {
  const timestamp = String(Math.floor(at / 1000));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Lockstep',
    'lockstep-event': event,
    'lockstep-delivery': id,
    'lockstep-timestamp': timestamp,
    ...(secretFile !== undefined && { 'lockstep-signature': sign(await readSecret(secretFile), timestamp, body) }),
  };
  let status: number;
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    ({ status } = response);
    await response.body?.cancel();
  } catch (error) {
    throw new AppError('hook.unreachable', { url: originOf(url), reason: reasonOf(error) }, error);
  }
  if (status >= 200 && status < 300) return;
  const isForGood = status >= 300 && status < 500 && status !== 408 && status !== 429;
  throw new AppError(isForGood ? 'hook.refused' : 'hook.unreachable', {
    url: originOf(url),
    reason: `HTTP ${status}`,
  });
}

/** `sha256=` and the HMAC in hexadecimal. */
function sign(secret: Buffer, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** Of an address what may be seen: many services put the secret into the path. */
export function originOf(url: string): string {
  return `${new URL(url).origin}/…`;
}

async function readSecret(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    const secret = size > SECRET_BYTES_MAX ? '' : (await readFile(file, 'utf8')).trim();
    if (secret === '') throw new AppError('hook.secret', { file });
    return Buffer.from(secret);
  } catch (error) {
    throw error instanceof AppError ? error : new AppError('hook.secret', { file }, error);
  }
}

function reasonOf(error: unknown): string {
  // The message of `fetch` itself may hold the whole address, and that is for nobody else's eyes.
  if (!(error instanceof Error)) return '';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  if (!(cause instanceof Error)) return error.name;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
