import type { TransferKind } from './current-transfer.ts';
import { type DataConnector, secureData } from './data-connection.ts';
import { DATA_LEFT_MILLIS } from './limits.ts';
import { Refusal } from './reply.ts';
import type { DataTls } from './server-tls.ts';
import { StandingData } from './standing-data.ts';

const NOTHING_LEFT = (): void => {};

/** The data connections of one session: what the client has opened for the next transfer, and what is left of the one before. */
export class DataChannel {
  readonly #mustProtect: boolean;
  readonly #tls: () => DataTls | undefined;
  /** For the next transfer. A `StandingData` serves all from now on. */
  #opened: DataConnector | undefined;
  #sendsBlocks = false;
  #onlyExtended = false;
  #closeLeft = NOTHING_LEFT;
  #ended = false;

  /** `mustProtect`: nothing goes in the clear. `tls`: what data connections are protected by now. */
  constructor(mustProtect: boolean, tls: () => DataTls | undefined) {
    this.#mustProtect = mustProtect;
    this.#tls = tls;
  }

  /** MODE B: what is sent goes in blocks over one data connection. */
  get sendsBlocks(): boolean {
    return this.#sendsBlocks;
  }

  /** The connection of the one mode is of no use in the other. */
  sendBlocks(blocks: boolean): void {
    if (this.#sendsBlocks && !blocks) this.drop();
    this.#sendsBlocks = blocks;
  }

  /** EPSV ALL: no other command may open data connections (RFC 2428 §4). */
  openOnlyExtended(): void {
    this.#onlyExtended = true;
  }

  /** Before another command than EPSV opens one. */
  requireAnyKind(): void {
    if (this.#onlyExtended) throw new Refusal(501, 'After EPSV ALL only EPSV opens data connections: send EPSV.');
  }

  /** The client has opened another one, in the place of what it opened before. */
  open(connector: DataConnector): void {
    this.drop();
    this.#opened = connector;
    if (this.#ended) connector.close();
    else if (this.#sendsBlocks) this.#stand();
  }

  /** Closes what is open, and no transfer has taken. */
  drop(): void {
    this.#closeLeft();
    this.#opened?.close();
    this.#opened = undefined;
  }

  /** The session is over: whatever is still opened is closed at once. */
  end(): void {
    this.#ended = true;
    this.drop();
  }

  /** Where the data of a transfer goes. Undefined where the client has opened nothing. Throws a `Refusal` where its data would not be encrypted, and must be. */
  take(kind: TransferKind): DataConnector | undefined {
    if (this.#mustProtect && !this.#tls())
      throw new Refusal(522, 'Data must be encrypted here: send PBSZ 0 and PROT P first.');
    if (this.#sendsBlocks && kind === 'upload')
      throw new Refusal(504, 'Uploads use stream mode only: send MODE S first.');
    if (this.#sendsBlocks) return this.#stand();
    const opened = this.#opened;
    this.#opened = undefined;
    return opened;
  }

  /**
   * Closes the data connection of a transfer that was refused, or given up here: some time after the reply, at the latest when there is
   * another one. A client that finds it reset before it has read the reply takes that for a broken network, and never reads why
   * (basic-ftp ends its session).
   */
  closeLater(data: Pick<DataConnector, 'close'>, millis = DATA_LEFT_MILLIS): void {
    this.#closeLeft();
    const timer = setTimeout(() => this.#closeLeft(), millis);
    this.#closeLeft = () => {
      // What has come over it by then is not kept.
      this.#closeLeft = NOTHING_LEFT;
      clearTimeout(timer);
      data.close();
    };
    if (this.#ended) this.#closeLeft();
  }

  /** In block mode the data connection that was opened last serves all transfers from now on. Undefined: there is none, or it is gone. */
  #stand(): StandingData | undefined {
    const opened = this.#opened;
    if (opened instanceof StandingData) return opened.isGone ? undefined : opened;
    const tls = this.#tls();
    if (!opened || (this.#mustProtect && !tls)) return undefined;
    const standing = new StandingData(opened, async (socket, signal) =>
      tls ? (await secureData(socket, tls, signal)).socket : socket,
    );
    this.#opened = standing;
    return standing;
  }
}
