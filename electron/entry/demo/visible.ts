import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Tree } from './sample-site.ts';

const LOOK_MILLIS = 2;

/** When content was seen whole under its name, in milliseconds of `performance.now()`; `undefined` content: when the name was gone. */
export async function whenVisible(
  root: string,
  path: string,
  content: Buffer | undefined,
  signal: AbortSignal,
): Promise<number> {
  const file = join(root, path);
  for (;;) {
    const looked = performance.now();
    const found = await stat(file).catch(() => undefined);
    if (content === undefined ? !found : found?.size === content.length && content.equals(await readFile(file)))
      return looked;
    await delay(LOOK_MILLIS, undefined, { signal });
  }
}

/** What differs between a folder and what it should hold, in words; empty where they are equal byte by byte. */
export async function differences(root: string, expected: Tree): Promise<string[]> {
  const found = new Set(await filesBelow(root));
  const missing = [...expected.keys()].filter((path) => !found.has(path)).map((path) => `${path} is missing`);
  const extra = [...found].filter((path) => !expected.has(path)).map((path) => `${path} should not be there`);
  const wrong = await Promise.all(
    [...expected].map(async ([path, content]) =>
      found.has(path) && !content.equals(await readFile(join(root, path))) ? [`${path} has other content`] : [],
    ),
  );
  return [...missing, ...extra, ...wrong.flat()];
}

async function filesBelow(root: string, folder = ''): Promise<string[]> {
  const names = await readdir(join(root, folder));
  const found = await Promise.all(
    names
      .filter((name) => folder !== '' || name !== '.lockstep')
      .map(async (name) => {
        const path = folder === '' ? name : `${folder}/${name}`;
        const entry = await lstat(join(root, path));
        return entry.isDirectory() ? filesBelow(root, path) : [path];
      }),
  );
  return found.flat();
}
