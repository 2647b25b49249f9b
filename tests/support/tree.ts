import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A tree as a plain object: path → content and time, or 'dir'. The reserved folder is left out. */
export async function readTree(root: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  const walk = async (folder: string): Promise<void> => {
    for (const item of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? item.name : `${folder}/${item.name}`;
      if (path === '.lockstep') continue;
      if (item.isDirectory()) {
        tree[`${path}/`] = 'dir';
        await walk(path);
      } else {
        const info = await lstat(join(root, path));
        const content = await readFile(join(root, path));
        tree[path] =
          `${content.length > 200 ? content.subarray(0, 100).toString('hex') : content.toString()} @${Math.round(info.mtimeMs)}`;
      }
    }
  };
  await walk('');
  return Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)));
}
