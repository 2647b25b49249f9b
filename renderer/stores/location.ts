import { useMemo, useSyncExternalStore } from 'react';

/**
 * Where the person is, as the address says it after the `#`: `#/together/groups` is `['together', 'groups']`. So the browser's
 * back works, and a place can be kept as a bookmark.
 */
export function useLocation(): readonly string[] {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => segmentsOf(hash), [hash]);
}

/** Goes there. */
export function go(...segments: readonly string[]): void {
  location.hash = addressOf(...segments);
}

/** For `href`. */
export function addressOf(...segments: readonly string[]): string {
  return `#/${segments.map(encodeURIComponent).join('/')}`;
}

function segmentsOf(hash: string): string[] {
  try {
    return hash
      .replace(/^#\/?/, '')
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    // A hand-made address with a stray `%`: the first screen.
    return [];
  }
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
