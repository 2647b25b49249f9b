import type { Socket } from 'node:net';
import { TransferBroken } from './current-transfer.ts';
import type { DataConnector } from './data-connection.ts';

/**
 * A data connection that outlives its transfers (block mode, RFC 959 §3.4.2). It is connected, and secured, ahead of the first of
 * them, so that none waits for it.
 */
export class StandingData implements DataConnector {
  readonly #connector: DataConnector;
  readonly #controller = new AbortController();
  readonly #opening: Promise<Socket>;
  #socket: Socket | undefined;
  #gone = false;

  constructor(connector: DataConnector, secure: (socket: Socket, signal: AbortSignal) => Promise<Socket>) {
    this.#connector = connector;
    this.#opening = this.#open(secure);
    // Whoever wants to use it hears of the failure by `connect`.
    this.#opening.catch(() => {
      this.#gone = true;
    });
  }

  get isOpen(): boolean {
    return this.#socket !== undefined && !this.isGone;
  }

  /** It cannot be used any more: another has to take its place. */
  get isGone(): boolean {
    return this.#gone || this.#socket?.destroyed === true;
  }

  /** Rejects as the connector does, and with the reason of `signal` where that comes first. */
  connect(signal: AbortSignal): Promise<Socket> {
    const giveUp = (): void => this.#end(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    return this.#opening.finally(() => signal.removeEventListener('abort', giveUp));
  }

  close(): void {
    this.#end(new TransferBroken('reset'));
  }

  #end(reason: unknown): void {
    this.#gone = true;
    this.#controller.abort(reason);
    this.#connector.close();
    this.#socket?.destroy();
  }

  async #open(secure: (socket: Socket, signal: AbortSignal) => Promise<Socket>): Promise<Socket> {
    const { signal } = this.#controller;
    const socket = await secure(await this.#connector.connect(signal), signal);
    if (signal.aborted) socket.destroy();
    signal.throwIfAborted();
    this.#socket = socket;
    // Nobody sends anything here: it is read so that its end is noticed.
    socket.on('data', () => this.close());
    socket.on('end', () => this.close());
    socket.resume();
    return socket;
  }
}
