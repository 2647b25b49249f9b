import { describe, expect, test } from 'vitest';
import { aMaster, aMirror } from '../support/a-pair.ts';
import type { startMaster } from '../support/master-and-mirror.ts';
import { readTree } from '../support/tree.ts';

async function pair(routes: Parameters<typeof startMaster>[1] = []) {
  const master = await aMaster(routes);
  const mirror = await aMirror();
  return { master, mirror };
}

describe('a master and its mirror', () => {
  test('puts, changes, renames, deletes and empty folders arrive as they are', async () => {
    const { master, mirror } = await pair();
    mirror.connect(master);
    await master.mkdir('a');
    await master.mkdir('empty');
    await master.put('a/one.txt', 'one');
    await master.put('a/two.txt', 'two');
    await master.put('日本 語.txt', 'こんにちは');
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
    await master.put('a/one.txt', 'one, changed');
    await master.rename('a', 'b');
    await master.touch('b/two.txt', 1_000_000_000_123);
    await master.remove('日本 語.txt');
    await master.rename('b/two.txt', 'three.txt');
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
    expect(Object.keys(await readTree(mirror.rootFolder))).toEqual(['b/', 'b/one.txt', 'empty/', 'three.txt']);
  });

  test('what was missed comes when the link is back, the latest change per path', async () => {
    const { master, mirror } = await pair();
    mirror.connect(master);
    await master.put('kept.txt', '1');
    await mirror.inStep(master);
    mirror.cut();
    for (let i = 0; i < 50; i += 1) await master.put('often.txt', `version ${i}`);
    await master.remove('kept.txt');
    await master.mkdir('kept.txt');
    await master.put('kept.txt/inside', 'x');
    mirror.connect(master);
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
    const fetched = mirror.store.all("SELECT path FROM transfer WHERE path = 'often.txt'");
    expect(fetched).toHaveLength(1);
  });
});
