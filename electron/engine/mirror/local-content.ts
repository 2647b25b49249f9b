import { constants } from 'node:fs';
import { copyFile, unlink } from 'node:fs/promises';
import type { Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Logger } from '../ports.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { Versions } from '../tree/versions.ts';
import { DataFile } from '../tree/data-file.ts';
import { findStats } from '../tree/find-stats.ts';
import { hashFile } from '../tree/hash.ts';
import { isUntouched } from '../tree/same-time.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { seenOf } from '../tree/steps.ts';
import type { FileTarget } from './file-queue.ts';
import type { Staging } from './staging.ts';
import { findFile } from './survey.ts';

export interface LocalContentOptions {
  readonly state: MirrorState;
  readonly root: SiteRoot;
  readonly staging: Staging;
  readonly versions: Versions;
  /** What is there is about to go: a newer change wants back what an older one, decided already, takes away. */
  readonly isPending: (path: SitePath) => boolean;
  readonly logger: Logger;
}

/** Where a content may be on this machine, as of one moment. */
export interface Found {
  /** In its very place. */
  readonly inPlace: boolean;
  /** Its name in staging, where it waits for what belongs to it. */
  readonly ready: string | undefined;
  /** Published, under this or another name. */
  readonly published: SitePath | undefined;
  /** Among the earlier versions. */
  readonly isKept: boolean;
}

/** What does not have to be fetched because it is on this machine already, in its place or under another name. */
export class LocalContent {
  readonly #options: LocalContentOptions;

  constructor(options: LocalContentOptions) {
    this.#options = options;
  }

  /** True where the content is somewhere here, by what the database knows. */
  isKnown(sha256: Sha256): boolean {
    const { state, versions } = this.#options;
    return (
      state.withHash(sha256) !== undefined || state.wants.stagedWithHash(sha256) !== undefined || versions.has(sha256)
    );
  }

  /** By what costs little: a file of that size is there, and not known to be another one. */
  mayBeThere(path: SitePath, { size, sha256 }: { readonly size: number; readonly sha256: Sha256 }): boolean {
    const info = findStats(this.#options.root.plain(path));
    if (!info?.isFile() || info.size !== size) return false;
    const known = this.#options.state.entry(path);
    return !(known?.kind === 'file' && known.sha256 !== sha256 && isUntouched(info, known));
  }

  /**
   * What may be here of a file that is wanted, by what costs little: for many files in a row, within `store.reading`. Undefined:
   * it has to be fetched.
   */
  find(path: SitePath, target: FileTarget): Found | undefined {
    const { state, versions, isPending } = this.#options;
    const { sha256 } = target;
    const inPlace = !isPending(path) && this.mayBeThere(path, target);
    const ready = state.wants.stagedWithHash(sha256);
    const published = ready === undefined ? state.withHash(sha256)?.path : undefined;
    const isKept = ready === undefined && published === undefined && versions.has(sha256);
    if (!inPlace && ready === undefined && published === undefined && !isKept) return undefined;
    return { inPlace, ready, published, isKept };
  }

  /** The file stands there already: it came by another way (SPEC §6), or only its time is new. As it was seen (`seenOf`); undefined: it does not. */
  async findThere(path: SitePath, target: FileTarget, { inPlace }: Found): Promise<string | undefined> {
    if (!inPlace) return undefined;
    const { root } = this.#options;
    try {
      const absolute = root.locate(path);
      // On a disk that folds case it may be the file of another name.
      root.refuseOtherSpelling(path);
      const info = findFile(absolute);
      return info && (await hashFile(absolute)).sha256 === target.sha256 ? seenOf(info) : undefined;
    } catch {
      // Whatever is wrong there shows when the file is put in place.
      return undefined;
    }
  }

  /** Copied to `staged` from where it is (as a reference where the file system can), verified and flushed. */
  async copy(target: FileTarget, staged: string, { ready, published, isKept }: Found): Promise<boolean> {
    const { root, staging, versions } = this.#options;
    if (ready === undefined && published === undefined && !isKept) return false;
    const copy = staging.absolute(staged);
    try {
      if (isKept) {
        staging.remove(staged);
        if (!(await versions.take(target.sha256, copy))) return false;
      } else {
        const source = published === undefined ? staging.absolute(ready ?? '') : await root.resolve(published);
        await copyFile(source, copy, constants.COPYFILE_FICLONE);
        if ((await hashFile(copy)).sha256 !== target.sha256) throw new AppError('file.changed', { path: source });
      }
      const file = DataFile.open(copy);
      try {
        file.setTime(target.mtime);
        await file.sync();
      } finally {
        file.close();
      }
      return true;
    } catch (error) {
      this.#options.logger.debug({ err: error, sha256: target.sha256 }, 'no copy of what is here');
      await unlink(copy).catch(() => staging.doubt(target.sha256));
      return false;
    }
  }
}
