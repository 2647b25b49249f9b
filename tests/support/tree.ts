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
        // It may go while it is looked at: then it is not there.
        const info = await lstat(join(root, path)).catch(ifGone);
        const content = info && (await readFile(join(root, path)).catch(ifGone));
        if (!info || !content) continue;
        tree[path] =
          `${content.length > 200 ? content.subarray(0, 100).toString('hex') : content.toString()} @${Math.round(info.mtimeMs)}`;
      }
    }
  };
  await walk('');
  return Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function ifGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
