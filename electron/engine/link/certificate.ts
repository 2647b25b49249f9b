import type { TLSSocket } from 'node:tls';
import { fingerprintOf } from './identity.ts';

export interface ShownCertificate {
  readonly id: string;
  readonly pem: string;
}

/** Node gives the peer's certificate of a client's socket once only (24.21): what was read is kept beside the socket. */
const shown = new WeakMap<TLSSocket, ShownCertificate>();

/** The certificate that the other end has shown and proved to hold the key of; undefined: none. */
export function shownCertificate(socket: TLSSocket): ShownCertificate | undefined {
  const known = shown.get(socket);
  if (known) return known;
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return undefined;
  const read = { id: fingerprintOf(certificate.raw), pem: certificate.toString() };
  shown.set(socket, read);
  return read;
}
