import type { Millis } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import type { BreakReason } from '../../../../shared/errors/problems.ts';

export type TransferKind = 'upload' | 'download' | 'listing';

/** How a transfer ended. `refused`: its verb has not begun it. */
export type Outcome = 'done' | 'refused' | BreakReason;

export class TransferBroken extends Error {
  readonly reason: BreakReason;

  constructor(reason: BreakReason) {
    super(reason);
    this.name = 'TransferBroken';
    this.reason = reason;
  }
}

/** The one transfer of a session that is under way. */
export class Transfer {
  readonly kind: TransferKind;
  readonly path: SitePath;
  readonly startedAt: Millis;
  readonly #controller = new AbortController();
  readonly #onBytes: (bytes: number) => void;
  bytes = 0;
  /** Its first reply has been sent. */
  isOpen = false;
  /** A stall is ours now, not the client's. */
  waitsForDisk = false;

  constructor(kind: TransferKind, path: SitePath, startedAt: Millis, onBytes: (bytes: number) => void) {
    this.kind = kind;
    this.path = path;
    this.startedAt = startedAt;
    this.#onBytes = onBytes;
  }

  /** So many bytes more have passed. */
  moved(bytes: number): void {
    this.bytes += bytes;
    this.#onBytes(bytes);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Of the session, which knows whether it is too late: see `Session.abortTransfer`. */
  abort(reason: BreakReason): void {
    this.#controller.abort(new TransferBroken(reason));
  }
}

/** The reason for which a data connection ended too early: ours, if we cut it. */
export function brokenBy(transfer: Transfer): Error {
  const reason: unknown = transfer.signal.reason;
  return reason instanceof TransferBroken ? reason : new TransferBroken('reset');
}
