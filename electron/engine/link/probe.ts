import { AppError } from '../../../shared/errors/app-error.ts';
import { connectTls } from './connect.ts';

/**
 * Looks whether an install answers at `host:port` on TLS 1.3, and with which certificate; sends nothing and shows none.
 * Rejects `link.unreachable`, `link.timeout`, `link.foreign`, and `link.certificate` where it is not `fingerprint`.
 */
export async function probe(
  address: string,
  fingerprint?: string,
  signal?: AbortSignal,
): Promise<{ fingerprint: string }> {
  const { socket, certificate } = await connectTls(address, { signal });
  socket.destroy();
  if (fingerprint !== undefined && certificate.id !== fingerprint) throw new AppError('link.certificate', { address });
  return { fingerprint: certificate.id };
}
