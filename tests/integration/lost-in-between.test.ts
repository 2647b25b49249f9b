import { renameSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { TestMirror } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import { readTree } from '../support/tree.ts';

/* The folder of a mirror is lost right after it was seen to be there, as by an unmount, and comes back a little later. */

/** It goes at the next look at something in it. */
function loseAtLook(
  mirror: TestMirror,
  look: 'resolve' | 'statOrUndefined',
): { back: () => void; isAway: () => boolean } {
  const { root } = mirror.site;
  const away = `${mirror.rootFolder}-away`;
  let isAway = false;
  root[look] = async (path): Promise<never> => {
    Reflect.deleteProperty(root, look);
    renameSync(mirror.rootFolder, away);
    isAway = true;
    return (await root[look](path)) as never;
  };
  return { back: () => renameSync(away, mirror.rootFolder), isAway: () => isAway };
}

test('what is deleted then is gone when the folder is back', async () => {
  const { master, mirror } = await startPair();
  for (const path of ['a', 'b']) await master.put(path, path);
  await mirror.inStep(master);
  const { back, isAway } = loseAtLook(mirror, 'resolve');
  await master.remove('a');
  await expect.poll(isAway).toBe(true);
  back();
  mirror.site.lookAtRoot();
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a rescan then takes nothing for removed, and what the master deletes goes', async () => {
  const { master, mirror } = await startPair();
  for (const path of ['a', 'b']) await master.put(path, path);
  await mirror.inStep(master);
  const { back, isAway } = loseAtLook(mirror, 'statOrUndefined');
  await expect(mirror.site.rescan()).rejects.toMatchObject({ code: 'site.root-missing' });
  expect(isAway()).toBe(true);
  await master.remove('a');
  await expect.poll(() => mirror.site.state.cursor).toBe(master.journal.head);
  back();
  mirror.site.lookAtRoot();
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});
