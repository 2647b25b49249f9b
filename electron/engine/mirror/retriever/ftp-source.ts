import { createHash } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import { IDENTITY_SERVER_NAME } from '../../link/identity-name.ts';

/** Where and how a master's FTP server is reached. */
export interface FtpSource {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The master's pinned certificate, PEM: with it FTPS, null: plain. */
  readonly certificate: string | null;
}

/** TLS options that accept exactly this certificate, whatever name it bears. */
export function pinned(certificate: string): ConnectionOptions {
  return {
    ca: [certificate],
    minVersion: 'TLSv1.2',
    servername: IDENTITY_SERVER_NAME,
    checkServerIdentity: (_host, peer) => {
      const expected = fingerprintOf(certificate);
      return createHash('sha256').update(peer.raw).digest('hex') === expected
        ? undefined
        : new Error('another certificate');
    },
  };
}

function fingerprintOf(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
  return createHash('sha256').update(der).digest('hex');
}
