import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TestMirror } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import { release } from '../support/pair-with-releases.ts';
import { readTree } from '../support/tree.ts';

/* Somebody saves a file, as an editor does, right after the mirror has looked at it to put a newer one of the master in its place. */

function save(mirror: TestMirror, path: string): void {
  const file = join(mirror.rootFolder, path);
  writeFileSync(`${file}~`, 'by hand');
  renameSync(`${file}~`, file);
}

/** It is decided, and not carried out. */
function onceDecided(mirror: TestMirror, act: () => void): void {
  const { inFlight } = mirror.site.state;
  const set = inFlight.set.bind(inFlight);
  inFlight.set = (plan, seq) => {
    inFlight.set = set;
    act();
    return set(plan, seq);
  };
}

/** It is about to be put in its place, before that is decided. */
function onceLookedAt(mirror: TestMirror, act: () => void): void {
  const { state } = mirror.site;
  const reading = state.store.reading.bind(state.store);
  state.store.reading = (work) => {
    if (!state.wants.inState('ready', 1).length && String(work).includes('placeAhead')) {
      state.store.reading = reading;
      act();
    }
    return reading(work);
  };
}

test.each([
  ['which is put in place by itself', onceLookedAt, (paths: string[]) => paths.slice(0, 1), false],
  ['with others', onceDecided, (paths: string[]) => paths, false],
  ['which is deleted', onceDecided, () => [], true],
])('what was saved is kept, where the file is one %s', async (_, once, put, removed) => {
  const { master, mirror } = await startPair();
  for (const path of ['a', 'b']) await master.put(path, path);
  await mirror.inStep(master);
  let saved = false;
  once(mirror, () => {
    saved = true;
    save(mirror, 'a');
  });
  const paths = put(['a', 'b']);
  if (removed) await master.remove('a');
  else if (paths.length === 1) await master.put('a', 'newer');
  else await (await release(master, { a: 'newer', b: 'newer' })).commit({});
  await expect.poll(() => saved).toBe(true);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(mirror.site.drift.list(10)).toMatchObject([{ path: 'a', state: 'replaced' }]);
  const kept = Object.values(await readTree(mirror.site.root.versions)).map((content) => content.split(' @')[0]);
  expect(kept).toContain('by hand');
});
