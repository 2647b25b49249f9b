import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { startMirror } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import { aPairAndOneAway, BOTH, NOWHERE, release } from '../support/pair-with-releases.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

test('a mirror that was started again is told the word again, also where a file of the release was changed since', async () => {
  const master = await aMaster();
  const folder = await temporaryFolder();
  const mirror = await startMirror(folder, 'tokyo');
  // Its source is out of reach: nothing is published here.
  mirror.connect(master, 1);
  const release = master.site.beginRelease('both', { account: 'tester' });
  const upload = await release.beginUpload('a' as SitePath, { by: { account: 'tester' } });
  await upload.write(Buffer.from('first'));
  await upload.commit();
  const { id } = await release.commit({ together: { limit: 60_000 } });
  await master.put('a', 'second');
  // By a person: it is not ready.
  master.word.give(id);
  await expect.poll(() => mirror.heard.releaseGo).toBe(1);
  await mirror.stop();
  const again = await aMirror('tokyo', {}, folder);
  again.connect(master);
  await again.inStep(master);
  expect(await readTree(again.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what a mirror has said while the site could not be opened at the master is said again: the word is not waited for in vain', async () => {
  const { master, mirror } = await startPair();
  const other = await aMirror('osaka');
  other.connect(master);
  mirror.connect(master, NOWHERE);
  const { id } = await (await release(master, { a: 'a' })).commit({ together: BOTH });
  await expect.poll(() => mirror.site.state.wants.of('a' as SitePath)?.release).toBe(id);
  mirror.cut();
  master.hide();
  // It may have heard that nothing can be fetched there.
  master.notifier.forget('www', mirror.peer.id);
  mirror.connect(master);
  await expect.poll(() => mirror.site.state.belonging.release(id)?.readyAt).toBeDefined();
  await sleep(200);
  expect(master.notifier.waiting('www').get(mirror.peer.id)?.items ?? []).toEqual([]);
  master.show();
  await Promise.all([mirror.inStep(master), other.inStep(master)]);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what waits at a mirror, and that it is paused, is said again once the site has been opened at the master', async () => {
  const { master, mirror } = await aPairAndOneAway();
  await (await release(master, { a: 'a' })).commit({ together: BOTH });
  const waiting = (): unknown[] =>
    (master.notifier.waiting('www').get(mirror.peer.id)?.items ?? []).map(({ error }) => error.code);
  await expect.poll(waiting).toEqual(['wait.word']);
  mirror.cut();
  master.hide();
  master.notifier.forget('www', mirror.peer.id);
  mirror.connect(master);
  mirror.pause();
  await sleep(200);
  expect([waiting(), master.notifier.isPaused('www', mirror.peer.id)]).toEqual([[], false]);
  master.show();
  await expect.poll(() => master.notifier.isPaused('www', mirror.peer.id)).toBe(true);
  await expect.poll(waiting).toContain('wait.word');
});

/** The catch-up and the snapshot tell what waits for no word as one release, complete with the newest change: here that is the other one's. */
test.each(['a mirror that was away', 'a new mirror'])(
  '%s shows no release before its word, whatever else it has missed',
  async (who) => {
    const master = await aMaster();
    const [mirror, away] = [
      await startMirror(await temporaryFolder(), 'tokyo'),
      await startMirror(await temporaryFolder(), 'osaka'),
    ];
    onTestFinished(() => mirror.stop());
    onTestFinished(() => away.stop());
    for (const each of [away, ...(who === 'a new mirror' ? [] : [mirror])]) {
      each.connect(master);
      await each.inStep(master);
      each.cut();
    }
    const published = async (files: readonly string[], how: { together?: { limit: number } }): Promise<void> => {
      const release = master.site.beginRelease('some', { account: 'tester' });
      for (const path of files) {
        const upload = await release.beginUpload(path as SitePath, { by: { account: 'tester' } });
        await upload.write(Buffer.from(path));
        await upload.commit();
      }
      await release.commit(how);
    };
    await published(['now-1', 'now-2'], {});
    await published(['word-1', 'word-2'], { together: { limit: 60_000 } });
    mirror.connect(master);
    await expect.poll(() => readTree(mirror.rootFolder).then(Object.keys)).toEqual(['now-1', 'now-2']);
    await expect
      .poll(() => mirror.site.state.wants.inState('ready', 10).map(({ path }) => path))
      .toEqual(['word-1', 'word-2']);
    expect(Object.keys(await readTree(mirror.rootFolder))).toEqual(['now-1', 'now-2']);
    away.connect(master);
    await Promise.all([mirror.inStep(master), away.inStep(master)]);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  },
);

test('a release that waits for the word is not forgotten, however old it gets', async () => {
  const { master, mirror } = await aPairAndOneAway();
  const { id } = await (await release(master, { a: 'a' })).commit({ together: BOTH });
  await expect.poll(() => mirror.site.waits().length).toBe(1);
  master.journal.trim(Date.now() + 1);
  master.site.releases.records.trim();
  // Nor what belongs to it: a mirror that is new waits with the others.
  const late = await aMirror('berlin');
  late.connect(master);
  await expect.poll(() => late.site.waits().length).toBe(1);
  expect(await readTree(late.rootFolder)).toEqual({});
  master.word.give(id);
  for (const each of [mirror, late]) {
    await each.inStep(master);
    expect(await readTree(each.rootFolder)).toEqual(await readTree(master.rootFolder));
  }
});

test('a mirror that was away when the word was given shows the release, also where the master has forgotten it since', async () => {
  const { master, mirror } = await aPairAndOneAway();
  const { id } = await (await release(master, { a: 'a' })).commit({ together: BOTH });
  await expect.poll(() => mirror.site.waits().length).toBe(1);
  mirror.cut();
  master.word.give(id);
  master.journal.trim(Date.now() + 1);
  master.site.releases.records.trim();
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});
