import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Want } from '../core/want.ts';
import type { Logger } from '../ports.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import { fileError } from '../tree/file-error.ts';
import type { Ready } from './ready.ts';
import type { Staging } from './staging.ts';

export interface KeeperOptions {
  readonly state: MirrorState;
  readonly staging: Staging;
  readonly logger: Logger;
  /** Nobody works on it any more: it waits, durably, for what belongs to it. */
  readonly onKept: (readies: readonly Ready[]) => void;
  /** It is ready, but not what is wanted any more. */
  readonly onUnused: (ready: Ready) => void;
  /** It is ready, and cannot be kept until what belongs to it is here. Within a transaction. */
  readonly onFailed: (want: Want, error: AppError) => void;
  readonly onTransfer: (id: number) => void;
}

export interface Named {
  readonly kept: Ready[];
  readonly lost: Ready[];
}

/** Keeps what is ready and has to wait: noted in the database, under a name of its own in staging. */
export class Keeper {
  readonly #options: KeeperOptions;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Those of them that are still wanted. `onNamed`: before anybody hears of it. Undefined: it cannot be noted. */
  keep(readies: readonly Ready[], onNamed: (named: Named) => void = () => undefined): Named | undefined {
    let named: Named;
    try {
      named = this.#name(this.#note(readies));
    } catch (error) {
      this.#options.logger.error({ err: error }, 'what waits cannot be noted');
      return undefined;
    }
    onNamed(named);
    this.#tell(named);
    return named;
  }

  /** Notes durably that it is ready and waits. */
  #note(readies: readonly Ready[]): Ready[] {
    const { state, staging } = this.#options;
    const noted: Ready[] = [];
    state.store.transaction(() => {
      for (const ready of readies) {
        const want = state.wants.of(ready.want.path);
        if (!want || want.transfer !== ready.want.transfer) continue;
        const staged = ready.staged === null ? null : staging.readyNameOf(want);
        state.wants.set({ ...want, state: 'ready', staged });
        const { verdict, fetchedAt, bytes } = ready;
        state.transfers.update(want.transfer, {
          state: 'held',
          ...(want.part ? {} : { verdict }),
          ...(fetchedAt === undefined ? {} : { fetchedAt }),
          ...(bytes === undefined ? {} : { bytes }),
        });
        noted.push({ ...ready, want: { ...ready.want, state: 'ready', staged } });
      }
    });
    return noted;
  }

  /**
   * Gives what was noted names of their own in staging. `lost`: it is not there any more, and is wanted as before; or something
   * stands in the way of its name, which is a failure like any other.
   */
  #name(noted: readonly Ready[]): Named {
    const { state, staging, logger, onFailed } = this.#options;
    const named: Named = { kept: [], lost: [] };
    for (const ready of noted) {
      const { path, transfer, staged } = ready.want;
      try {
        if (ready.staged !== null && staged !== null && ready.staged !== staged) staging.rename(ready.staged, staged);
        named.kept.push({ ...ready, staged });
      } catch (err) {
        const isThere = ready.staged !== null && staging.has(ready.staged);
        const what = isThere
          ? 'a file that is ready cannot be kept'
          : 'a file that was ready is not in staging any more';
        logger.error({ err, path }, what);
        const want = state.wants.of(path);
        if (want?.transfer === transfer) {
          const error = isThere ? fileError(err, `${RESERVED_FOLDER}/staging/${staged}`) : undefined;
          if (error instanceof AppError) state.store.transaction(() => onFailed(want, error));
          else state.wants.set({ ...want, state: 'queued', staged: null });
        }
        named.lost.push(isThere ? ready : { ...ready, staged: null });
      }
    }
    return named;
  }

  /** After all of it is named: what others can be done by it is handed over at once. */
  #tell({ kept, lost }: Named): void {
    const { onTransfer, onKept, onUnused } = this.#options;
    for (const { want } of kept) onTransfer(want.transfer);
    for (const ready of lost) onUnused(ready);
    onKept(kept);
  }
}
