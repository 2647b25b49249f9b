import { X509Certificate } from 'node:crypto';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import type { AccessOptions } from 'basic-ftp';
import { IDENTITY_SERVER_NAME } from '../../link/identity-name.ts';
import { fingerprintOf } from '../../link/identity.ts';

/** Where and how a master's FTP server is reached. */
export interface FtpSource {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The master's pinned certificate, PEM: with it FTPS, null: plain. */
  readonly certificate: string | null;
}

/** How basic-ftp gets in: with TLS it takes exactly the certificate of the source, whatever name it bears. */
export function accessOptions(source: FtpSource): AccessOptions {
  const { host, port, user, password, certificate } = source;
  // basic-ftp writes into what it is given.
  const secureOptions = certificate === null ? {} : { ...pinned(source, certificate) };
  return { host, port, user, password, secure: certificate !== null, secureOptions };
}

/**
 * The same for all connections to a source: a context of OpenSSL for each would stay in memory until V8 next looks for garbage, which
 * is far apart where little is made in its own heap.
 */
function pinned(source: FtpSource, certificate: string): ConnectionOptions {
  const known = pins.get(source) ?? pinOf(certificate);
  pins.set(source, known);
  return known;
}
const pins = new WeakMap<FtpSource, ConnectionOptions>();

function pinOf(certificate: string): ConnectionOptions {
  const expected = fingerprintOf(new X509Certificate(certificate).raw);
  return {
    secureContext: createSecureContext({ ca: [certificate], minVersion: 'TLSv1.2' }),
    servername: IDENTITY_SERVER_NAME,
    checkServerIdentity: (_host, peer) =>
      fingerprintOf(peer.raw) === expected ? undefined : new Error('another certificate'),
  };
}
