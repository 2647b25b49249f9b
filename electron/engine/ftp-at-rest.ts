import { AppError } from '../../shared/errors/app-error.ts';
import { createFtpServer, type FtpServer } from './master/ftp-server/ftp-server.ts';
import type { Master } from './master/master.ts';
import type { Node } from './install/node.ts';

/**
 * The FTP server of an install at rest: on loopback, for the drop of the one command that has the data folder open. It lets
 * nobody in but that command, and is there only while there is a drop.
 */
export class FtpAtRest {
  readonly #node: Node;
  readonly #master: Master | undefined;
  #server: FtpServer | undefined;
  #listening: Promise<{ host: string; port: number }> | undefined;

  constructor(node: Node, master: Master | undefined) {
    this.#node = node;
    this.#master = master;
  }

  /** Rejects `node.wrong-role` at a mirror. */
  listen(): Promise<{ host: string; port: number }> {
    this.#listening ??= this.#start();
    return this.#listening;
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  async #start(): Promise<{ host: string; port: number }> {
    const { config, identity, ports } = this.#node;
    const master = this.#master;
    if (!master || !config.ftp) throw new AppError('node.wrong-role', { wanted: 'master', role: config.node.role });
    this.#server = createFtpServer({
      config: { ...config.ftp, host: '127.0.0.1', port: 0, tls: 'required', passive: { min: 0, max: 0 } },
      tls: identity,
      accounts: {
        isOwn: (user) => master.isOwn(user),
        isMirror: () => false,
        isKnown: () => false,
        verify: (user, password) => (master.isOwn(user) ? master.verify(user, password) : Promise.resolve(undefined)),
      },
      clock: ports.clock,
      logger: ports.logger.child({ part: 'ftp' }),
    });
    return this.#server.listen();
  }
}
