import { Client } from 'basic-ftp';
import { onTestFinished } from 'vitest';

/** A client of `basic-ftp` that is logged in at loopback; `tls`: also its data is encrypted. Closed at the end of the test. */
export async function ftpLogin(login: {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly tls?: boolean;
}): Promise<Client> {
  const { tls = false, ...who } = login;
  const client = new Client(30_000);
  onTestFinished(() => client.close());
  await client.access({ host: '127.0.0.1', ...who, secure: tls, secureOptions: { rejectUnauthorized: false } });
  return client;
}
