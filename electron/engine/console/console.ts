import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { listenAt } from '../listen/listen-at.ts';
import { urlHost } from './address.ts';
import { createEventStreams } from './event-streams.ts';
import { createRequestHandler } from './requests.ts';
import { removeRunFile, writeRunFile } from './run-file.ts';
import { readStaticFiles } from './static-files.ts';
import type { ConsoleOptions } from './console-options.ts';

export const CONSOLE_CONNECTIONS_MAX = 256;
const TOKEN_BYTES = 32;
/** Who connects and says nothing holds one of the connections for so long. */
const HANDSHAKE_MILLIS = 5_000;

export interface ConsoleAddress {
  readonly host: string;
  readonly port: number;
}

export interface Console {
  /** Listens and writes `run.json`. Rejects `port.busy`, `port.denied`, and as `writeRunFile`: then it does not listen. */
  listen(): Promise<ConsoleAddress>;
  /** Null until it listens. */
  readonly address: ConsoleAddress | null;
  /** `https://host:port/`, without the token: fit for logs and `status`. Null until it listens. */
  readonly url: string | null;
  /** The same with the token, in the fragment, which a browser keeps to itself. */
  readonly signInUrl: string | null;
  /** Lets nobody new in, and `take` have its place; what is under way goes on. Where `take` rejects it listens as before. */
  makeRoom(take: () => Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The engine's calls and events over HTTPS, for the browser and for the command line (SPEC §9):
 * `POST /api/call`, WebSocket `/api/events`, `GET /metrics`, `GET /healthz`, and the files of the interface.
 * All but the files and the health need the bearer token, which is new at each start and stands in `run.json` only.
 */
export function createConsole(options: ConsoleOptions): Console {
  const { config, identity, logger, dataDir } = options;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const streams = createEventStreams({ ...options, token });
  const server = createServer({
    key: identity.key,
    cert: identity.cert,
    minVersion: 'TLSv1.2',
    handshakeTimeout: HANDSHAKE_MILLIS,
    maxHeaderSize: 16 * 1024,
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    // Each is a look at all connections, also where there are none.
    connectionsCheckingInterval: 15_000,
  });
  server.maxConnections = CONSOLE_CONNECTIONS_MAX;
  // A stranger who hangs up in the handshake, or speaks HTTP, is not worth a line in the log.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('upgrade', (request, socket, head) => streams.upgrade(request, socket, head));

  let address: ConsoleAddress | null = null;
  let stopped: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  const end = async (): Promise<void> => {
    const closed = closing ?? new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };

  return {
    async listen() {
      const files = await readStaticFiles(options.staticDir);
      server.on('request', createRequestHandler({ ...options, token, files }));
      await listenAt(server, config);
      const { port } = server.address() as AddressInfo;
      const bound = { host: config.host, port };
      try {
        await writeRunFile(dataDir, { pid: process.pid, ...bound, token, fingerprint: identity.id });
      } catch (error) {
        // Nobody could find it: its port is free for another one.
        await end();
        throw error;
      }
      address = bound;
      logger.info(address, 'the console listens');
      return address;
    },
    get address() {
      return address;
    },
    get url() {
      return address && `https://${urlHost(address.host)}:${address.port}/`;
    },
    get signInUrl() {
      return address && `https://${urlHost(address.host)}:${address.port}/#token=${token}`;
    },
    async makeRoom(take) {
      const { port } = server.address() as AddressInfo;
      closing = new Promise<void>((resolve) => server.close(() => resolve()));
      try {
        await take();
      } catch (error) {
        closing = undefined;
        await listenAt(server, { ...config, port });
        throw error;
      }
    },
    stop() {
      stopped ??= (async () => {
        await removeRunFile(dataDir, token);
        streams.stop();
        if (!server.listening && !closing) return;
        await end();
        address = null;
      })();
      return stopped;
    },
  };
}
