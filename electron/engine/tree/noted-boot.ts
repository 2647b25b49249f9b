import { isThisBoot, thisBoot } from './boot.ts';
import type { Store } from '../store/open.ts';
import { textOrNull } from '../store/rows.ts';

/** How a boot is named by its time alone; see `thisBoot`. */
const UPTIME = 'up ';

/** False where the machine may have been started since `noteBoot`, or nobody knows: whatever its clock says, which may have been set. */
export function isBootNoted(store: Store, site: number): boolean {
  const noted = notedBoot(store, site);
  return noted !== null && isThisBoot(noted);
}

/** True: the machine has been running since `noteBoot`. Elsewhere than on Linux nobody can be sure. */
export function isSurelyThisBoot(store: Store, site: number): boolean {
  const noted = notedBoot(store, site);
  return noted !== null && !noted.startsWith(UPTIME) && isThisBoot(noted);
}

export function noteBoot(store: Store, site: number): void {
  if (!isBootNoted(store, site)) store.run('UPDATE site SET boot = ? WHERE id = ?', thisBoot(), site);
}

function notedBoot(store: Store, site: number): string | null {
  return textOrNull(store.get('SELECT boot FROM site WHERE id = ?', site)?.['boot'] ?? null);
}
