import { AppError } from '../../../shared/errors/app-error.ts';

/** Of the request that opens a link: which start of the program dials. */
export const RUN_HEADER = 'lockstep-run';
/** Longer than the longest wait before either of the two dials again. */
const TOLD_MILLIS = 60_000;
const RUNS_MAX = 8;

interface Run {
  readonly id: string;
  readonly from: string;
}

/**
 * Notices that two installs run with the identity of one peer: a data folder was copied, or put back while the old one goes on. What dials
 * says which run of the program it is. A run that dials again after another one has, was not ended by a new start: both run.
 */
export class Twins {
  readonly #now: () => number;
  /** Of each peer the latest first. */
  readonly #runs = new Map<string, readonly Run[]>();
  readonly #noticed = new Map<string, { readonly error: AppError; readonly at: number }>();

  /** `now`: milliseconds that nobody sets back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A run of the peer has dialled. Undefined: as far as is known it is the only one. */
  dialled(peer: string, run: Run): AppError | undefined {
    const [latest, ...earlier] = this.#runs.get(peer) ?? [];
    if (latest?.id === run.id) return this.of(peer);
    const others = earlier.filter(({ id }) => id !== run.id);
    this.#runs.set(peer, [run, ...(latest ? [latest] : []), ...others].slice(0, RUNS_MAX));
    if (latest && others.length < earlier.length)
      this.note(peer, new AppError('link.replaced', { from: [...new Set([latest.from, run.from])].join(', ') }));
    return this.of(peer);
  }

  note(peer: string, error: AppError): void {
    this.#noticed.set(peer, { error, at: this.#now() });
  }

  of(peer: string): AppError | undefined {
    const noticed = this.#noticed.get(peer);
    return noticed && this.#now() - noticed.at < TOLD_MILLIS ? noticed.error : undefined;
  }
}
