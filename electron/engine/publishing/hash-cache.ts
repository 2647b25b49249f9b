import type { Sha256 } from '../../../shared/domain/change.ts';
import { fileError } from '../tree/file-error.ts';
import { hashFile } from '../tree/hash.ts';
import type { LocalFile } from './local-tree.ts';

const ENTRIES_MAX = 200_000;

/** A file of this machine as it was when it was hashed. */
export interface Hashed {
  readonly size: number;
  readonly mtime: number;
  readonly sha256: Sha256;
}

/** Hashes of local files, so that what was compared is not read once more to be sent. */
export class HashCache {
  readonly #hashes = new Map<string, Hashed & Pick<LocalFile, 'identity'>>();

  /** Rejects `file.*`. */
  async hash({ absolute, identity }: Pick<LocalFile, 'absolute' | 'identity'>, signal: AbortSignal): Promise<Hashed> {
    const known = this.#hashes.get(absolute);
    if (known?.identity === identity) return known;
    try {
      const hashed = { ...(await hashFile(absolute, signal)), identity };
      this.#hashes.delete(absolute);
      this.#hashes.set(absolute, hashed);
      const [oldest] = this.#hashes.keys();
      if (this.#hashes.size > ENTRIES_MAX && oldest !== undefined) this.#hashes.delete(oldest);
      return hashed;
    } catch (error) {
      signal.throwIfAborted();
      throw fileError(error, absolute);
    }
  }

  forget(absolute: string): void {
    this.#hashes.delete(absolute);
  }
}
