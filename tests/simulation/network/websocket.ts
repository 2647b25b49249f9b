import { EventEmitter } from 'node:events';
import type { Frame, SimulatedSocket } from './socket.ts';

const FRAME_BYTES = 8;
const ABNORMAL = 1006;

interface ClientOptions {
  readonly createConnection: () => SimulatedSocket;
}

/** In the place of the WebSocket of `ws`: as much of it as a link uses, on a simulated connection. */
export class WebSocket extends EventEmitter {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readyState: number = WebSocket.CONNECTING;
  readonly #socket: SimulatedSocket;
  readonly #held: Frame[] = [];
  #isPaused = false;

  /** A client's with an address; a server's, open at once, with null. */
  constructor(_address: string | null, { createConnection }: ClientOptions) {
    super();
    this.#socket = createConnection();
    const { end } = this.#socket;
    end.onMessage = (message) => this.#take(message as Frame);
    end.onClosed = (how) => this.#lost(how);
    if (end.closed) process.nextTick(() => this.#lost('reset'));
    if (_address === null) this.readyState = WebSocket.OPEN;
    else end.send({ kind: 'upgrade' } satisfies Frame, 300);
  }

  get bufferedAmount(): number {
    return this.#socket.end.backlog;
  }

  send(text: string, sent?: () => void): void {
    if (this.readyState !== WebSocket.OPEN) return;
    this.#send({ kind: 'text', text }, text.length + FRAME_BYTES, sent);
  }

  ping(data: string): void {
    if (this.readyState === WebSocket.OPEN) this.#send({ kind: 'ping', data }, data.length + FRAME_BYTES);
  }

  pong(data: Buffer): void {
    const text = data.toString('latin1');
    if (this.readyState === WebSocket.OPEN) this.#send({ kind: 'pong', data: text }, text.length + FRAME_BYTES);
  }

  close(code: number): void {
    if (this.readyState !== WebSocket.OPEN) return;
    this.readyState = WebSocket.CLOSING;
    this.#send({ kind: 'close', code }, FRAME_BYTES);
  }

  terminate(): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.#socket.destroy();
    process.nextTick(() => this.#closed(ABNORMAL));
  }

  /** What comes waits, in its order. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    process.nextTick(() => this.#takeHeld());
  }

  #takeHeld(): void {
    for (let frame = this.#held.shift(); frame; frame = this.#held.shift()) {
      this.#handle(frame);
      if (this.#isPaused) return;
    }
  }

  #send(frame: Frame, bytes: number, taken?: () => void): void {
    this.#socket.end.send(frame, bytes, taken);
  }

  #take(frame: Frame): void {
    if (this.#isPaused || this.#held.length > 0) this.#held.push(frame);
    else this.#handle(frame);
  }

  #handle(frame: Frame): void {
    if (this.readyState === WebSocket.CLOSED) return;
    switch (frame.kind) {
      case 'upgrade':
        return;
      case 'upgraded':
        if (frame.status !== 101) {
          this.emit('unexpected-response', undefined, { statusCode: frame.status });
          return;
        }
        this.readyState = WebSocket.OPEN;
        this.emit('open');
        return;
      case 'text':
        this.emit('message', Buffer.from(frame.text), false);
        return;
      case 'ping':
      case 'pong':
        this.emit(frame.kind, Buffer.from(frame.data, 'latin1'));
        return;
      case 'close':
        if (this.readyState === WebSocket.OPEN) this.#send({ kind: 'close', code: frame.code }, FRAME_BYTES);
        this.#socket.end.end();
        this.#closed(frame.code);
    }
  }

  #lost(how: 'reset' | 'ended'): void {
    if (this.readyState === WebSocket.CLOSED) return;
    if (how === 'reset') this.emit('error', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    this.#closed(ABNORMAL);
  }

  #closed(code: number): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.emit('close', code);
  }
}

/** Nobody serves WebSockets here but the simulated link server. */
export class WebSocketServer {}
