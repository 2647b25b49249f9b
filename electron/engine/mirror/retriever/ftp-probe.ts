import { Client } from 'basic-ftp';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { withDeadline } from '../../core/deadline.ts';
import { connectError } from './ftp-errors.ts';
import { accessOptions, type FtpSource } from './ftp-source.ts';

const PROBE_MILLIS = 10_000;
/** basic-ftp limits each command, but not the handshake of TLS. */
const LOGIN_MILLIS = 20_000;

/** Logs in, and opens a data connection: what a fetch needs. Nothing is fetched. Rejects `fetch.*`. */
export async function probeFtp(source: FtpSource): Promise<void> {
  const { host, port } = source;
  const client = new Client(PROBE_MILLIS, { allowSeparateTransferHost: false });
  try {
    await withDeadline(client.access(accessOptions(source)), LOGIN_MILLIS).catch((error: unknown) => {
      throw connectError(error, source);
    });
    await client.prepareTransfer(client.ftp).catch((error: unknown) => {
      throw new AppError('fetch.passive', { address: `${host}:${port}` }, error);
    });
  } finally {
    client.close();
  }
}
