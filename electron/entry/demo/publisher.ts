import { Readable } from 'node:stream';
import { Client } from 'basic-ftp';
import { IDENTITY_SERVER_NAME } from '../../engine/link/identity-name.ts';

export interface FtpLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** SHA-256 of the server's certificate: the master's id. The password is sent to nobody else. */
  readonly fingerprint: string;
}

/** A client as any publisher's: FTP over TLS, one command after the other. */
export async function connectPublisher(login: FtpLogin): Promise<Client> {
  const client = new Client(30_000);
  try {
    await client.connect(login.host, login.port);
    // Checked below by fingerprint: the certificate is the install's own.
    await client.useTLS({ rejectUnauthorized: false, servername: IDENTITY_SERVER_NAME });
    const { socket } = client.ftp;
    const shown = 'getPeerX509Certificate' in socket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined;
    if (shown?.replaceAll(':', '').toLowerCase() !== login.fingerprint)
      throw new Error('The FTP server shows another certificate.');
    await client.login(login.user, login.password);
    await client.useDefaultSettings();
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

/** Resolves, once the 226 is read, the moment of it. */
export async function put(client: Client, path: string, content: Buffer): Promise<number> {
  await client.uploadFrom(Readable.from([content], { objectMode: false }), path);
  return performance.now();
}
