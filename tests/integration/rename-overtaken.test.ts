import { mkdirSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdBack } from '../support/hold-back.ts';
import { startPair } from '../support/memory-pair.ts';
import { readTree } from '../support/tree.ts';

/** Before anybody looks whether something was forgotten. */
const SOON = 45_000;

test.each([
  ['the old name of a file', 'a'],
  ['the new name of a file', 'folder/a'],
])('what comes to %s right after its rename is there, where the rename itself could not be done', async (_, path) => {
  const { master, mirror } = await startPair();
  await master.put('a', 'first');
  await master.mkdir('folder');
  await mirror.inStep(master);
  await expect.poll(() => mirror.store.get('SELECT 1 FROM plan LIMIT 1')).toBeUndefined();
  // Somebody has put a file where the folder was: nothing can be renamed into it.
  await rm(join(mirror.rootFolder, 'folder'), { recursive: true });
  await writeFile(join(mirror.rootFolder, 'folder'), 'of somebody');
  const { held, letGo } = holdBack(mirror);
  await master.rename('a', 'folder/a');
  await master.put(path, 'second');
  await expect.poll(held).toBe(2);
  letGo();
  await mirror.inStep(master, SOON);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('of what a rename would have replaced that could not be done nobody is told that somebody else has put it there', async () => {
  const { master, mirror } = await startPair();
  const { state, drift } = mirror.site;
  await master.put('a', 'first');
  await master.put('b', 'replaced');
  await mirror.inStep(master);
  await expect.poll(() => mirror.store.get('SELECT 1 FROM plan LIMIT 1')).toBeUndefined();
  // Right after it was decided somebody puts a folder where the file was.
  const decided = state.inFlight.set.bind(state.inFlight);
  state.inFlight.set = (plan, seq) => {
    state.inFlight.set = decided;
    rmSync(join(mirror.rootFolder, 'a'));
    mkdirSync(join(mirror.rootFolder, 'a'));
    return decided(plan, seq);
  };
  await master.rename('a', 'b');
  await mirror.inStep(master, SOON);
  expect(await readTree(mirror.rootFolder)).toEqual({ ...(await readTree(master.rootFolder)), 'a/': 'dir' });
  expect(drift.list(10)).toEqual([]);
});
