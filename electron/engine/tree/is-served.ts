import { childOf, isReserved, parseSitePath, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';

/** Files and folders whose names are fit for a site; the reserved folder, links and special files are not there for anybody. */
export function isServed(folder: SitePath, item: { name: string; isFile(): boolean; isDirectory(): boolean }): boolean {
  if (!item.isFile() && !item.isDirectory()) return false;
  if (folder === ROOT && isReserved(item.name)) return false;
  const parsed = parseSitePath(childOf(folder, item.name));
  return parsed.ok && parsed.value === childOf(folder, item.name);
}
