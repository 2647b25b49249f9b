import type { Socket } from 'node:net';
import type { BreakReason } from '../../../../shared/errors/problems.ts';
import type { Transfer } from './current-transfer.ts';
import { type DataConnector, secureData } from './data-connection.ts';
import { discard, LandingSocket } from './landing-socket.ts';
import { DATA_DISCARDED_MILLIS, DATA_LEFT_MILLIS, DATA_LINGER_MILLIS } from './limits.ts';
import { asStream, inBlocks, type Outlet } from './outlet.ts';
import { Refusal, reply } from './reply.ts';
import type { Session } from './session.ts';
import { StandingData } from './standing-data.ts';

/** How a transfer ended. `refused`: its verb has not begun it. */
export type Outcome = 'done' | 'refused' | BreakReason;

/** The data connection of one transfer: opened, given up where it breaks off, closed. */
export class TransferData {
  readonly #session: Session;
  readonly #transfer: Transfer;
  readonly #connector: DataConnector | undefined;
  #socket: Socket | undefined;
  #hurried: NodeJS.Timeout | undefined;
  #unwatch = (): void => {};

  constructor(session: Session, transfer: Transfer, connector: DataConnector | undefined) {
    this.#session = session;
    this.#transfer = transfer;
    this.#connector = connector;
    transfer.hurry = () => {
      this.#hurried ??= setTimeout(() => session.abortTransfer('control-lost'), DATA_LINGER_MILLIS);
    };
    if (!session.control.alive) transfer.hurry();
  }

  /** Of block mode: it stays open after the transfer (RFC 959 §5.4). */
  get isStanding(): boolean {
    return this.#connector instanceof StandingData;
  }

  /**
   * Sends the 150, and resolves the connection, with TLS on it where that was asked for. The 150 goes out before a passive data connection
   * is waited for, as clients may connect, or start TLS, only then. Rejects a `Refusal`, or a `TransferBroken`.
   */
  async open(opening: string): Promise<Socket> {
    const { control, context, dataTls } = this.#session;
    const transfer = this.#transfer;
    const connector = this.#connector;
    const { signal, kind } = transfer;
    signal.throwIfAborted();
    if (!connector) throw noConnection();
    if (connector.first) this.#socket = await connector.connect(signal);
    const standing = connector instanceof StandingData ? connector : undefined;
    // A small file has been sent by the end of this turn.
    if (standing) control.gather();
    this.#session.send(reply(standing?.isOpen ? 125 : 150, opening));
    transfer.isOpen = true;
    const lands = kind === 'upload' && !dataTls;
    let data = (this.#socket ??= await connector.connect(
      signal,
      lands ? (options) => LandingSocket.of(options) : undefined,
    ));
    if (dataTls && !standing) {
      const held = { isQuiet: control.hasNewTls, asksWhoEnds: context.config.closeNotify };
      const secured = await secureData(data, dataTls, signal, kind === 'upload' ? held : undefined);
      data = secured.socket;
      transfer.isCutOff = secured.isCutOff;
    } else if (lands) data = LandingSocket.takeOver(data);
    this.#socket = data;
    clearTimeout(this.#hurried);
    this.#unwatch = watch(data, transfer, this.#session);
    return data;
  }

  outletOf(data: Socket): Outlet {
    return this.isStanding ? inBlocks(data, this.#transfer) : asStream(data, this.#transfer);
  }

  /** Of an upload that was given up here the client may still be sending the rest. */
  breakOff(reason: BreakReason): void {
    const data = this.#socket;
    if (data && this.#transfer.kind === 'upload' && GIVEN_UP.has(reason)) {
      this.#socket = undefined;
      this.#session.data.closeLater(giveUp(data), DATA_DISCARDED_MILLIS);
    } else data?.destroy();
  }

  close(outcome: Outcome): void {
    clearTimeout(this.#hurried);
    this.#unwatch();
    if (this.isStanding) return;
    if (this.#connector && outcome === 'refused') this.#session.data.closeLater(this.#connector);
    else this.#connector?.close();
    if (this.#socket) linger(this.#socket);
  }
}

const GIVEN_UP: ReadonlySet<string> = new Set<BreakReason>(['disk-full', 'too-large', 'error']);

export function noConnection(): Refusal {
  return new Refusal(425, 'There is no data connection: send EPSV or PASV first.');
}

/**
 * Some clients that are still sending read the reply at once, and stop. Others read nothing before they have sent everything, and take a
 * reset for a broken network: what they still send is thrown away, but only after a moment in which the first kind has stopped.
 */
function giveUp(data: Socket): { close(): void } {
  data.pause();
  const timer = setTimeout(() => discard(data), DATA_LEFT_MILLIS);
  return {
    close() {
      clearTimeout(timer);
      data.destroy();
    },
  };
}

/** Cuts the connection when the transfer is aborted, and aborts the transfer when nothing moves for too long. Returns how to stop. */
function watch(data: Socket, transfer: Transfer, session: Session): () => void {
  const stallMillis = session.context.config.limits.stallSeconds * 1000;
  const abort = (): void => {
    data.destroy();
  };
  transfer.signal.addEventListener('abort', abort);
  if (transfer.signal.aborted) abort();
  const stalled = (): void => {
    if (transfer.waitsForDisk) data.setTimeout(stallMillis);
    else session.abortTransfer('stalled');
  };
  data.setTimeout(stallMillis, stalled);
  transfer.hurry = () => data.setTimeout(Math.min(stallMillis, DATA_LINGER_MILLIS));
  if (!session.control.alive) transfer.hurry();
  return () => {
    transfer.signal.removeEventListener('abort', abort);
    data.setTimeout(0, stalled);
  };
}

function linger(data: Socket): void {
  if (data.destroyed) return;
  data.setTimeout(0);
  const timer = setTimeout(() => data.destroy(), DATA_LINGER_MILLIS);
  data.once('close', () => clearTimeout(timer));
  data.resume();
  if (!data.writableEnded) data.end();
}
