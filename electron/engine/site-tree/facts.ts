import { FILE_LINKS_TOLD, type FileFacts } from '../../../shared/contract/site-tree.ts';
import { candidatesOf } from '../../../shared/domain/reference.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { compileGroups } from '../core/groups.ts';
import { Links } from '../store/links.ts';
import type { Store } from '../store/open.ts';
import { defined } from '../core/defined.ts';
import { int, optionalInt, text } from '../store/rows.ts';
import { findRules } from '../store/sites.ts';

/** What the index and the journal say of one path of a site; undefined: nothing. */
export function factsOf(
  store: Store,
  site: { readonly id: number; readonly name: string },
  path: SitePath,
): Omit<FileFacts, 'mirrors' | 'route'> | undefined {
  // At a mirror it may not be there yet.
  const row = ['entry', 'want']
    .map((table) => store.get(`SELECT * FROM ${table} WHERE site = ? AND path = ?`, site.id, path))
    .find((found) => found !== undefined);
  if (!row) return undefined;
  const kind = text(row['kind']);
  const seq = int(row['seq']);
  const change = store.get(
    `SELECT j.at, j.account, r.id, r.name FROM journal j LEFT JOIN release r ON r.site = j.site AND r.id = j.release
     WHERE j.site = ? AND j.seq = ?`,
    site.id,
    seq,
  );
  const release =
    change && typeof change['id'] === 'number' ? { id: change['id'], name: text(change['name']) } : undefined;
  const rules = findRules(store, site.name);
  const groups = [...new Set(compileGroups(rules.groups)(path).map(({ group }) => group.name))];
  const common = { site: site.name, path, seq, groups, links: linksOf(store, site.id, path, rules.links.index) };
  const made = defined({
    changedAt: change && optionalInt(change['at']),
    by: change && text(change['account']),
    release,
  });
  if (kind !== 'file') return { ...common, ...made, kind: kind === 'dir' ? 'dir' : 'gone' };
  const content = { size: int(row['size']), mtime: int(row['mtime']), sha256: text(row['sha256']) };
  return { ...common, ...made, kind, ...content };
}

function linksOf(store: Store, site: number, path: SitePath, indexNames: readonly string[]): FileFacts['links'] {
  const links = new Links(store, site);
  const [out, linkers] = [links.of(path), links.linkersOf(path, indexNames, FILE_LINKS_TOLD + 1)];
  const isThere = (candidate: SitePath): boolean =>
    store.get("SELECT 1 FROM entry WHERE site = ? AND path = ? AND kind = 'file'", site, candidate) !== undefined;
  return {
    out: out.slice(0, FILE_LINKS_TOLD).map((target) => ({
      target,
      missing: !candidatesOf(target, indexNames).some(isThere),
    })),
    in: linkers.slice(0, FILE_LINKS_TOLD),
    more: out.length > FILE_LINKS_TOLD || linkers.length > FILE_LINKS_TOLD,
  };
}
