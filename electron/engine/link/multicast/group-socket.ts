import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { type BackOff, backOff } from '../../core/back-off.ts';
import { listenError } from '../../listen/listen-error.ts';
import type { Logger } from '../../ports.ts';
import { systemCode } from '../../tree/file-error.ts';
import { type MulticastGroup, type Reach, reachOf } from './group.ts';

/** How a sender's socket differs from a receiver's. */
export interface GroupSocketRole {
  /** What to bind to. */
  readonly bind: (reach: Reach) => { readonly port: number; readonly address?: string };
  /** Sets what depends on the interface. */
  readonly attach: (socket: Socket, reach: Reach) => void;
  /** The same again, now and then. False: the interface is another one than before, under the same name. */
  readonly renew: (socket: Socket, reach: Reach) => boolean;
  /** The socket is open, and gone again. */
  readonly onOpen: (socket: Socket, reach: Reach) => void;
  readonly onClosed: () => void;
}

export type MulticastState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open' }
  /** It is tried again by itself. */
  | { readonly kind: 'down'; readonly error: AppError }
  | { readonly kind: 'stopped' };

export interface SocketTimes {
  /** Until it is tried again after a failure. */
  readonly retry: BackOff;
  /** Between two looks at whether the interface is still the one that was attached to. */
  readonly renewMillis: number;
}

export const SOCKET_TIMES: SocketTimes = { retry: { first: 500, longest: 10_000 }, renewMillis: 5_000 };

/**
 * Keeps one UDP socket of a group open. An interface that goes away, or was never there, is waited for; one that comes
 * back as another one is attached to anew.
 */
export class GroupSocket {
  readonly #group: MulticastGroup;
  readonly #role: GroupSocketRole;
  readonly #logger: Logger;
  readonly #times: SocketTimes;
  readonly #abort = new AbortController();
  #state: MulticastState = { kind: 'opening' };
  #done: Promise<void> | undefined;

  constructor(group: MulticastGroup, role: GroupSocketRole, logger: Logger, times: SocketTimes = SOCKET_TIMES) {
    this.#group = group;
    this.#role = role;
    this.#logger = logger;
    this.#times = times;
  }

  get state(): MulticastState {
    return this.#state;
  }

  start(): void {
    this.#done ??= this.#keepOpen(this.#abort.signal);
  }

  /** Idempotent. Resolves when nothing of it is open. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
    this.#state = { kind: 'stopped' };
  }

  async #keepOpen(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const socket = createSocket({
        type: this.#group.family,
        reuseAddr: true,
        ipv6Only: this.#group.family === 'udp6',
      });
      try {
        const lost = firstError(socket);
        await this.#open(socket, signal);
        failures = 0;
        await this.#watch(socket, lost, signal);
      } catch (error) {
        if (signal.aborted) break;
        failures += 1;
        this.#fail(multicastError(error, this.#group));
      } finally {
        this.#role.onClosed();
        await close(socket);
      }
      await sleep(backOff(this.#times.retry, failures, Math.random()), undefined, { signal }).catch(() => undefined);
    }
  }

  async #open(socket: Socket, signal: AbortSignal): Promise<void> {
    const reach = reachOf(this.#group);
    socket.bind(this.#role.bind(reach));
    await once(socket, 'listening', { signal });
    this.#role.attach(socket, reach);
    this.#state = { kind: 'open' };
    this.#logger.info({ group: this.#group.address, port: this.#group.port, via: reach.via }, 'multicast open');
    this.#role.onOpen(socket, reach);
  }

  /** Throws when the socket or its interface is lost; returns never, unless `signal` says so. */
  async #watch(socket: Socket, lost: { error?: Error; readonly signal: AbortSignal }, signal: AbortSignal) {
    const wake = AbortSignal.any([signal, lost.signal]);
    for (;;) {
      await sleep(this.#times.renewMillis, undefined, { signal: wake }).catch(() => undefined);
      signal.throwIfAborted();
      if (lost.error !== undefined) throw lost.error;
      if (this.#role.renew(socket, reachOf(this.#group))) continue;
      throw new AppError('multicast.interface', { interface: this.#group.interface ?? '', reason: 'it was replaced' });
    }
  }

  #fail(error: AppError): void {
    const isNews = this.#state.kind !== 'down' || this.#state.error.code !== error.code;
    this.#state = { kind: 'down', error };
    if (isNews)
      this.#logger.warn({ code: error.code, params: error.params }, 'multicast is down; tried again by itself');
  }
}

/** What the system says of a socket of a group, in the words of this house. */
function multicastError(error: unknown, group: MulticastGroup): AppError {
  if (error instanceof AppError) return error;
  const code = systemCode(error);
  if (code === undefined || !(error instanceof Error)) return new AppError('internal', {}, error);
  switch (code) {
    case 'ENODEV':
    case 'EADDRNOTAVAIL':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EHOSTUNREACH':
      return new AppError('multicast.interface', { interface: group.interface ?? '', reason: code }, error);
    default: {
      const known = listenError(error, { host: group.address, port: group.port });
      if (known instanceof AppError) return known;
      return new AppError('multicast.failed', { group: group.address, reason: code }, error);
    }
  }
}

/** Heard for as long as the socket lives: an error that nobody listens for would end the process. */
function firstError(socket: Socket): { error?: Error; readonly signal: AbortSignal } {
  const abort = new AbortController();
  const found: { error?: Error; readonly signal: AbortSignal } = { signal: abort.signal };
  socket.on('error', (error) => {
    found.error ??= error;
    abort.abort();
  });
  return found;
}

function close(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(resolve);
  });
}
