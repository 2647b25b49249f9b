import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { EngineEvent } from '../../../shared/contract/bridge.ts';
import { EVENTS_PROTOCOL, hasToken, isSameOrigin, offeredProtocols } from './access.ts';
import type { ConsoleOptions } from './console-options.ts';

export const STREAMS_MAX = 64;
const HEARTBEAT_MILLIS = 15_000;
/** Of live events, for a reader that is slow for a moment. */
const BATCHES_MAX = 50;

export interface EventStreams {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  stop(): void;
}

/** WebSocket `/api/events`: the status at once, then each event as JSON text. It listens to nothing that a client says. */
export function createEventStreams(options: ConsoleOptions & { readonly token: string }): EventStreams {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: 1024,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(EVENTS_PROTOCOL) && EVENTS_PROTOCOL,
  });
  const streams = new Set<Stream>();
  const heartbeat = setInterval(() => {
    for (const stream of streams) stream.beat();
  }, HEARTBEAT_MILLIS);
  heartbeat.unref();
  let unsubscribe: (() => void) | undefined;

  const open = (socket: WebSocket): void => {
    const stream = new Stream(socket);
    streams.add(stream);
    unsubscribe ??= options.subscribe((event) => {
      for (const each of streams) each.offer(event);
    });
    socket.on('error', (error) => options.logger.debug({ err: error }, 'event stream failed'));
    socket.on('close', () => {
      streams.delete(stream);
      if (streams.size > 0) return;
      unsubscribe?.();
      unsubscribe = undefined;
    });
    options.status().then(
      (status) => stream.offer({ type: 'status', status }),
      (error: unknown) => {
        options.logger.error({ err: error }, 'no status for an event stream');
        socket.close(1011);
      },
    );
  };

  return {
    upgrade(request, socket, head) {
      // Until ws takes the socket over, an error of it would otherwise be nobody's.
      socket.on('error', () => socket.destroy());
      const refusal = refusalOf(request, options, streams.size);
      if (refusal) {
        // Nobody else ends it: the server knows it no more, waits for it when it is closed, and counts it among its connections.
        socket.once('finish', () => socket.destroy());
        socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      } else server.handleUpgrade(request, socket, head, open);
    },
    stop() {
      clearInterval(heartbeat);
      unsubscribe?.();
      unsubscribe = undefined;
      for (const stream of streams) stream.end();
      server.close();
    },
  };
}

function refusalOf(
  request: IncomingMessage,
  { config, token }: ConsoleOptions & { readonly token: string },
  open: number,
): string | undefined {
  if (!isSameOrigin(request, config.host)) return '403 Forbidden';
  if (request.url?.replace(/\?.*$/s, '') !== '/api/events') return '404 Not Found';
  if (!hasToken(request, token)) return '401 Unauthorized';
  const offered = offeredProtocols(request);
  if (offered[0] !== '' && !offered.includes(EVENTS_PROTOCOL)) return '400 Bad Request';
  return open >= STREAMS_MAX ? '503 Service Unavailable' : undefined;
}

/**
 * One event is under way at a time; of the states that come meanwhile the newest waits, of the batches a few. A reader that is
 * slower than that misses batches, sees so by their revision, and asks anew: it costs a bounded amount of memory.
 */
class Stream {
  readonly #socket: WebSocket;
  #sending = false;
  #status: EngineEvent | undefined;
  #publishing: EngineEvent | undefined;
  #batches: EngineEvent[] = [];
  #alive = true;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('pong', () => {
      this.#alive = true;
    });
  }

  offer(event: EngineEvent): void {
    if (event.type === 'status') this.#status = this.#status ? louder(this.#status, event) : event;
    else if (event.type === 'publishing') this.#publishing = event;
    else if (this.#batches.length < BATCHES_MAX) this.#batches.push(event);
    else this.#batches = [event];
    this.#send();
  }

  beat(): void {
    if (!this.#alive) return this.#socket.terminate();
    this.#alive = false;
    this.#socket.ping();
  }

  end(): void {
    this.#socket.close(1001);
    this.#socket.terminate();
  }

  #send(): void {
    if (this.#sending || this.#socket.readyState !== this.#socket.OPEN) return;
    const event = this.#status ?? this.#publishing ?? this.#batches.shift();
    if (!event) return;
    if (event === this.#status) this.#status = undefined;
    else if (event === this.#publishing) this.#publishing = undefined;
    this.#sending = true;
    this.#socket.send(textOf(event), () => {
      this.#sending = false;
      this.#send();
    });
  }
}

/** The newer of two states. What happened before it was told is told with it. */
function louder(older: EngineEvent, newer: Extract<EngineEvent, { type: 'status' }>): EngineEvent {
  if (older.type === 'status' && older.quiet) return newer;
  return { type: 'status', status: newer.status };
}

/** Each event is put into words once, for all who listen. */
const texts = new WeakMap<EngineEvent, string>();

function textOf(event: EngineEvent): string {
  let text = texts.get(event);
  if (text === undefined) texts.set(event, (text = JSON.stringify(event)));
  return text;
}
