import { useEffect, useState, useSyncExternalStore } from 'react';
import type { HistoryRow } from '../../shared/contract/status.ts';
import { replicas } from './replicas.ts';

/** Lists that people read are drawn anew this often at most. */
const READ_MILLIS = 400;
const nothing: readonly HistoryRow[] = [];

/** The latest changes of a site, the newest first. */
export function useRows(site: string, limit: number): readonly HistoryRow[] {
  const [rows, setRows] = useState<{ site: string; rows: readonly HistoryRow[] }>();
  useEffect(() => {
    if (site === '') return undefined;
    replicas.watch(site);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let readAt = 0;
    const read = (): void => {
      timer = undefined;
      readAt = performance.now();
      setRows({ site, rows: replicas.get(site)?.rows(limit) ?? nothing });
    };
    const unsubscribe = replicas.subscribe(() => {
      timer ??= setTimeout(read, Math.max(0, readAt + READ_MILLIS - performance.now()));
    });
    read();
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [site, limit]);
  return rows?.site === site ? rows.rows : nothing;
}

/** Whether anything is known of the changes of a site yet. */
export function useIsKnown(site: string): boolean {
  return useSyncExternalStore(subscribe, () => replicas.get(site) !== undefined);
}

function subscribe(listener: () => void): () => void {
  return replicas.subscribe(listener);
}
