import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  LINK_MESSAGE_BYTES_MAX,
  type PairReply,
  type PairRequest,
  pairCheck,
  pairRequest,
} from '../../../shared/contract/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { parseJson } from '../../../shared/contract/parse-json.ts';
import { addressKey, plainAddress } from '../core/address-key.ts';
import { listenAt } from '../listen/listen-at.ts';
import type { Logger } from '../ports.ts';
import { shownCertificate } from './certificate.ts';
import type { Identity } from './identity.ts';
import type { Peer } from '../core/peer.ts';
import { Lobby, type LobbyLimits } from './lobby.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';
import { RUN_HEADER } from './twins.ts';

export interface PairCaller {
  readonly id: string;
  readonly pem: string;
  readonly remoteAddress: string;
}

export interface LinkServerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly identity: Identity;
  readonly find: (id: string) => Peer | undefined;
  /** Takes the open link at once: its first message may be read right after. `run`: of the peer, where it says one. */
  readonly onLink: (peer: Peer, socket: WebSocket, transport: Socket, run: string | undefined) => void;
  /** Absent: this install invites nobody. Rejections with an `AppError` are told to the caller. */
  readonly pair: ((request: PairRequest, caller: PairCaller) => Promise<PairReply>) | undefined;
  /** Throws `pair.*` for a secret that would not be redeemed now. */
  readonly checkInvitation: ((secret: string) => void) | undefined;
  readonly logger: Logger;
  readonly limits?: LinkServerLimits | undefined;
}

export interface LinkServerLimits {
  /** Connections that are no link (yet). */
  readonly lobby: LobbyLimits;
  /** Tries to pair from one address that lead to nothing: a secret of 128 bits needs no more. */
  readonly pairing: Rate;
}

export const LOBBY_CONNECTIONS_MAX = 256;
export const LOBBY_ADDRESS_MAX = 64;
export const LOBBY_MILLIS = 20_000;
export const PAIR_TRIES_MAX = 10;
/** After so long one more may be made. */
export const PAIR_TRY_MILLIS = 6_000;
/** Of what is sent to pair. */
export const PAIR_BODY_BYTES_MAX = 4 * 1024;
const LIMITS: LinkServerLimits = {
  lobby: {
    connections: LOBBY_CONNECTIONS_MAX,
    connectionsPerAddress: LOBBY_ADDRESS_MAX,
    stayMillis: LOBBY_MILLIS,
  },
  pairing: { burst: PAIR_TRIES_MAX, perSecond: 1000 / PAIR_TRY_MILLIS },
};
const RUN = /^[\w-]{1,64}$/;
const HANDSHAKE_MILLIS = 10_000;
const PAIR_ADDRESSES_MAX = 4096;

/**
 * Where peers connect: HTTPS on TLS 1.3 that asks for a certificate. `/link` opens a WebSocket for an install whose
 * certificate is pinned, `POST /pair` and `/pair/check` are open to any that brings an invitation; there is nothing else.
 */
export class LinkServer {
  readonly #options: LinkServerOptions;
  readonly #server: Server;
  readonly #lobby: Lobby;
  readonly #tries = new Map<string, TokenBucket>();
  readonly #websockets = new WebSocketServer({
    noServer: true,
    maxPayload: LINK_MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    autoPong: false,
  });

  constructor(options: LinkServerOptions) {
    this.#options = options;
    const { identity, logger } = options;
    this.#lobby = new Lobby((options.limits ?? LIMITS).lobby);
    this.#server = createServer(
      {
        key: identity.key,
        cert: identity.cert,
        minVersion: 'TLSv1.3',
        requestCert: true,
        // Self-signed: the pin below is what counts. That the peer holds the key is proved by the handshake all the same.
        rejectUnauthorized: false,
        // No resumption: each link is a full handshake with both certificates.
        secureOptions: constants.SSL_OP_NO_TICKET,
        handshakeTimeout: HANDSHAKE_MILLIS,
        headersTimeout: HANDSHAKE_MILLIS,
        requestTimeout: HANDSHAKE_MILLIS,
        maxHeaderSize: 8 * 1024,
        noDelay: true,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.on('connection', (socket: Socket) => this.#lobby.enter(socket));
    this.#server.on('upgrade', (request, socket: Socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('tlsClientError', (error) => logger.debug({ err: error }, 'no TLS 1.3 handshake'));
  }

  get address(): { host: string; port: number } | null {
    const bound = this.#server.address();
    return bound === null || typeof bound === 'string' ? null : { host: this.#options.listen.host, port: bound.port };
  }

  /** Rejects `port.busy`, `port.denied`. */
  async listen(): Promise<void> {
    await listenAt(this.#server, this.#options.listen);
    this.#server.on('error', (error) =>
      this.#options.logger.error({ err: error }, 'the link listener reports an error'),
    );
  }

  /** Nobody new is let in; links that are open stay. */
  close(): void {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#lobby.clear();
  }

  /** Idempotent. Links are closed by who holds them; the rest ends here. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#lobby.clear();
    await closed;
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const shown = socket instanceof TLSSocket ? shownCertificate(socket) : undefined;
    const peer = shown && this.#options.find(shown.id);
    if (request.url !== '/link' || !peer || shown.id !== peer.id) {
      this.#options.logger.info({ id: shown?.id, from: socket.remoteAddress }, 'an unknown install was turned away');
      const status = request.url === '/link' ? '403 Forbidden' : '404 Not Found';
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#websockets.handleUpgrade(request, socket, head, (websocket) => {
      this.#lobby.leave(socket);
      this.#options.onLink(peer, websocket, socket, runOf(request));
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { logger } = this.#options;
    response.setHeader('Connection', 'close');
    const asked = request.method === 'POST' ? this.#asked(request) : undefined;
    if (!asked) {
      response.writeHead(404).end();
      return;
    }
    let reply: PairReply | { ok: true };
    try {
      reply = await this.#try(request, asked);
    } catch (error) {
      if (!(error instanceof AppError)) logger.error({ err: error }, 'pairing failed');
      reply = { ok: false, error: (error instanceof AppError ? error : new AppError('internal')).toJSON() };
    }
    response.writeHead(reply.ok ? 200 : 403, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(reply));
  }

  #asked({ url }: IncomingMessage): ((request: IncomingMessage) => Promise<PairReply | { ok: true }>) | undefined {
    if (url === '/pair') return (request) => this.#pair(request);
    return url === '/pair/check' ? (request) => this.#check(request) : undefined;
  }

  async #try<T>(request: IncomingMessage, work: (request: IncomingMessage) => Promise<T>): Promise<T> {
    const tries = this.#triesOf(addressKey(plainAddress(request.socket.remoteAddress)));
    if (!tries.take(performance.now())) throw new AppError('link.limit', { reason: 'too many tries to pair' });
    const reply = await work(request);
    // Who has a code guesses nothing, and many mirrors may share an address.
    tries.giveBack();
    return reply;
  }

  async #check(request: IncomingMessage): Promise<{ ok: true }> {
    const { checkInvitation } = this.#options;
    if (!checkInvitation) throw new AppError('pair.refused', { reason: 'it is not a master' });
    const parsed = pairCheck.safeParse(parseJson(await readBody(request)));
    if (!parsed.success) throw new AppError('link.malformed', { reason: parsed.error.issues[0]?.message ?? '' });
    checkInvitation(parsed.data.secret);
    return { ok: true };
  }

  async #pair(request: IncomingMessage): Promise<PairReply> {
    const remoteAddress = plainAddress(request.socket.remoteAddress);
    const { pair } = this.#options;
    if (!pair) throw new AppError('pair.refused', { reason: 'it is not a master' });
    const shown = request.socket instanceof TLSSocket ? shownCertificate(request.socket) : undefined;
    if (!shown) throw new AppError('link.certificate', { address: remoteAddress });
    const parsed = pairRequest.safeParse(parseJson(await readBody(request)));
    if (!parsed.success) throw new AppError('link.malformed', { reason: parsed.error.issues[0]?.message ?? '' });
    return pair(parsed.data, { ...shown, remoteAddress });
  }

  #triesOf(address: string): TokenBucket {
    const { pairing } = this.#options.limits ?? LIMITS;
    const bucket = this.#tries.get(address) ?? new TokenBucket(pairing, performance.now());
    this.#tries.delete(address);
    const [oldest] = this.#tries.keys();
    if (oldest !== undefined && this.#tries.size >= PAIR_ADDRESSES_MAX) this.#tries.delete(oldest);
    this.#tries.set(address, bucket);
    return bucket;
  }
}

function runOf({ headers }: IncomingMessage): string | undefined {
  const run = headers[RUN_HEADER];
  return typeof run === 'string' && RUN.test(run) ? run : undefined;
}

/** Not by `for await`: leaving that early would destroy the connection before the refusal is sent. */
function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= PAIR_BODY_BYTES_MAX) return chunks.push(chunk);
      request.pause();
      return reject(new AppError('link.malformed', { reason: 'too long' }));
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', (error) => reject(new AppError('link.lost', {}, error)));
    request.on('close', () => reject(new AppError('link.lost')));
  });
}
