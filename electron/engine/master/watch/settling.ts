import type { SitePath } from '../../../../shared/domain/site-path.ts';

/** A file is taken for complete when neither size nor time have changed for this long. */
export const STABLE_MILLIS = 500;

/** Paths at which something has happened, each until it has been quiet for `STABLE_MILLIS`. */
export class Settling {
  /** In the order of `due`: whatever is touched goes to the end. */
  readonly #paths = new Map<SitePath, { readonly due: number; readonly look: string; readonly replaced: boolean }>();

  /** `look`: what is there, as `describe` says it; `replaced`: another thing may have taken the name. */
  touch(path: SitePath, look: string, replaced: boolean, now: number): void {
    const before = this.#paths.get(path);
    this.#paths.delete(path);
    this.#paths.set(path, { due: now + STABLE_MILLIS, look, replaced: replaced || (before?.replaced ?? false) });
  }

  /** Takes up to `limit` paths that have been quiet for long enough. */
  take(now: number, limit: number): { path: SitePath; look: string; replaced: boolean }[] {
    const taken: { path: SitePath; look: string; replaced: boolean }[] = [];
    for (const [path, { due, look, replaced }] of this.#paths) {
      if (due > now || taken.length === limit) break;
      this.#paths.delete(path);
      taken.push({ path, look, replaced });
    }
    return taken;
  }

  /** When the next path is due; undefined when nothing is settling. */
  get next(): number | undefined {
    return this.#paths.values().next().value?.due;
  }
}

/** Two looks that read the same: the thing has not changed in between. */
export function describe(info: { isDirectory(): boolean; isFile(): boolean; size: number; mtimeMs: number } | undefined) {
  if (!info) return 'gone';
  if (info.isDirectory()) return 'folder';
  return info.isFile() ? `${info.size} ${info.mtimeMs}` : 'special';
}
