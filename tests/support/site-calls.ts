import { createHash } from 'node:crypto';
import type { SiteFiles } from '../../electron/engine/master/site-files.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';

export const BY = { account: 'tester' };
export const at = (path: string): SitePath => path as SitePath;
export const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

/** Uploads `content`, into the site or into a release. */
export async function put(files: SiteFiles, path: string, content: string): Promise<void> {
  const upload = await files.beginUpload(at(path), { by: BY });
  await upload.write(Buffer.from(content));
  await upload.commit();
}

/** A bit of everything, for the crash tests. Expects the tree that `prepareForKill` makes. */
export async function changeForKill(release: SiteFiles): Promise<void> {
  for (const name of ['a', 'b']) await put(release, name, `new ${name}`);
  await release.makeDir(at('n'), BY);
  await put(release, 'n/added', 'added');
  await release.rename(at('from'), at('to'), BY);
  await release.touch(at('touched'), 5_000_000, BY);
  await release.remove(at('d/x'), BY);
  await release.removeDir(at('d'), BY);
  await release.remove(at('kind'), BY);
  await release.makeDir(at('kind'), BY);
  await put(release, 'kind/below', 'below');
  await put(release, 'z-last', 'last');
}

export async function prepareForKill(site: SiteFiles): Promise<void> {
  await site.makeDir(at('d'), BY);
  for (const name of ['a', 'b', 'from', 'touched', 'd/x', 'kind', 'kept']) await put(site, name, `old ${name}`);
  await site.touch(at('touched'), 1_000_000, BY);
}

/** Path → content, 'dir', as `files` shows them. */
export async function readSite(files: SiteFiles): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  const walk = async (folder: string): Promise<void> => {
    for await (const { name, kind } of await files.list(at(folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (kind === 'dir') {
        tree[`${path}/`] = 'dir';
        await walk(path);
        continue;
      }
      const file = await files.open(at(path));
      const content = Buffer.alloc(file.info.size);
      await file.read(content, content.length, 0);
      tree[path] = content.toString();
      file.close();
    }
  };
  await walk('');
  return Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)));
}
