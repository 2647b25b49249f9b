import { rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startPair } from '../support/memory-pair.ts';
import { fill, smallDisk } from '../support/small-disk.ts';
import { readTree } from '../support/tree.ts';

test('what somebody else has made of a file stays as long as there is no room to keep it, and is kept when there is', async () => {
  const disk = await smallDisk(1024 * 1024);
  if (!disk) return;
  const { master, mirror } = await startPair();
  for (const path of ['a', 'b', 'c']) await master.put(path, path);
  await mirror.inStep(master);
  for (const path of ['a', 'b']) await writeFile(join(mirror.rootFolder, path), `${path} by hand`);
  // As on a file system without hard links: what is kept is copied.
  const { versions } = mirror.site.root;
  await rm(versions, { recursive: true });
  await symlink(disk, versions);
  const filler = await fill(disk);
  await master.put('a', 'newer');
  await master.remove('b');
  const failing = () => mirror.site.standing(10).map(({ path, error: { code } }) => `${code} ${path}`);
  await expect.poll(failing).toEqual(['file.disk-full a', 'file.disk-full b']);
  const { a, b } = await readTree(mirror.rootFolder);
  expect([a, b]).toEqual([expect.stringMatching(/^a by hand/), expect.stringMatching(/^b by hand/)]);
  expect(mirror.site.drift.list(10)).toEqual([]);
  await unlink(filler);
  for (const path of ['a', 'b']) expect(await mirror.site.resolve(path, 'publish', 'tokyo')).toBe(true);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(Object.values(await readTree(disk)).map((content) => content.split(' @')[0])).toEqual(
    expect.arrayContaining(['a by hand', 'b by hand']),
  );
  expect(mirror.site.drift.list(10)).toMatchObject([{ state: 'replaced' }, { state: 'replaced' }]);
});
