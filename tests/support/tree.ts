import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A tree as a plain object: path → content and time, or 'dir'. The reserved folder is left out. What goes while it is looked at is not there. */
export async function readTree(root: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  const walk = async (folder: string): Promise<void> => {
    const reading = readdir(join(root, folder), { withFileTypes: true });
    const items = folder === '' ? await reading : await reading.catch(ifGone);
    if (!items) return;
    if (folder !== '') tree[`${folder}/`] = 'dir';
    for (const item of items) {
      const path = folder === '' ? item.name : `${folder}/${item.name}`;
      if (path === '.lockstep') continue;
      if (item.isDirectory()) {
        await walk(path);
        continue;
      }
      const info = await lstat(join(root, path)).catch(ifGone);
      const content = info && (await readFile(join(root, path)).catch(ifGone));
      if (!info || !content) continue;
      tree[path] =
        `${content.length > 200 ? content.subarray(0, 100).toString('hex') : content.toString()} @${Math.round(info.mtimeMs)}`;
    }
  };
  await walk('');
  return Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Something of another kind may have taken its place. */
function ifGone(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code ?? '')) throw error;
}
