import { AppError } from '../../../shared/errors/app-error.ts';
import { findPortHolder } from './port-holder.ts';

/** Why a listener could not be bound, as an `AppError`; errors that say something else pass unchanged. */
export function listenError(error: Error, { host, port }: { host: string; port: number }): Error {
  const code = 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new AppError('port.busy', { host, port, ...findPortHolder({ host, port }) }, error);
    case 'EACCES':
      return new AppError('port.denied', { host, port }, error);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new AppError('port.no-address', { host, port }, error);
    default:
      return error;
  }
}
