import type { BigIntStats } from 'node:fs';
import type { Sha256 } from '../../../shared/domain/change.ts';
import { findExactStats } from './find-stats.ts';
import { hashFile } from './hash.ts';
import { hasHardLinks } from './link-or-copy.ts';
import type { SiteRoot } from './site-root.ts';
import { identityOf, ontoOf, seenOf, type Step } from './steps.ts';

/** Files as written plans name them: whatever else stands in their places after a crash somebody else has put there, or made of them, since. */
export class NamedFiles {
  readonly #root: SiteRoot;
  readonly #seen = new Set<string>();
  readonly #identities = new Set<string>();
  /** In milliseconds, of all files: the disk may have lost that one of them was given another. */
  readonly #times = new Set<number>();
  /** See `contentOf`. */
  readonly #contents = new Set<string>();
  /** By the identity of the file that was kept as a version. */
  readonly #kept = new Map<string, Sha256>();
  #hasHardLinks: boolean | undefined;

  constructor(root: SiteRoot, steps: readonly Step[]) {
    this.#root = root;
    for (const step of steps) {
      if (step.do === 'keep') this.#kept.set(step.identity, step.sha256);
      if (step.do === 'touch') for (const at of [step.mtime, step.was ?? step.mtime]) this.#times.add(at);
      for (const seen of [ontoOf(step), step.do === 'move' ? step.seen : undefined]) {
        const [, identity, mtimeNs, size] = SEEN.exec(seen ?? '') ?? [];
        if (seen === undefined || identity === undefined) continue;
        this.#seen.add(seen);
        this.#identities.add(identity);
        if (size !== undefined) this.#contents.add(contentOf({ mtimeNs: BigInt(mtimeNs ?? 0), size: BigInt(size) }));
      }
    }
  }

  has(info: BigIntStats): boolean {
    if (this.#seen.has(seenOf(info)) || this.#seen.has(`${identityOf(info)}-${info.mtimeNs}`)) return true;
    if (this.#identities.has(identityOf(info)) && this.#times.has(millisOf(info.mtimeNs))) return true;
    return this.#contents.has(contentOf(info)) && !(this.#hasHardLinks ??= hasHardLinks(this.#root.incoming));
  }

  /**
   * It is one that was kept as a version before it was removed, with the very content: a version that is taken to be published elsewhere is
   * given that time, and so is the name which a loss of power brings back. Reads the file.
   */
  async isKept(absolute: string): Promise<boolean> {
    const info = findExactStats(absolute);
    const sha256 = info?.isFile() ? this.#kept.get(identityOf(info)) : undefined;
    return sha256 !== undefined && (await hashFile(absolute)).sha256 === sha256;
  }
}

/** Times may be before 1970. An earlier version, of which a plan may be left at an update, noted no size. */
const SEEN = /^(\d+--?\d+)-(-?\d+)(?:-(\d+))?$/;

/**
 * A file system without hard links gives another identity to what is the same: where a set was undone a copy has come back, and FAT numbers its
 * files anew whenever it is mounted. There a file is known by its time and size, as it is by the index.
 */
function contentOf({ mtimeNs, size }: Pick<BigIntStats, 'mtimeNs' | 'size'>): string {
  return `${millisOf(mtimeNs)}-${size}`;
}

function millisOf(mtimeNs: bigint): number {
  return Math.round(Number(mtimeNs) / 1e6);
}
