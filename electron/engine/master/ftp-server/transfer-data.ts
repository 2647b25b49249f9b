import type { Socket } from 'node:net';
import type { BreakReason } from '../../../../shared/errors/problems.ts';
import type { Outcome, Transfer } from './current-transfer.ts';
import { type DataConnector, type ReadyData, secureData } from './data-connection.ts';
import { discard, LandingSocket } from './landing-socket.ts';
import { DATA_DISCARDED_MILLIS, DATA_LEFT_MILLIS, DATA_LINGER_MILLIS } from './limits.ts';
import { asStream, inBlocks, type Outlet } from './outlet.ts';
import { Refusal, reply } from './reply.ts';
import type { Session } from './session.ts';
import { heldBySystem, watchStall } from './stall.ts';
import { StandingData } from './standing-data.ts';

/** A data connection that bytes go over. */
export interface OpenData extends ReadyData {
  readonly outlet: Outlet;
}

/**
 * The data connection of one transfer: opened, given up where it breaks off, closed. A client that has closed its side of the control
 * connection may read on, but is given little time in which nothing moves.
 */
export class TransferData {
  readonly #session: Session;
  readonly #transfer: Transfer;
  readonly #connector: DataConnector | undefined;
  #socket: Socket | undefined;
  #unhurry: () => void;
  #unwatch = (): void => {};

  constructor(session: Session, transfer: Transfer, connector: DataConnector | undefined) {
    this.#session = session;
    this.#transfer = transfer;
    this.#connector = connector;
    let hurried: NodeJS.Timeout | undefined;
    const unheard = onceAborted(session.control.ended, () => {
      hurried = setTimeout(() => session.abortTransfer('control-lost'), DATA_LINGER_MILLIS);
    });
    this.#unhurry = () => {
      unheard();
      clearTimeout(hurried);
    };
  }

  /** Of block mode: it stays open after the transfer (RFC 959 §5.4). */
  get isStanding(): boolean {
    return this.#connector instanceof StandingData;
  }

  /**
   * Sends the 150, and resolves the connection, with TLS on it where that was asked for. The 150 goes out before a passive data connection
   * is waited for, as clients may connect, or start TLS, only then. Rejects a `Refusal`, or a `TransferBroken`.
   */
  async open(opening: string): Promise<OpenData> {
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
    let socket = (this.#socket ??= await connector.connect(
      signal,
      lands ? (options) => LandingSocket.of(options) : undefined,
    ));
    let isCutOff = (): boolean => false;
    if (dataTls && !standing) {
      const held = { isQuiet: control.hasNewTls, asksWhoEnds: context.config.closeNotify };
      ({ socket, isCutOff } = await secureData(socket, dataTls, signal, kind === 'upload' ? held : undefined));
    } else if (lands) socket = LandingSocket.takeOver(socket);
    this.#socket = socket;
    this.#unhurry();
    this.#unwatch = watch(socket, transfer, this.#session);
    return { socket, isCutOff, outlet: standing ? inBlocks(socket, transfer) : asStream(socket, transfer) };
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
    this.#unhurry();
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
  const stall = watchStall(data, {
    millis: session.context.config.limits.stallSeconds * 1000,
    isOurs: () => transfer.waitsForDisk,
    held: transfer.kind === 'upload' || process.platform !== 'linux' ? undefined : () => heldBySystem(data),
    onStall: () => session.abortTransfer('stalled'),
  });
  const heard = [
    onceAborted(transfer.signal, () => data.destroy()),
    onceAborted(session.control.ended, () => stall.hurry(DATA_LINGER_MILLIS)),
  ];
  return () => {
    for (const unhear of heard) unhear();
    stall.stop();
  };
}

/** Also where it is aborted already. Returns how to hear no more of it. */
function onceAborted(signal: AbortSignal, work: () => void): () => void {
  if (signal.aborted) work();
  else signal.addEventListener('abort', work, { once: true });
  return () => signal.removeEventListener('abort', work);
}

function linger(data: Socket): void {
  if (data.destroyed) return;
  data.setTimeout(0);
  const timer = setTimeout(() => data.destroy(), DATA_LINGER_MILLIS);
  data.once('close', () => clearTimeout(timer));
  data.resume();
  if (!data.writableEnded) data.end();
}
