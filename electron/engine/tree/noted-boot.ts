import { isThisBoot, thisBoot } from './boot.ts';
import type { Store } from '../store/open.ts';
import { textOrNull } from '../store/rows.ts';

/** False where the machine may have been started since `noteBoot`, or nobody knows: whatever its clock says, which may have been set. */
export function isBootNoted(store: Store, site: number): boolean {
  const noted = textOrNull(store.get('SELECT boot FROM site WHERE id = ?', site)?.['boot'] ?? null);
  return noted !== null && isThisBoot(noted);
}

export function noteBoot(store: Store, site: number): void {
  if (!isBootNoted(store, site)) store.run('UPDATE site SET boot = ? WHERE id = ?', thisBoot(), site);
}
