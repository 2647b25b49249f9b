import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type ShownCertificate, shownCertificate } from './certificate.ts';
import type { Identity } from './identity.ts';

const CONNECT_MILLIS = 10_000;

export interface ConnectOptions {
  /** What we show; absent: nothing. */
  readonly identity?: Identity | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens TLS 1.3 to `host:port`, shows our certificate, and requires the other end's to be the pinned one before a byte of
 * ours is sent. Rejects `link.unreachable`, `link.timeout`, `link.foreign`, `link.certificate`, `cancelled`.
 */
export async function connectPinned(address: string, fingerprint: string, options: ConnectOptions): Promise<TLSSocket> {
  const { socket, certificate } = await connectTls(address, options);
  if (certificate.id === fingerprint) return socket;
  socket.destroy();
  throw new AppError('link.certificate', { address });
}

/** The same without a pin: for nothing but looking at who is there. */
export function connectTls(
  address: string,
  { identity, signal }: ConnectOptions,
): Promise<{ socket: TLSSocket; certificate: ShownCertificate }> {
  const { host, port } = splitAddress(address);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new AppError('cancelled'));
    const socket = connect({
      host,
      port,
      minVersion: 'TLSv1.3',
      // Pinned by fingerprint. No `session`: it is a full handshake each time, in which the peer proves that it holds its key.
      rejectUnauthorized: false,
      ...(identity && { key: identity.key, cert: identity.cert }),
      ...(isIP(host) === 0 && { servername: host }),
    });
    socket.setNoDelay(true);
    const timer = setTimeout(() => giveUp(new AppError('link.timeout', { address })), CONNECT_MILLIS);
    const abort = (): void => giveUp(new AppError('cancelled'));
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const giveUp = (error: AppError): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    // It stays: an error between here and the next owner's listener must not be an uncaught one.
    socket.on('error', (error: Error) => giveUp(connectError(error, address)));
    socket.once('close', () => giveUp(new AppError('link.unreachable', { address })));
    socket.once('secureConnect', () => {
      const certificate = shownCertificate(socket);
      if (!certificate) return giveUp(new AppError('link.foreign', { address }));
      settle();
      resolve({ socket, certificate });
    });
  });
}

/** `host:port` or `[v6]:port`. Throws `usage.invalid`. */
export function splitAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port > 0 && port <= 65_535))
    throw new AppError('usage.invalid', { reason: `${address} is not HOST:PORT` });
  return { host, port };
}

function connectError(error: Error, address: string): AppError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // Something listens, but speaks no TLS, or an older one.
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') return new AppError('link.foreign', { address }, error);
  if (code === 'ETIMEDOUT') return new AppError('link.timeout', { address }, error);
  return new AppError('link.unreachable', { address, reason: code === '' ? error.message : code }, error);
}
