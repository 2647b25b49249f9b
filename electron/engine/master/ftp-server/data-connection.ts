import { connect, createServer, type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { type Accepted, eachAccepted } from './accepted.ts';
import { type HeldOptions, HeldSocket } from './held-socket.ts';
import { DATA_CONNECT_MILLIS, PASSIVE_OPEN_MILLIS, TLS_HANDSHAKE_MILLIS } from './limits.ts';
import { Refusal } from './reply.ts';
import type { DataTls } from './server-tls.ts';
import { plainAddress } from '../../core/address-key.ts';

/** Where the data connection of the next transfer comes from. Good for one transfer. */
export interface DataConnector {
  /** The connection can be had before the 150: a client in active mode listens before it sends its command. */
  readonly first?: true;
  /**
   * The connection, paused. `make`: a socket for what was accepted, where it is to be another one than Node's; it may be Node's all the
   * same. Rejects a `Refusal` 425 where there is none in time, and the signal's reason.
   */
  connect(signal: AbortSignal, make?: (options: SocketConstructorOpts) => Socket): Promise<Socket>;
  /** Closes what is open and has not been taken. Idempotent. */
  close(): void;
}

/** Compares addresses as sockets tell them: IPv4 within IPv6 is the same address. */
export function isSameAddress(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && plainAddress(a) === plainAddress(b);
}

/**
 * PASV and EPSV: listens at `host`, on a free port of the range (0 to 0: any). Takes one connection from `peer`; whoever else
 * connects is dropped and changes nothing. Rejects a `Refusal` 425 where the range is used up.
 */
export async function openPassive(
  host: string,
  range: { min: number; max: number },
  peer: string,
): Promise<DataConnector & { readonly port: number }> {
  const server = createServer({ pauseOnConnect: true });
  const port = await listenInRange(server, host, range);
  return new PassiveConnector(server, port, peer);
}

class PassiveConnector implements DataConnector {
  readonly port: number;
  readonly #server: Server;
  readonly #expiry: NodeJS.Timeout;
  #accepted: Accepted | undefined;
  #arrived: (() => void) | undefined;

  constructor(server: Server, port: number, peer: string) {
    this.port = port;
    this.#server = server;
    this.#expiry = setTimeout(() => this.close(), PASSIVE_OPEN_MILLIS);
    server.on('error', () => this.close());
    eachAccepted(server, (accepted) => {
      if (this.#accepted || !server.listening || !isSameAddress(accepted.address, peer)) {
        accepted.close();
        return;
      }
      this.#accepted = accepted;
      server.close();
      this.#arrived?.();
    });
  }

  async connect(signal: AbortSignal, make = madeByNode): Promise<Socket> {
    clearTimeout(this.#expiry);
    if (!this.#accepted && this.#server.listening) {
      await waitFor(signal, DATA_CONNECT_MILLIS, (resolve) => {
        this.#arrived = resolve;
      });
    }
    const accepted = this.#accepted;
    if (!signal.aborted) this.#accepted = undefined;
    this.close();
    signal.throwIfAborted();
    if (!accepted)
      throw new Refusal(
        425,
        'No data connection came: open ports of the passive range in the firewall, and send PASV or EPSV again.',
      );
    const socket = accepted.toSocket(make);
    socket.on('error', ignore);
    // What is sent is small, or ends with its last piece.
    socket.setNoDelay(true);
    return socket;
  }

  close(): void {
    clearTimeout(this.#expiry);
    if (this.#server.listening) this.#server.close();
    this.#accepted?.close();
    this.#accepted = undefined;
    this.#arrived?.();
  }
}

/** PORT and EPRT, to the address of the control connection only. */
export function activeConnector(host: string, port: number, localAddress: string): DataConnector {
  return {
    first: true,
    async connect(signal) {
      const socket = connect({ host, port, localAddress, noDelay: true, signal });
      socket.on('error', ignore);
      socket.pause();
      await waitFor(signal, DATA_CONNECT_MILLIS, (resolve) => {
        socket.once('connect', resolve);
        socket.once('close', resolve);
      });
      signal.throwIfAborted();
      if (socket.readyState !== 'open') {
        socket.destroy();
        throw new Refusal(425, 'Your machine did not accept the data connection: use passive mode.');
      }
      return socket;
    },
    close() {},
  };
}

/** A data connection, with TLS on it where that was asked for. */
export interface ReadyData {
  readonly socket: Socket;
  /** It has ended, and not by the client's word (`close_notify`): somebody else may have cut the rest off. */
  readonly isCutOff: () => boolean;
}

/**
 * The TLS server side of a data connection (RFC 4217 §7), after the 150. `upload`: see `HeldSocket`. Rejects a `Refusal` 425 where the handshake fails.
 */
export async function secureData(
  socket: Socket,
  tls: DataTls,
  signal: AbortSignal,
  upload?: HeldOptions,
): Promise<ReadyData> {
  const held = upload && new HeldSocket(socket, upload);
  const secured = tls.acceptor.accept(held ?? socket);
  secured.on('error', ignore);
  if (held) {
    held.on('error', ignore);
    secured.once('end', () => held.release());
    secured.once('close', () => held.destroy());
  }
  let done = false;
  await waitFor(signal, TLS_HANDSHAKE_MILLIS, (resolve) => {
    secured.once('secure', () => {
      done = true;
      resolve();
    });
    secured.once('close', resolve);
  });
  if (done && !signal.aborted && (!tls.mustResume || secured.isSessionReused()))
    return { socket: secured, isCutOff: () => held?.isCutOff === true };
  const isStranger = done && !signal.aborted;
  secured.destroy();
  signal.throwIfAborted();
  if (isStranger)
    throw new Refusal(
      522,
      'The data connection has to resume the TLS session of the control connection: switch that on in your client.',
    );
  throw new Refusal(
    425,
    'The TLS handshake of the data connection failed: check that your client uses TLS 1.2 or newer for data (PROT P).',
  );
}

/** Ports are tried from a random one on, so that sessions do not meet at the same, and a port is not soon used again. */
async function listenInRange(
  server: Server,
  host: string,
  { min, max }: { min: number; max: number },
): Promise<number> {
  const count = max - min + 1;
  const first = Math.floor(Math.random() * count);
  for (let tried = 0; tried < count; tried += 1) {
    const error = await listen(server, host, min + ((first + tried) % count));
    if (!error) {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new TypeError('a TCP listener without a port');
      return address.port;
    }
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') break;
  }
  throw new Refusal(
    425,
    'No port of the passive range is free: try again, or have the range in the configuration widened.',
  );
}

function listen(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve(error);
    server.once('error', failed);
    server.listen({ host, port, exclusive: true, backlog: 16 }, () => {
      server.removeListener('error', failed);
      resolve(undefined);
    });
  });
}

/** Resolves when `start` says so, when the time is up, or when the signal aborts; the caller looks which. */
async function waitFor(signal: AbortSignal, millis: number, start: (resolve: () => void) => void): Promise<void> {
  if (signal.aborted) return;
  let release = ignore;
  const over = new Promise<void>((resolve) => {
    release = resolve;
  });
  const timer = setTimeout(release, millis);
  signal.addEventListener('abort', release);
  start(release);
  await over;
  clearTimeout(timer);
  signal.removeEventListener('abort', release);
}

function madeByNode(options: SocketConstructorOpts): Socket {
  return new Socket(options);
}

function ignore(): void {}
