import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { LINK_MESSAGE_BYTES_MAX } from '../../../shared/contract/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type BackOff, backOff } from '../core/back-off.ts';
import { connectPinned } from './connect.ts';
import type { Identity } from './identity.ts';
import type { Peer } from '../core/peer.ts';
import { RUN_HEADER } from './twins.ts';

/** A link that lived this long was a good one: the next failure starts at the first delay again. */
const GOOD_MILLIS = 10_000;
const UPGRADE_MILLIS = 10_000;

export interface DialerOptions {
  readonly peer: Peer;
  readonly identity: Identity;
  readonly backOff: BackOff;
  readonly now: () => number;
  readonly random: () => number;
  /** Of this start of the program. */
  readonly run: string;
  /** Takes the open link at once: its first message may be read right after. */
  readonly onLink: (socket: WebSocket, tls: TLSSocket) => void;
  readonly onFailure: (error: AppError) => void;
}

type State =
  /** There is a link, or nobody has asked for one yet. */
  | { readonly kind: 'resting' }
  | { readonly kind: 'dialling'; readonly abort: AbortController; readonly done: Promise<void> }
  | { readonly kind: 'waiting'; readonly timer: NodeJS.Timeout; readonly until: number }
  | { readonly kind: 'stopped' };

/** Gets a link to one peer: dials, waits, dials again. Whoever holds the link says when it is over. */
export class LinkDialer {
  readonly peer: Peer;
  readonly #options: DialerOptions;
  #state: State = { kind: 'resting' };
  #failures = 0;

  constructor(options: DialerOptions) {
    this.#options = options;
    this.peer = options.peer;
  }

  get nextAttemptAt(): number | undefined {
    return this.#state.kind === 'waiting' ? this.#state.until : undefined;
  }

  /** Dials now, whatever the back-off says. */
  dial(): void {
    if (this.#state.kind === 'stopped' || this.#state.kind === 'dialling') return;
    this.#leaveState();
    const abort = new AbortController();
    const done = this.#dial(abort.signal).catch((error: unknown) => {
      if (abort.signal.aborted) return;
      const failure = error instanceof AppError ? error : new AppError('internal', {}, error);
      this.#options.onFailure(new AppError(failure.code, { peer: this.peer.name, ...failure.params }, failure));
      this.#wait();
    });
    this.#state = { kind: 'dialling', abort, done };
  }

  /** There is a link, whoever opened it. */
  rest(): void {
    if (this.#state.kind === 'stopped') return;
    this.#leaveState();
    this.#state = { kind: 'resting' };
  }

  /** The link is gone after so long. */
  resume(livedMillis: number): void {
    if (this.#state.kind === 'stopped') return;
    if (livedMillis >= GOOD_MILLIS) this.#failures = 0;
    this.#leaveState();
    this.#wait();
  }

  /** Idempotent. Resolves when nothing of it is open. */
  async stop(): Promise<void> {
    const before = this.#state;
    this.#leaveState();
    this.#state = { kind: 'stopped' };
    if (before.kind === 'dialling') await before.done;
  }

  #leaveState(): void {
    if (this.#state.kind === 'dialling') this.#state.abort.abort();
    if (this.#state.kind === 'waiting') clearTimeout(this.#state.timer);
  }

  #wait(): void {
    this.#failures += 1;
    const { now, random } = this.#options;
    const delay = backOff(this.#options.backOff, this.#failures, random());
    this.#state = { kind: 'waiting', timer: setTimeout(() => this.dial(), delay), until: now() + delay };
  }

  async #dial(signal: AbortSignal): Promise<void> {
    const { peer, identity, run, onLink } = this.#options;
    if (peer.address === null) throw new AppError('link.unreachable', { reason: 'its address is not known' });
    const tls = await connectPinned(peer.address, peer.id, { identity, signal });
    await upgrade(tls, { address: peer.address, run }, signal, (socket) => {
      this.#state = { kind: 'resting' };
      onLink(socket, tls);
    });
  }
}

/** Turns a connection into a WebSocket. `onOpen` runs in the very event: nothing that arrives after it is missed. */
function upgrade(
  tls: TLSSocket,
  { address, run }: { readonly address: string; readonly run: string },
  signal: AbortSignal,
  onOpen: (socket: WebSocket) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      tls.destroy();
      return reject(new AppError('cancelled'));
    }
    const socket = new WebSocket(`wss://${address}/link`, {
      createConnection: () => tls,
      headers: { [RUN_HEADER]: run },
      maxPayload: LINK_MESSAGE_BYTES_MAX,
      perMessageDeflate: false,
      autoPong: false,
      handshakeTimeout: UPGRADE_MILLIS,
    });
    const abort = (): void => fail(new AppError('cancelled'));
    const fail = (error: AppError): void => {
      signal.removeEventListener('abort', abort);
      tls.destroy();
      reject(error);
    };
    signal.addEventListener('abort', abort, { once: true });
    // `ws` may report more than one error; after `open` the session has a listener of its own.
    socket.on('error', (error) => fail(new AppError('link.unreachable', { address, reason: error.message }, error)));
    socket.once('unexpected-response', (_, response) => {
      const code = response.statusCode === 403 ? 'link.unknown-peer' : 'link.foreign';
      fail(new AppError(code, { address, status: response.statusCode ?? 0 }));
    });
    socket.once('open', () => {
      signal.removeEventListener('abort', abort);
      onOpen(socket);
      resolve();
    });
  });
}
