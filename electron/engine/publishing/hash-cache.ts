import type { Sha256 } from '../../../shared/domain/change.ts';
import { fileError } from '../tree/file-error.ts';
import { hashFile } from '../tree/hash.ts';

const ENTRIES_MAX = 200_000;

/** A file of this machine as it was when it was hashed. */
export interface Hashed {
  readonly size: number;
  readonly mtime: number;
  readonly sha256: Sha256;
}

/** Hashes of local files, so that what was compared is not read once more to be sent. By path, size and time. */
export class HashCache {
  readonly #hashes = new Map<string, Hashed>();

  /** Rejects `file.*`. */
  async hash(file: { absolute: string; size: number; mtime: number }, signal: AbortSignal): Promise<Hashed> {
    const { absolute, size, mtime } = file;
    const known = this.#hashes.get(absolute);
    if (known?.size === size && known.mtime === mtime) return known;
    try {
      const hashed = await hashFile(absolute, signal);
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
