import { FTPError } from 'basic-ftp';
import { AppError, type ErrorParams } from '../../../shared/errors/app-error.ts';
import { systemCode } from '../tree/file-error.ts';

const REPLY_CHARACTERS_MAX = 300;

/** What a server's refusal, or the end of a connection, means to a drop. `place`: the path or the address that it was about. */
export function ftpError(error: unknown, place: { host: string; port: number } | { path: string }): unknown {
  if (error instanceof AppError) return error;
  const params: ErrorParams = 'path' in place ? { path: place.path } : { address: `${place.host}:${place.port}` };
  if (error instanceof FTPError) return refusal(error, params);
  if (!(error instanceof Error)) return error;
  // A fault of ours is not one of the network.
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) return error;
  const reason = systemCode(error) ?? nodeCode(error) ?? error.message.slice(0, 100);
  return new AppError('path' in place ? 'publish.lost' : 'publish.unreachable', { ...params, reason }, error);
}

/** RFC 959 §4.2: 4xx may pass, 5xx does not. */
function refusal(error: FTPError, params: ErrorParams): AppError {
  const reply = oneLine(error.message);
  const isLogin = !('path' in params);
  if (error.code === 421) return new AppError('publish.put-off', { ...params, reply }, error);
  if (isLogin && (error.code === 530 || error.code === 331 || error.code === 332))
    return new AppError('publish.login-refused', { ...params, reply }, error);
  if (error.code === 425 || error.code === 426)
    return new AppError('publish.lost', { ...params, reason: reply }, error);
  if (error.code === 452 || error.code === 552) return new AppError('publish.no-room', { ...params, reply }, error);
  return new AppError(error.code < 500 ? 'publish.put-off' : 'publish.refused', { ...params, reply }, error);
}

function nodeCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' && error.code !== '0' ? error.code : undefined;
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, REPLY_CHARACTERS_MAX);
}
