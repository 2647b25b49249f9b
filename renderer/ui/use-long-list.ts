import { useVirtualizer } from '@tanstack/react-virtual';
import type { RefObject } from 'react';

/** As the style sheet has it. */
export const ROW_HEIGHT = 28;
const OVERSCAN = 12;

interface LongList {
  /** The rows that the page holds, and from the top of the list where each stands. */
  readonly items: readonly { readonly index: number; readonly key: string | number | bigint; readonly start: number }[];
  readonly first: number;
  readonly last: number;
  /** For a row that may be higher than the others, as its `ref`, with `data-index`. */
  readonly measure: (row: HTMLElement | null) => void;
  /** Of all rows. */
  readonly height: number;
  readonly reveal: (index: number, align?: 'center' | 'end') => void;
  /** Rows that a page of the keys moves on by. */
  readonly page: () => number;
}

/** A list of any length in `scroller`, of which the page holds those rows that are seen. */
export function useLongList(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  keyOf: (index: number) => string | number | undefined,
): LongList {
  // oxlint-disable-next-line react/incompatible-library -- it tells React itself when it has moved; there is no compiler here
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    getItemKey: (index) => keyOf(index) ?? index,
  });
  const items = virtual.getVirtualItems();
  return {
    items,
    first: items[0]?.index ?? 0,
    last: items.at(-1)?.index ?? 0,
    measure: virtual.measureElement,
    height: virtual.getTotalSize(),
    reveal: (index, align) => virtual.scrollToIndex(index, align && { align }),
    page: () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2),
  };
}

/** Where a key leads in a list, from the row `at` (-1: none yet); undefined: it leads nowhere. */
export function nextIndex(key: string, at: number, last: number, page: number): number | undefined {
  const within = (index: number): number => Math.min(last, Math.max(0, index));
  switch (key) {
    case 'ArrowDown':
      return within(at + 1);
    case 'ArrowUp':
      return within(at - 1);
    case 'PageDown':
      return within(at + page);
    case 'PageUp':
      return within(at - page);
    case 'Home':
      return within(0);
    case 'End':
      return within(last);
    default:
      return undefined;
  }
}
