import { REFERENCE_LIMITS } from './limits.ts';

/**
 * `asset`: a page is rendered with it (style sheet, script, image, font, frame). `page`: a reader can go there.
 * Where a document names a target as both, it is an asset.
 */
export type Need = 'asset' | 'page';

export type Cut = 'size' | 'count' | 'depth' | undefined;

/** The URLs of one document as they are written, each once, in document order. */
export interface Collector {
  readonly urls: ReadonlyMap<string, Need>;
  /** Of `<base href>` or `xml:base`; the first one counts. */
  readonly base: string | undefined;
  /** How many of `urls` stood before the base. */
  readonly beforeBase: number;
  /** Set once a limit is reached: nothing more is taken, and reading on is of no use. */
  readonly cut: Cut;
  add(url: string | undefined, need: Need): void;
  setBase(url: string): void;
  stop(cut: 'count' | 'depth'): void;
}

export function createCollector(): Collector {
  const urls = new Map<string, Need>();
  let base: string | undefined;
  let beforeBase = 0;
  let cut: Cut;
  return {
    urls,
    get base() {
      return base;
    },
    get beforeBase() {
      return beforeBase;
    },
    get cut() {
      return cut;
    },
    add(raw, need) {
      if (raw === undefined || cut !== undefined) return;
      // Inline data is by far the longest that stands where a URL may; it must not be copied about.
      if (raw.length > REFERENCE_LIMITS.valueLength || /^\s*data:/i.test(raw)) return;
      const url = raw.trim();
      if (url === '') return;
      const known = urls.get(url);
      if (known === undefined && urls.size >= REFERENCE_LIMITS.values) cut = 'count';
      else if (known === undefined || need === 'asset') urls.set(url, need);
    },
    setBase(url) {
      if (base !== undefined) return;
      base = url;
      beforeBase = urls.size;
    },
    stop(reason) {
      cut ??= reason;
    },
  };
}
