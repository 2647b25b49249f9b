import { expect, test } from 'vitest';
import type { TestMaster } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import { aPairAndOneAway, BOTH, names, NOWHERE, release } from '../support/pair-with-releases.ts';
import { until } from '../support/until.ts';

const changes: readonly [string, (master: TestMaster) => Promise<unknown>][] = [
  ['changed', async (master) => [await master.put('one', 'newer'), await master.put('two', 'newer')]],
  ['renamed', async (master) => [await master.rename('one', '1'), await master.rename('two', '2')]],
];

test.each(changes)(
  'a mirror that shows nothing of a release is not taken to show it where all of it was %s since',
  async (_, change) => {
    const { master, mirror } = await aPairAndOneAway();
    await (await release(master, { one: 'one', two: 'two' })).commit({ together: BOTH });
    const id = master.journal.head;
    await until(() => mirror.site.state.wants.inState('ready', 9).length === 2, 'it waits for the word');
    await change(master);
    await until(() => master.deliveries.subscription(mirror.peer.id)?.publishedSeq === id, 'what waits is newer');
    const shownAt = () =>
      master.site.releases.records.get(id)?.peers.find(({ peer }) => peer === mirror.peer.id)?.publishedAt;
    expect(await names(mirror)).toEqual([]);
    expect(shownAt()).toBeUndefined();
    master.word.give(id);
    await mirror.inStep(master);
    await until(() => shownAt() !== undefined, 'it is known to show it');
  },
);

test('nor where it was away when all of it was changed, and cannot fetch it', async () => {
  const { master, mirror } = await startPair();
  mirror.cut();
  await (await release(master, { one: 'one', two: 'two' })).commit();
  const id = master.journal.head;
  await master.put('one', 'newer');
  await master.put('two', 'newer');
  mirror.connect(master, NOWHERE);
  await until(() => master.deliveries.subscription(mirror.peer.id)?.publishedSeq === id, 'what it wants is newer');
  const shownAt = () => master.site.releases.records.get(id)?.peers[0]?.publishedAt;
  expect(shownAt()).toBeUndefined();
  mirror.cut();
  mirror.connect(master);
  await mirror.inStep(master);
  await until(() => shownAt() !== undefined, 'it is known to show it');
});
