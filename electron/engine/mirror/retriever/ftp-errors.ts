import { FTPError } from 'basic-ftp';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { systemCode } from '../../tree/file-error.ts';
import type { FtpSource } from './ftp-source.ts';

/** Of what the server said, in an error. */
const REPLY_CHARACTERS_MAX = 200;

/** Why no connection could be made, as `fetch.*`. */
export function connectError(error: unknown, { host, port }: FtpSource): unknown {
  if (error instanceof AppError) return error;
  const address = `${host}:${port}`;
  if (error instanceof FTPError) {
    // It is too many sessions, a lock-out, or a site that is not open: the server says which.
    if (error.code === 421) {
      const reason = error.message.replace(/^421[ -]/, '').slice(0, REPLY_CHARACTERS_MAX);
      return new AppError('fetch.put-off', { address, reply: error.code, reason }, error);
    }
    const code =
      error.code === 530 || error.code === 331 || error.code === 332 ? 'fetch.login-refused' : 'fetch.refused';
    return new AppError(code, { address, reply: error.code }, error);
  }
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  // It is the pinned one: another has no chain that is looked at for its dates.
  if (code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED')
    return new AppError('fetch.clock', { address }, error);
  if (/CERT|SELF_SIGNED|SSL|TLS/.test(code) || error.message.includes('another certificate')) {
    return new AppError('fetch.certificate', { address }, error);
  }
  return new AppError('fetch.unreachable', { address, reason: code || error.message.slice(0, 100) }, error);
}

/** Why one file did not come, as `fetch.*`. */
export function transferError(error: unknown, path: SitePath): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof FTPError) {
    const gone = error.code === 550 || error.code === 553;
    const login = error.code === 530;
    return new AppError(
      gone ? 'fetch.gone' : login ? 'fetch.login-refused' : 'fetch.broken-off',
      { path, reply: error.code },
      error,
    );
  }
  if (error instanceof Error && /timeout/i.test(error.message)) return new AppError('fetch.stalled', { path }, error);
  const reason = systemCode(error) ?? (error instanceof Error ? error.message.slice(0, 100) : '');
  return new AppError('fetch.broken-off', { path, reason }, error);
}
