import { DEFAULT_RULES, type SiteRules, siteRules } from '../../../shared/contract/rules.ts';
import type { Store } from './open.ts';
import { int, text, textOrNull } from './rows.ts';

/** What the database knows of a site: undefined where it has never heard of it; `journal` is null before a mirror's first snapshot. */
export function findSite(
  store: Store,
  name: string,
): { readonly id: number; readonly journal: string | null } | undefined {
  const row = store.get('SELECT id, journal FROM site WHERE name = ?', name);
  return row && { id: int(row['id']), journal: textOrNull(row['journal']) };
}

/** Of a site that is not open: what the database holds of it. `mirrors`: those that follow it, by their ids. */
export function lastKnown(
  store: Store,
  name: string,
): { readonly journal: string | null; readonly seq: number; readonly files: number; readonly mirrors: string[] } {
  const row = store.get('SELECT id, journal, seq FROM site WHERE name = ?', name);
  if (!row) return { journal: null, seq: 0, files: 0, mirrors: [] };
  const id = int(row['id']);
  const files = int(store.get("SELECT count(*) AS n FROM entry WHERE site = ? AND kind = 'file'", id)?.['n']);
  const mirrors = store.all('SELECT peer FROM subscription WHERE site = ?', id).map((each) => text(each['peer']));
  return { journal: textOrNull(row['journal']), seq: int(row['seq']), files, mirrors };
}

/** Of which sites a flush of the tree has failed, each with the boot of the machine in which it was: see the planner. */
export function failedFlushes(store: Store): { readonly site: string; readonly boot: string }[] {
  return store
    .all('SELECT name, flush_failed FROM site WHERE flush_failed IS NOT NULL')
    .map((row) => ({ site: text(row['name']), boot: text(row['flush_failed']) }));
}

/** What belongs together in a site: at a master as it is journalled, at a mirror as far as it has heard. */
export function findRules(store: Store, name: string): SiteRules {
  const rules = textOrNull(store.get('SELECT rules FROM site WHERE name = ?', name)?.['rules'] ?? null);
  return rules === null ? DEFAULT_RULES : siteRules.parse(JSON.parse(rules));
}

/** Forgets a site, with all that belongs to it: journal, index, history, what waits. Nothing may have it open. */
export function removeSite(store: Store, name: string): void {
  store.run('DELETE FROM site WHERE name = ?', name);
}
