import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TestMirror } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import { names } from '../support/pair-with-releases.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

async function giveUpAll(mirror: TestMirror, files: number): Promise<void> {
  await until(() => mirror.site.state.wants.countInState('ready') === files, 'all of it waits');
  await until(() => mirror.site.waits()[0]?.files === files, 'all of it is asked about');
  expect(await mirror.site.resolve('group:g', 'discard', 'osaka')).toBe(true);
}

test('what was given up comes with the whole index, all of it: also what was to go', async () => {
  const { master, mirror } = await startPair();
  for (const path of ['p', 'p/d']) await master.mkdir(path);
  for (const path of ['a', 'b', 'p/d/b']) await master.put(path, 'old');
  await mirror.inStep(master);
  await master.rules({ groups: [{ name: 'g', members: ['a', 'b', 'p/d/b', 'p/d', 'c'], rule: 'all' }] });
  await master.put('a', 'new');
  for (const path of ['b', 'p/d/b']) await master.remove(path);
  await master.rmdir('p/d');
  await giveUpAll(mirror, 4);
  await master.rmdir('p');
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a', 'b', 'p/', 'p/d/', 'p/d/b']);
  await master.rules({ groups: [] });
  await mirror.inStep(master);
  // As where its routes have changed.
  mirror.store.run('UPDATE site SET filter = NULL');
  mirror.connect(master);
  await until(() => mirror.site.state.filter !== null, 'it has compared');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('folders that go once what is in them has gone wait for nothing where a person has it stay', async () => {
  const { master, mirror } = await startPair();
  for (const path of ['p', 'p/d']) await master.mkdir(path);
  await master.put('p/d/b', 'old');
  await mirror.inStep(master);
  await master.rules({ groups: [{ name: 'g', members: ['p/d/b', 'c'], rule: 'all' }] });
  await master.remove('p/d/b');
  for (const path of ['p/d', 'p']) await master.rmdir(path);
  await until(() => mirror.site.state.wants.countInState('ready') === 3, 'all of it waits');
  await until(() => mirror.site.waits()[0]?.files === 1, 'it is asked about');
  expect(await mirror.site.resolve('group:g', 'discard', 'osaka')).toBe(true);
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['p/', 'p/d/', 'p/d/b']);
});

test('what stays in the place of a version that was given up is not the master’s under a new name of its folder either', async () => {
  const { master, mirror } = await startPair();
  await master.mkdir('d');
  for (const path of ['d/a', 'd/b']) await master.put(path, 'old');
  await mirror.inStep(master);
  await master.rules({ groups: [{ name: 'g', members: ['d/a', 'c'], rule: 'all' }] });
  await master.put('d/a', 'new');
  await giveUpAll(mirror, 1);
  await master.rules({ groups: [] });
  await until(() => mirror.store.get('SELECT 1 FROM plan LIMIT 1') === undefined, 'nothing is unfinished');
  await master.rename('d', 'e');
  await mirror.inStep(master);
  for (const path of ['e/a', 'e/b']) await rm(join(mirror.rootFolder, path));
  // The master has no such content.
  expect(await mirror.site.rescan()).toMatchObject({ changed: 1 });
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['e/', 'e/b']);
});
