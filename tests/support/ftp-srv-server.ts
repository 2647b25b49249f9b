import { X509Certificate } from 'node:crypto';
import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FileSystem, type FtpConnection, FtpSrv } from 'ftp-srv';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { makeCertificate } from './certificate.ts';
import { freePort } from './free-port.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface FtpSrvServer {
  readonly port: number;
  readonly root: string;
  readonly fingerprint: string;
}

/**
 * The plain server of ftp-srv, with TLS, which speaks it on data connections from the moment they are accepted. `renames`: onto
 * any name, onto such as nothing has, or onto names that begin with a dot only. `renamed` is awaited before a rename is answered.
 */
export async function startFtpSrv(
  renames: 'all' | 'onto-nothing' | 'hidden' = 'all',
  renamed: (to: string) => Promise<void> = () => Promise.resolve(),
): Promise<FtpSrvServer> {
  const { key, cert } = await makeCertificate();
  const [port, root] = [await freePort(), await temporaryFolder()];
  const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  const log = pino({ level: 'silent' });
  const server = new FtpSrv({ url: `ftp://127.0.0.1:${port}`, pasv_url: '127.0.0.1', tls: { key, cert }, log });
  for (const signal of SIGNALS)
    for (const listener of process.listeners(signal))
      if (!before.get(signal)?.includes(listener)) process.removeListener(signal, listener);
  server.on('login', ({ connection }, resolve) => resolve({ fs: new Files(connection, root, renames, renamed) }));
  await server.listen();
  onTestFinished(() => void server.close());
  const fingerprint = new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
  return { port, root, fingerprint };
}

class Files extends FileSystem {
  readonly #folder: string;
  readonly #renames: string;
  readonly #renamed: (to: string) => Promise<void>;

  constructor(connection: FtpConnection, root: string, renames: string, renamed: (to: string) => Promise<void>) {
    super(connection, { root, cwd: '/' });
    this.#folder = root;
    this.#renames = renames;
    this.#renamed = renamed;
  }

  override async rename(from: string, to: string): Promise<unknown> {
    const isTaken = await access(join(this.#folder, to)).then(
      () => true,
      () => false,
    );
    if (this.#renames === 'onto-nothing' && isTaken) throw new Error('it is there');
    if (this.#renames === 'hidden' && !basename(to).startsWith('.') && to !== from && !this.#mayPutBack(from))
      throw new Error('not allowed');
    const done = await super.rename(from, to);
    await this.#renamed(to);
    return done;
  }

  #mayPutBack(from: string): boolean {
    return from.endsWith('.old');
  }
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
