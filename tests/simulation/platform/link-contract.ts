import {
  DIGEST_ENTRIES_MAX as ENTRIES,
  LINK_ITEMS_MAX as ITEMS,
  LINK_TEXT_MAX as TEXT,
} from '../../../shared/contract/link.ts';
import type { PagesPlan } from '../pages.ts';

/** The contract as it is, but for how much one message takes: a seed may make that less, so that a small site is told in many. */
export * from '../../../shared/contract/link.ts';

export let LINK_ITEMS_MAX = ITEMS;
export let LINK_TEXT_MAX = TEXT;
export let DIGEST_ENTRIES_MAX = ENTRIES;

/** From now on; absent: as the contract says. */
export function setPages({ items = ITEMS, text = TEXT, digest = ENTRIES }: PagesPlan): void {
  LINK_ITEMS_MAX = items;
  LINK_TEXT_MAX = text;
  DIGEST_ENTRIES_MAX = digest;
}
