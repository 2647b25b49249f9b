import { createHash } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Logger } from '../ports.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import { isNotFound } from '../tree/file-error.ts';
import { unlinkFreeing } from '../tree/free-later.ts';
import type { SiteRoot } from '../tree/site-root.ts';

const IS_CONTENT = /^f-([0-9a-f]{64})$/;

/**
 * Names in a mirror's staging folder. `f-HASH` is a content that is being fetched, whatever path and change it was first
 * fetched for: what is there of it is the beginning, or all. `r-TRANSFER-PATH` (of the path a hash) is a file that is ready,
 * and waits for what belongs to it.
 */
export class Staging {
  readonly folder: string;
  readonly #state: MirrorState;
  readonly #logger: Logger;
  /** Contents of which nobody knows whether the disk has what is there. */
  #doubtful: Set<Sha256> = new Set();
  /** Names that could not be removed. */
  readonly #stuck = new Set<string>();

  constructor(root: SiteRoot, state: MirrorState, logger: Logger) {
    this.folder = root.staging;
    this.#state = state;
    this.#logger = logger;
  }

  nameOf(sha256: Sha256): string {
    return `f-${sha256}`;
  }

  /** Of a rename that was taken apart all parts have the one transfer. */
  readyNameOf({ transfer, path }: { readonly transfer: number; readonly path: SitePath }): string {
    return `r-${transfer}-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
  }

  /** The run before has left it, whole or not; or a flush of it has failed, and it could not be removed. */
  isDoubtful(sha256: Sha256): boolean {
    return this.#doubtful.has(sha256);
  }

  doubt(sha256: Sha256): void {
    this.#doubtful.add(sha256);
  }

  absolute(name: string): string {
    return join(this.folder, name);
  }

  has(name: string): boolean {
    return existsSync(this.absolute(name));
  }

  /** Throws what the file system says. */
  rename(from: string, to: string): void {
    renameSync(this.absolute(from), this.absolute(to));
  }

  /** At once: a moment later the same content may be on its way again. False: the disk, or a right, does not let it. */
  remove(name: string): boolean {
    try {
      unlinkFreeing(this.absolute(name));
    } catch (error) {
      if (!isNotFound(error)) return this.#cannotRemove(name, error);
    }
    this.#stuck.delete(name);
    return true;
  }

  /** What could not be removed, and nobody needs: what is of one change. Contents others may be fetching again. */
  removeStuck(): void {
    for (const name of this.#stuck) {
      if (IS_CONTENT.test(name)) continue;
      if (this.#state.wants.isStaged(name)) this.#stuck.delete(name);
      else this.remove(name);
    }
  }

  #cannotRemove(name: string, err: unknown): false {
    if (!this.#stuck.has(name)) this.#logger.warn({ err, name }, 'a file in staging cannot be removed');
    this.#stuck.add(name);
    return false;
  }

  /**
   * A file that was ready is not wanted as such any more; its content is where the next fetch of it looks. Where a fetch has
   * begun there already, its file stays: that one has the time that is wanted.
   */
  giveBack(name: string, sha256: Sha256): void {
    if (this.has(this.nameOf(sha256))) return void this.remove(name);
    try {
      this.rename(name, this.nameOf(sha256));
    } catch (error) {
      if (!isNotFound(error)) return void this.#cannotRemove(name, error);
      this.#logger.debug({ err: error, name }, 'a file that was ready is not in staging any more');
    }
  }

  /** At start: what no want needs goes. Resolves the contents that are there, whole or not, and stay for the wants that need them, or as they cannot be removed. */
  async sweep(): Promise<Sha256[]> {
    const left: Sha256[] = [];
    for (const name of await readdir(this.folder)) {
      const sha256 = IS_CONTENT.exec(name)?.[1];
      const needed = sha256 === undefined ? this.#state.wants.isStaged(name) : this.#state.wants.isNeeded(sha256);
      if ((needed || !this.remove(name)) && sha256 !== undefined) left.push(sha256);
    }
    this.#doubtful = new Set(left);
    return left;
  }
}
