import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Logger } from '../../ports.ts';
import { BlockChannel, NotBegun, type Retrieval } from './block-channel.ts';
import type { FtpSource } from './ftp-source.ts';

/** What is asked for ahead on one channel: enough that a long way is never idle, little enough that no file waits long. */
const AHEAD_FILES_MAX = 64;
const AHEAD_BYTES_MAX = 1024 * 1024;
/** Of the sessions that are idle for so long one is kept alive: servers close silent ones after some minutes, and have room for so many of all mirrors. */
const IDLE_MILLIS = 60_000;
/** Where others stand, one that could not be opened is tried anew after so long: the server may take no further one. */
const REOPEN_MILLIS = 5_000;

interface Order extends PromiseWithResolvers<void> {
  readonly retrieval: Retrieval;
}

/** Sessions at one master's FTP server, opened as they are needed and kept. */
export class FtpPool {
  readonly #source: FtpSource;
  readonly #logger: Logger;
  readonly #channels = new Set<BlockChannel>();
  readonly #waiting: Order[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #stopping = new AbortController();
  #size: number;
  #opening = 0;
  #resting: NodeJS.Timeout | undefined;

  constructor(source: FtpSource, size: number, logger: Logger) {
    this.#source = source;
    this.#size = size;
    this.#logger = logger;
    this.#timer = setInterval(() => this.#seeToIdle(), IDLE_MILLIS);
    this.#timer.unref();
  }

  /** Connects one ahead of need. Failures are found again by the first fetch. */
  warm(): void {
    if (this.#channels.size + this.#opening === 0) void this.#open();
  }

  /** Resolves when the sink has got all of the file. `signal` gives it up at once. Rejects `fetch.*`, `file.*`. */
  retrieve(retrieval: Retrieval): Promise<void> {
    const { signal } = retrieval;
    if (signal.aborted || this.#stopping.signal.aborted) return Promise.reject(new AppError('fetch.superseded'));
    const order: Order = { retrieval, ...Promise.withResolvers<void>() };
    signal.addEventListener('abort', () => order.reject(new AppError('fetch.superseded')), { once: true });
    this.#waiting.push(order);
    this.#dispatch();
    return order.promise;
  }

  /** So many sessions at most from now on: those that are one too many are closed when they are idle. */
  resize(size: number): void {
    this.#size = size;
    this.#dispatch();
  }

  stop(): void {
    this.#stopping.abort();
    clearInterval(this.#timer);
    clearTimeout(this.#resting);
    for (const channel of this.#channels) channel.close();
    this.#refuseAll(new AppError('fetch.superseded'));
  }

  /** In the order of asking: a large file waits for a channel of its own, and small ones do not overtake it meanwhile. */
  #dispatch(): void {
    this.#closeSurplus();
    for (let order = this.#waiting[0]; order && !this.#stopping.signal.aborted; order = this.#waiting[0]) {
      if (!order.retrieval.signal.aborted) {
        const channel = this.#choose(order.retrieval);
        if (!channel) return this.#openAnother();
        this.#ask(channel, order);
      }
      this.#waiting.shift();
    }
  }

  /** The one that has most to do and still has room: the others stay free for what is large. */
  #choose({ size, sink }: Retrieval): BlockChannel | undefined {
    let chosen: BlockChannel | undefined;
    let most = -1;
    for (const channel of this.#channels) {
      const { files, bytes } = channel.load;
      const hasRoom = files === 0 || (files < AHEAD_FILES_MAX && bytes + size - sink.size <= AHEAD_BYTES_MAX);
      if (!hasRoom || bytes <= most) continue;
      chosen = channel;
      most = bytes;
    }
    return chosen;
  }

  #ask(channel: BlockChannel, order: Order): void {
    channel.retrieve(order.retrieval).then(order.resolve, (error: unknown) => {
      if (!(error instanceof NotBegun)) return order.reject(error);
      if (this.#stopping.signal.aborted) return order.reject(new AppError('fetch.superseded'));
      this.#waiting.unshift(order);
      this.#dispatch();
    });
  }

  #openAnother(): void {
    const rests = this.#resting !== undefined && this.#channels.size > 0;
    if (this.#channels.size < this.#size && this.#opening === 0 && !rests) void this.#open();
  }

  #rest(): void {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      this.#resting = undefined;
      this.#dispatch();
    }, REOPEN_MILLIS);
    this.#resting.unref();
  }

  async #open(): Promise<void> {
    const { signal } = this.#stopping;
    this.#opening += 1;
    try {
      const channel = await BlockChannel.open(this.#source, signal, () => this.#changed());
      this.#channels.add(channel);
      if (signal.aborted) channel.close();
    } catch (error) {
      this.#logger.debug({ err: error }, 'no connection could be opened');
      if (this.#channels.size === 0) this.#refuseAll(error);
      else this.#rest();
    } finally {
      this.#opening -= 1;
    }
    this.#changed();
  }

  #changed(): void {
    for (const channel of this.#channels) if (channel.closed) this.#channels.delete(channel);
    this.#dispatch();
  }

  #closeSurplus(): void {
    for (const channel of this.#channels) {
      if (this.#channels.size <= this.#size) return;
      if (channel.load.files === 0) channel.close();
    }
  }

  #seeToIdle(): void {
    for (const channel of this.#channels) {
      if (channel.load.files > 0 || Date.now() - channel.usedAt < IDLE_MILLIS) continue;
      if (this.#channels.size > 1) channel.close();
      else channel.keepAlive();
    }
  }

  #refuseAll(error: unknown): void {
    for (const order of this.#waiting.splice(0)) order.reject(error);
  }
}
