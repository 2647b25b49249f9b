import { AppError } from '../../../shared/errors/app-error.ts';
import { simulation } from '../current.ts';
import { SimulatedSocket } from './socket.ts';

/** In the place of TLS with pinned certificates: the other end says who it is. */
interface ConnectOptions {
  readonly identity?: { readonly id: string; readonly cert: string } | undefined;
  readonly signal?: AbortSignal | undefined;
}

export async function connectPinned(address: string, fingerprint: string, options: ConnectOptions) {
  const { socket, certificate } = await connectTls(address, options);
  if (certificate.id === fingerprint) return socket;
  socket.destroy();
  throw new AppError('link.certificate', { address });
}

export function connectTls(
  address: string,
  { identity, signal }: ConnectOptions,
): Promise<{ socket: SimulatedSocket; certificate: { id: string; pem: string } }> {
  const { host, port } = splitAddress(address);
  const { scheduler, network } = simulation();
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new AppError('cancelled'));
    let over = false;
    const settle = (): boolean => {
      if (over) return false;
      over = true;
      timer.cancel();
      signal?.removeEventListener('abort', abort);
      return true;
    };
    const fail = (error: AppError): void => {
      if (settle()) reject(error);
    };
    const abort = (): void => fail(new AppError('cancelled'));
    const timer = scheduler.after(10_000, 'tls timeout', () => fail(new AppError('link.timeout', { address })));
    signal?.addEventListener('abort', abort, { once: true });
    network.connect(host, port, (end) => {
      if (end === 'timeout') return fail(new AppError('link.timeout', { address }));
      if (end === 'refused') return fail(new AppError('link.unreachable', { address, reason: 'ECONNREFUSED' }));
      if (over) return end.destroy();
      end.onClosed = () => fail(new AppError('link.unreachable', { address }));
      // The server speaks first, once it has heard who is there: the handshake.
      end.onMessage = (message) => {
        const { certificate } = message as { certificate: { id: string; pem: string } };
        if (!settle()) return end.destroy();
        resolve({ socket: new SimulatedSocket(end), certificate });
      };
      end.send({ certificate: identity && { id: identity.id, pem: identity.cert } }, 2000);
    });
  });
}

/** `host:port`. Throws `usage.invalid`. */
export function splitAddress(address: string): { host: string; port: number } {
  const match = /^([^:]+):(\d{1,5})$/.exec(address);
  if (!match) throw new AppError('usage.invalid', { reason: `${address} is not HOST:PORT` });
  return { host: match[1] ?? '', port: Number(match[2]) };
}
