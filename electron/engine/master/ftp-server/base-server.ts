import { FtpSrv } from 'ftp-srv';
import type { Logger } from '../../ports.ts';

/**
 * ftp-srv's server: the listener, the registry of connections and the login event. What it gets wrong is replaced: see `session.ts`
 * for the control connection. Here: no process signal handlers (it would call `process.exit`), no output of its own,
 * no timers that outlive a connection.
 */
export class BaseServer extends FtpSrv {
  constructor(host: string, port: number, logger: Logger) {
    super({ url: `ftp://${host.includes(':') ? `[${host}]` : host}:${port}`, log: quiet(logger) });
  }

  override setupFeaturesMessage(): string {
    return 'Lockstep FTP server ready.';
  }

  override disconnectClient(id: string): Promise<void> {
    const connection = this.connections[id];
    delete this.connections[id];
    connection?.commandSocket.destroy();
    return Promise.resolve();
  }
}

/** Constructs the server and takes back the signal handlers that ftp-srv's constructor sets. */
export function createBaseServer(host: string, port: number, logger: Logger): BaseServer {
  const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  const server = new BaseServer(host, port, logger);
  // A client may close its side of the control connection and still read the replies to what it sent.
  Object.assign(server.server, { allowHalfOpen: true });
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) {
      if (!before.get(signal)?.includes(listener)) process.removeListener(signal, listener);
    }
  }
  server.on('server-error', ({ error }) => {
    // Why it cannot listen is told by the one who wanted it to.
    if (server.server.listening) logger.warn({ err: error }, 'the FTP listener reports an error');
  });
  return server;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

/** ftp-srv logs commands and stacks of expected failures: ours are logged by the session, its own only when tracing. */
function quiet(logger: Logger): object {
  const trace = (details: unknown, message?: unknown): void => logger.trace({ details, message }, 'ftp-srv');
  const log = { trace, debug: trace, info: trace, warn: trace, error: trace, child: () => log };
  return log;
}
