import type { Socket } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import {
  LINK_BACKLOG_BYTES_MAX,
  LINK_MESSAGE_BYTES_MAX,
  LINK_PROTOCOL,
  type LinkMessage,
  linkMessage,
} from '../../../shared/contract/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { plainAddress } from '../core/address-key.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Peer } from '../core/peer.ts';
import type { LinkHandlers, LinkSession } from './link-session.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';

export interface Heartbeat {
  readonly pingMillis: number;
  /** Without a byte for this long the peer counts as gone. */
  readonly deadMillis: number;
}

/** A peer that does not answer the closing handshake is not waited for any longer. */
const CLOSE_MILLIS = 1_000;
const ROUND_TRIPS = 5;
/** Of so many beats one is a ping, which the peer answers. */
const PING_BEATS = 4;
/** A sender may go ahead again below this many bytes. */
const LOW_WATER_BYTES = 256 * 1024;
/** A character of a JavaScript string is at most three bytes of UTF-8. */
const BYTES_PER_CHARACTER = 3;

export interface WsSessionOptions {
  readonly peer: Peer;
  readonly socket: WebSocket;
  /** What the WebSocket runs on: its count of bytes shows life within a long message, too. */
  readonly transport: Socket;
  readonly heartbeat: Heartbeat;
  /** Messages and pings that the peer may send. */
  readonly rate: Rate;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once, when the link is over and its handlers have been told. */
  readonly onClosed: (session: WsSession, error: AppError) => void;
}

/**
 * One open link: messages of `linkMessage`, a heartbeat, limits. Nothing is handled before `begin`. Either end
 * beats, and any byte is a sign of life. One beat in a few is a ping, and tells how long the way there and back is: its answer
 * is sent where nothing else is under way (`autoPong` is off), and nobody waits for it behind what a slow line has to carry.
 */
export class WsSession implements LinkSession {
  readonly peer: Peer;
  readonly remoteAddress: string;
  /** Resolves when the connection is closed. */
  readonly over: Promise<void>;
  lastSeenAt: number;
  readonly #options: WsSessionOptions;
  readonly #socket: WebSocket;
  readonly #bucket: TokenBucket;
  readonly #since = performance.now();
  #heartbeat: NodeJS.Timeout | undefined;
  #handlers: ReturnType<LinkHandlers['onOpen']> | undefined;
  #end: AppError | undefined;
  #bytesSeen = 0;
  #silentBeats = 0;
  #beats = 0;
  #ping = { number: 0, sentAt: 0 };
  readonly #roundTrips: number[] = [];
  #waitingForDrain: Array<() => void> = [];
  readonly #holders = new Set<object>();

  constructor(options: WsSessionOptions) {
    const { peer, socket, transport, clock, rate } = options;
    this.#options = options;
    this.#socket = socket;
    this.peer = peer;
    this.remoteAddress = plainAddress(transport.remoteAddress);
    this.lastSeenAt = clock.now();
    this.#bucket = new TokenBucket(rate, this.#since);
    this.over = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** Must follow at once upon the WebSocket's opening. */
  begin(handlers: LinkHandlers): void {
    this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#socket.on('ping', (data) => {
      if (this.#allow() && this.#socket.bufferedAmount === 0) this.#socket.pong(data);
    });
    this.#socket.on('pong', (data) => {
      if (this.#allow()) this.#ponged(data.toString('latin1'));
    });
    this.#socket.on('error', (error) => this.#finish(errorOf(error, this.peer)));
    this.#socket.on('close', (code) => this.#finish(closeError(code, this.peer)));
    this.#heartbeat = setInterval(() => this.#beat(), this.#options.heartbeat.pingMillis);
    this.#sendPing();
    this.#guard(() => {
      const opened = handlers.onOpen(this);
      this.#handlers = opened;
      if (this.#end) opened.onClose(this.#end);
    });
  }

  get closed(): boolean {
    return this.#end !== undefined;
  }

  get livedMillis(): number {
    return performance.now() - this.#since;
  }

  get backlog(): number {
    return this.closed ? 0 : this.#socket.bufferedAmount;
  }

  /** The way there and back, in milliseconds: the least of the last few, as either end may have been busy. */
  get roundTripMillis(): number | undefined {
    return this.#roundTrips.length === 0 ? undefined : Math.min(...this.#roundTrips);
  }

  send(message: LinkMessage): void {
    if (this.closed) return;
    const text = JSON.stringify(message);
    // The peer would end the link without a word of why.
    if (text.length * BYTES_PER_CHARACTER > LINK_MESSAGE_BYTES_MAX && Buffer.byteLength(text) > LINK_MESSAGE_BYTES_MAX)
      return this.close(new AppError('link.limit', { peer: this.peer.name, reason: `a ${message.type} is too large` }));
    if (this.backlog > LINK_BACKLOG_BYTES_MAX)
      return this.close(new AppError('link.limit', { peer: this.peer.name, reason: 'it does not read' }));
    this.#gather();
    this.#socket.send(text, this.#sent);
  }

  /** Messages of one turn go out in one record and one packet: what it costs at both ends is by record more than by byte. */
  #gather(): void {
    const { transport } = this.#options;
    if (transport.writableCorked > 0) return;
    transport.cork();
    queueMicrotask(() => transport.uncork());
  }

  drained(): Promise<void> {
    if (this.backlog <= LOW_WATER_BYTES) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForDrain.push(resolve));
  }

  hold(holder: object): void {
    if (this.closed) return;
    this.#holders.add(holder);
    this.#socket.pause();
  }

  letGo(holder: object): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.#socket.resume();
  }

  close(error: AppError): void {
    if (this.closed) return;
    this.#socket.send(JSON.stringify({ type: 'bye', error: error.toJSON() } satisfies LinkMessage), () => undefined);
    this.#finish(error);
  }

  readonly #sent = (): void => {
    if (this.#waitingForDrain.length > 0 && this.backlog <= LOW_WATER_BYTES) this.#wakeSenders();
  };

  #wakeSenders(): void {
    const senders = this.#waitingForDrain;
    this.#waitingForDrain = [];
    for (const wake of senders) wake();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (!this.#allow()) return;
    const parsed = isBinary ? new AppError('link.malformed', { reason: 'not text' }) : parseMessage(textOf(data));
    if (parsed instanceof AppError)
      return this.close(new AppError(parsed.code, { peer: this.peer.name, ...parsed.params }));
    if (parsed.type === 'bye') return this.#finish(AppError.fromJSON(parsed.error));
    this.#guard(() => this.#handlers?.onMessage(parsed));
  }

  /** Something has come. False where the link is over, also by this being too much. */
  #allow(): boolean {
    if (this.closed) return false;
    this.lastSeenAt = this.#options.clock.now();
    if (this.#bucket.take(performance.now())) return true;
    this.close(new AppError('link.limit', { peer: this.peer.name, reason: 'too many messages' }));
    return false;
  }

  /** Beats are counted, not timed: a busy event loop here, or a sleep of the machine, does not kill a live peer. */
  #beat(): void {
    const { heartbeat, transport, clock, logger } = this.#options;
    const { bytesRead } = transport;
    if (bytesRead !== this.#bytesSeen) {
      this.#bytesSeen = bytesRead;
      this.#silentBeats = 0;
      this.lastSeenAt = clock.now();
    } else if (this.#holders.size === 0) {
      this.#silentBeats += 1;
    }
    if (this.#silentBeats * heartbeat.pingMillis >= heartbeat.deadMillis) {
      logger.info({ peer: this.peer.name }, 'the peer gives no sign of life');
      this.#finish(new AppError('link.timeout', { peer: this.peer.name }));
      return this.#socket.terminate();
    }
    this.#beats += 1;
    if (this.#beats % PING_BEATS === 0) return this.#sendPing();
    // A pong that nobody asked for is a heartbeat one way (RFC 6455 §5.5.3): it is not answered.
    this.#socket.pong('');
  }

  #sendPing(): void {
    this.#ping = { number: this.#ping.number + 1, sentAt: performance.now() };
    this.#socket.ping(String(this.#ping.number));
  }

  #ponged(number: string): void {
    if (number !== String(this.#ping.number)) return;
    this.#roundTrips.push(performance.now() - this.#ping.sentAt);
    if (this.#roundTrips.length > ROUND_TRIPS) this.#roundTrips.shift();
  }

  #finish(error: AppError): void {
    if (this.closed) return;
    this.#end = error;
    clearInterval(this.#heartbeat);
    // The peer's closing handshake is read.
    for (const holder of this.#holders) this.letGo(holder);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000);
    const patience = setTimeout(() => this.#socket.terminate(), CLOSE_MILLIS);
    void this.over.then(() => clearTimeout(patience));
    this.#wakeSenders();
    this.#guard(() => this.#handlers?.onClose(error));
    this.#options.onClosed(this, error);
  }

  /** What a peer sends must not bring the engine down, even where it meets a bug: the link is what is restarted. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof AppError))
        this.#options.logger.error({ err: error, peer: this.peer.name }, 'a message of the peer could not be handled');
      this.close(error instanceof AppError ? error : new AppError('internal', {}, error));
    }
  }
}

function parseMessage(text: string): LinkMessage | AppError {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return new AppError('link.malformed', { reason: 'not JSON' });
  }
  const theirs = otherProtocol(json);
  if (theirs !== undefined) return new AppError('link.version', { ours: LINK_PROTOCOL, theirs });
  const parsed = linkMessage.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return new AppError('link.malformed', { reason: `${issue?.path.join('.')}: ${issue?.message}`.slice(0, 200) });
}

/** A hello of another version need not parse by our schema: its number is looked at first. */
function otherProtocol(json: unknown): number | undefined {
  if (typeof json !== 'object' || json === null || !('type' in json) || json.type !== 'hello') return undefined;
  const protocol = 'protocol' in json ? json.protocol : undefined;
  return typeof protocol === 'number' && Number.isInteger(protocol) && protocol !== LINK_PROTOCOL
    ? protocol
    : undefined;
}

function errorOf(error: Error, peer: Peer): AppError {
  const code = 'code' in error ? String(error.code) : error.message;
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    return new AppError('link.limit', { peer: peer.name, reason: 'a message is too large' }, error);
  if (code.startsWith('WS_ERR')) return new AppError('link.malformed', { peer: peer.name, reason: code }, error);
  return new AppError('link.lost', { peer: peer.name, reason: code }, error);
}

/** A close without a `bye`: RFC 6455 §7.4.1 tells what the peer's WebSocket did not like. */
function closeError(code: number, peer: Peer): AppError {
  if (code === 1009) return new AppError('link.limit', { peer: peer.name, reason: 'our message was too large for it' });
  if (code === 1002 || code === 1007)
    return new AppError('link.malformed', { peer: peer.name, reason: 'it could not read our message' });
  return new AppError('link.lost', { peer: peer.name });
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');
}
