import type { FileVersion } from '../../../shared/contract/site-tree.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Row, Store } from './open.ts';
import { int, text } from './rows.ts';

const COLUMNS = 'seq, at, account, size, mtime, sha256';
const OF_PATH = "site = ? AND path = ? AND op IN ('put', 'rename') AND sha256 IS NOT NULL";

/** What a path of a master's site has held, the newest first, as far as the journal reaches back. */
export function versionsOf(store: Store, site: number, path: SitePath, limit: number): FileVersion[] {
  const now = store.get("SELECT sha256 FROM entry WHERE site = ? AND path = ? AND kind = 'file'", site, path)?.[
    'sha256'
  ];
  const sql = `SELECT ${COLUMNS} FROM journal INDEXED BY journal_by_path WHERE ${OF_PATH} ORDER BY seq DESC LIMIT ?`;
  const rows = store.all(sql, site, path, limit);
  return rows.map((row, index) => {
    const sha256 = text(row['sha256']);
    const current = index === 0 && sha256 === now;
    return { ...toVersion(row), current, kept: sha256 === now || isKept(store, site, sha256) };
  });
}

/** The one that the change `seq` brought. */
export function versionAt(
  store: Store,
  site: number,
  path: SitePath,
  seq: number,
): Omit<FileVersion, 'current' | 'kept'> | undefined {
  const row = store.get(`SELECT ${COLUMNS} FROM journal WHERE ${OF_PATH} AND seq = ?`, site, path, seq);
  return row && toVersion(row);
}

/** In the folder of versions, or in the tree under another name. */
function isKept(store: Store, site: number, sha256: string): boolean {
  const kept = 'SELECT 1 FROM version WHERE site = ? AND sha256 = ?';
  const elsewhere =
    "SELECT 1 FROM entry INDEXED BY entry_by_hash WHERE site = ? AND sha256 = ? AND kind = 'file' LIMIT 1";
  return (store.get(kept, site, sha256) ?? store.get(elsewhere, site, sha256)) !== undefined;
}

function toVersion(row: Row): Omit<FileVersion, 'current' | 'kept'> {
  return {
    seq: int(row['seq']),
    at: int(row['at']),
    by: text(row['account']),
    size: int(row['size']),
    mtime: int(row['mtime']),
    sha256: text(row['sha256']),
  };
}
