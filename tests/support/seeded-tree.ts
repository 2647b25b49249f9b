import { createHash } from 'node:crypto';
import { dirname } from 'node:path/posix';
import type { Store } from '../../electron/engine/store/open.ts';
import { addSite, type SeededHistory } from './seeded-history.ts';

/** The index of a site with these files, their folders, and what was deleted; seqs count up in that order. */
export function addTree(
  history: SeededHistory,
  site: number,
  { files, folders = [], gone = [] }: { files: Iterable<string>; folders?: Iterable<string>; gone?: Iterable<string> },
): number {
  let seq = 0;
  history.store.transaction(() => {
    for (const path of folders) addEntry(history.store, site, path, 'dir', ++seq);
    for (const path of files) addEntry(history.store, site, path, 'file', ++seq);
    for (const path of gone) addEntry(history.store, site, path, 'gone', ++seq);
    history.store.run('UPDATE site SET seq = ? WHERE id = ?', seq, site);
  });
  return seq;
}

function addEntry(store: Store, site: number, path: string, kind: 'file' | 'dir' | 'gone', seq: number): void {
  const isFile = kind === 'file';
  store.run(
    'INSERT OR REPLACE INTO entry (site, path, kind, size, mtime, sha256, seq) VALUES (?, ?, ?, ?, ?, ?, ?)',
    site,
    path,
    kind,
    isFile ? 1000 + seq : null,
    isFile ? 1_700_000_000_000 + seq * 1000 : null,
    isFile ? createHash('sha256').update(path).digest('hex') : null,
    seq,
  );
}

/** 250,000 files in 2,500 folders, and one folder with 50,000. */
export function addLargeTree(history: SeededHistory, name = 'www'): { site: number; head: number } {
  const site = addSite(history, name);
  const files = function* (): Generator<string> {
    for (let at = 0; at < 250_000; at += 1)
      yield `shop/range-${at % 50}/product-${Math.floor(at / 100)}/photo-${at % 100}.webp`;
    for (let at = 0; at < 50_000; at += 1) yield `flat/item-${String(at).padStart(5, '0')}.html`;
  };
  const folders = new Set<string>(['flat', 'shop']);
  for (const file of files()) {
    const folder = dirname(file);
    if (folders.has(folder)) continue;
    folders.add(dirname(folder)).add(folder);
  }
  return { site, head: addTree(history, site, { files: files(), folders }) };
}
