import type { EngineEvent } from '../../../shared/contract/bridge.ts';
import type { Status } from '../../../shared/contract/status.ts';

const STATUS_MILLIS = 200;
/** While something moves its rates are told this often, and that all is quiet, as a sign of life, this often. */
const RATES_MILLIS = 1000;
const QUIET_MILLIS = 5000;

type Listener = (event: EngineEvent) => void;

/** Tells whoever has subscribed of the status, as it changes, and of what happens. */
export class News {
  readonly #readStatus: () => Status;
  readonly #subscribers = new Set<Listener>();
  /** Of these such as want to hear all. */
  readonly #listeners = new Set<Listener>();
  #statusTimer: NodeJS.Timeout | undefined;
  #quietTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(readStatus: () => Status) {
    this.#readStatus = readStatus;
  }

  /** Somebody wants to hear what happens, not of the status alone. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** Tells the status at once, then `also`. Who wants the status only is not told what happens. Returns how to unsubscribe. */
  subscribe(listener: Listener, want: 'status' | undefined, also: EngineEvent): () => void {
    this.#subscribers.add(listener);
    if (want === undefined) this.#listeners.add(listener);
    const status = this.#readStatus();
    listener({ type: 'status', status });
    listener(also);
    this.#tellQuietly(status);
    return () => {
      this.#subscribers.delete(listener);
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#quietTimer);
    };
  }

  /** To every subscriber. */
  tell(event: EngineEvent): void {
    for (const subscriber of this.#subscribers) subscriber(event);
  }

  /** To those who want to hear what happens. */
  tellListeners(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** The status may be another: it is told in a moment, once for all that changes by then. */
  statusChanged(): void {
    if (this.#subscribers.size === 0) return;
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = undefined;
      if (this.#subscribers.size === 0) return;
      const status = this.#readStatus();
      this.tell({ type: 'status', status });
      this.#tellQuietly(status);
    }, STATUS_MILLIS);
  }

  /** Nobody is told any more. Idempotent. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#statusTimer);
    clearTimeout(this.#quietTimer);
    this.#subscribers.clear();
    this.#listeners.clear();
  }

  /** Rates and times of contact go on changing where nothing happens any more. */
  #tellQuietly(known: Status): void {
    clearTimeout(this.#quietTimer);
    if (this.#stopped || this.#listeners.size === 0) return;
    this.#quietTimer = setTimeout(
      () => {
        const status = this.#readStatus();
        this.tellListeners({ type: 'status', status, quiet: true });
        this.#tellQuietly(status);
      },
      isMoving(known) ? RATES_MILLIS : QUIET_MILLIS,
    );
  }
}

function isMoving({ sites }: Status): boolean {
  const moves = (rates: { changesPerSecond?: number | undefined; bytesPerSecond?: number | undefined }): boolean =>
    (rates.changesPerSecond ?? 0) + (rates.bytesPerSecond ?? 0) > 0;
  return sites.some((site) => moves(site) || site.peers.some(moves));
}
