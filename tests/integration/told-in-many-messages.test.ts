import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LINK_ITEMS_MAX } from '../../shared/contract/link.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import type { TestMaster, TestMirror } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import {
  aPairAndOneAway,
  BOTH,
  cutAfterNext,
  MANY,
  names,
  NOWHERE,
  PATIENT,
  release,
} from '../support/pair-with-releases.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

/** More than one message tells. */
async function fill(master: TestMaster, prefix: string): Promise<void> {
  for (let at = 0; at < MANY; at += 1) await master.mkdir(`${prefix}${at}`);
}

const isFetched = (mirror: TestMirror, path: string) => async () =>
  mirror.site.state.wants.of(path as SitePath)?.state === 'ready' || (await names(mirror)).includes(path);

test('of what was missed, and is told in more than one message, no page is shown before all of it is known', async () => {
  const { master, mirror } = await startPair();
  master.journal.setRules(
    { groups: [], links: { ...PATIENT, index: ['index.html'], set: [] } },
    { account: 'tester' },
    0,
  );
  await master.put('style.css', 'old');
  await mirror.inStep(master);
  mirror.cut();
  await master.put('style.css', 'newer');
  await master.put('page.html', '<link rel="stylesheet" href="style.css">');
  await fill(master, 'a');
  // Only this version of it is told of: after the page.
  await master.put('style.css', 'the newest');
  cutAfterNext(mirror, 'notify');
  mirror.connect(master);
  await until(isFetched(mirror, 'page.html'));
  await sleep(200);
  expect(await names(mirror)).not.toContain('page.html');
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what overtakes a part of a release in a catch-up that goes on after it broke off appears with the rest', async () => {
  const { master, mirror } = await startPair();
  await master.put('b', 'b0');
  await mirror.inStep(master);
  mirror.cut();
  await (await release(master, { a: 'a1', b: 'b1' })).commit({});
  await fill(master, 'c');
  // Of no release: what is left of the other one in what was missed is a.
  await master.put('b', 'b2');
  cutAfterNext(mirror, 'notify');
  mirror.connect(master);
  await until(isFetched(mirror, 'a'));
  mirror.connect(master, NOWHERE);
  await until(() => mirror.site.state.cursor === master.journal.head);
  await sleep(200);
  expect(await names(mirror)).not.toContain('a');
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what is told last in a message is no part of a release that waits because it has the content of a file of that', async () => {
  const { master, mirror } = await aPairAndOneAway();
  await (await release(master, { one: 'same', two: '2' })).commit({ together: BOTH });
  await until(() => mirror.site.state.cursor === master.journal.head, 'the release is heard');
  mirror.cut();
  for (let at = 1; at < LINK_ITEMS_MAX; at += 1) await master.mkdir(`a${at}`);
  await master.put('plain', 'same');
  await fill(master, 'b');
  mirror.connect(master);
  await until(async () => (await names(mirror)).includes('plain'), 'it is shown');
  expect(await names(mirror)).not.toContain('one');
});

test('what is renamed while an index is told whose newest change is of a release that waits does not wait with it', async () => {
  const { master, mirror } = await aPairAndOneAway();
  await fill(master, 'd');
  await (await release(master, { zz: 'z' })).commit();
  await mirror.inStep(master);
  await (await release(master, { t: 't' })).commit({ together: BOTH });
  await until(() => mirror.site.state.cursor === master.journal.head, 'the release is heard');
  mirror.cut();
  master.deliveries.toldBy(mirror.peer.id, null);
  let pages = mirror.heard['snapshotPage'] ?? 0;
  let renamed: Promise<unknown> | undefined;
  Object.defineProperty(mirror.heard, 'snapshotPage', {
    get: () => pages,
    set: (value: number) => {
      pages = value;
      renamed ??= master.rename('zz', 'a');
    },
  });
  mirror.connect(master);
  await until(async () => (await names(mirror)).includes('a'), 'it is shown');
  await renamed;
  expect(await names(mirror)).not.toContain('t');
});
