import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { AppError } from '../../shared/errors/app-error.ts';
import { aMirror } from '../support/a-pair.ts';
import { startMaster, type TestMaster } from '../support/master-and-mirror.ts';
import { cutAfterNext, MANY } from '../support/pair-with-releases.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

test('a master put back from a backup gives its numbers to other changes, and a mirror that was further gets them', async () => {
  const { folder, master, mirror, backUp, putBack } = await backedUp();
  await master.put('before.txt', 'before');
  await mirror.inStep(master);
  await backUp();
  const later = await startAgain(folder);
  mirror.connect(later);
  for (let number = 0; number < 10; number += 1) await later.put(`lost-${number}.txt`, 'after the backup');
  await mirror.inStep(later);
  mirror.cut();
  await later.stop();

  await putBack();
  const back = await startAgain(folder);
  const { id } = back.journal;
  // The same seqs, and more than the mirror has heard of: by its number alone its cursor would be as good as any.
  for (let number = 0; number < 20; number += 1) await back.put(`new-${number}.txt`, 'another future');
  await back.put('lost-3.txt', 'written again');
  mirror.connect(back);
  await mirror.inStep(back);
  expect(back.journal.id).not.toBe(id);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(back.rootFolder));
  // What had a higher number in the other future is not stale.
  await back.put('before.txt', 'changed');
  await back.remove('lost-3.txt');
  await mirror.inStep(back);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(back.rootFolder));
});

test('what a mirror has shown of the journal before is credited to no change of the one that is followed now', async () => {
  const { folder, mirror, backUp, putBack } = await backedUp();
  await backUp();
  const putBoth = async (master: TestMaster): Promise<void> => {
    for (const name of ['a', 'b']) await master.put(name, 'after the backup');
    for (const name of ['a', 'b']) await master.touch(name, 1_700_000_000_000);
  };
  const later = await startAgain(folder);
  mirror.connect(later);
  await putBoth(later);
  await mirror.inStep(later);
  mirror.cut();
  await later.stop();
  await putBack();
  const back = await startAgain(folder);
  // The same files at the same numbers, as a scan finds them.
  await putBoth(back);
  mirror.connect(back);
  await expect.poll(() => back.journal.renewed).toBe(true);
  await mirror.inStep(back);
  mirror.cut();
  mirror.connect(back);
  await back.put('c', 'new');
  await mirror.inStep(back);
  const delivered = (): unknown[] => {
    back.deliveries.flush();
    return back.store.all('SELECT path, state FROM delivery ORDER BY path').map((row) => ({ ...row }));
  };
  // What it has by comparing is told by nobody.
  await expect.poll(delivered).toEqual([{ path: 'c', state: 'published' }]);
  const seqs = mirror.store.all('SELECT seq FROM transfer ORDER BY id').map(({ seq }) => seq);
  expect([...new Set(seqs)]).toEqual([0, 5]);
});

test('put back a second time, by the same copy, it is noticed too: by a journal that this copy has never had', async () => {
  const { folder, mirror, backUp, putBack } = await backedUp();
  await backUp();
  const later = await startAgain(folder);
  const { id } = later.journal;
  mirror.connect(later);
  await later.put('later.txt', 'after the backup');
  await mirror.inStep(later);
  mirror.cut();
  await later.stop();
  for (const round of [1, 2, 3]) {
    await putBack();
    const back = await startAgain(folder);
    expect(back.journal.id).toBe(id);
    await back.put(`${round}.txt`, 'another future');
    mirror.connect(back);
    // Before it a real master reads its tree: by its index alone mirrors would delete what came since.
    await expect.poll(() => back.journal.renewed).toBe(true);
    await mirror.inStep(back);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(back.rootFolder));
    mirror.cut();
    await back.stop();
  }
});

test.each(['cursor', 'index'] as const)(
  'it is noticed, too, by a mirror that has to compare everything: by the last that it was told, of the %s',
  async (last) => {
    const { folder, mirror, backUp, putBack } = await backedUp();
    await backUp();
    const later = await startAgain(folder);
    if (last === 'index') later.journal.renew();
    const { snapshotNeeded = 0 } = mirror.heard;
    mirror.connect(later);
    if (last === 'index') {
      while (mirror.heard.snapshotNeeded !== snapshotNeeded + 1) await setImmediate();
    } else {
      await later.put('later.txt', 'after the backup');
      await mirror.inStep(later);
      mirror.store.run('UPDATE site SET filter = NULL');
    }
    mirror.cut();
    expect(mirror.site.journal).toBe(null);
    await later.stop();
    await putBack();
    const back = await startAgain(folder);
    mirror.connect(back);
    await expect.poll(() => back.journal.renewed).toBe(true);
    await mirror.inStep(back);
    mirror.store.run('UPDATE site SET filter = NULL');
    mirror.connect(back);
    await mirror.inStep(back);
    const { id } = back.journal;
    mirror.cut();
    await back.stop();
    // What it was told is of this journal: no reason to begin another one.
    const again = await startAgain(folder);
    mirror.store.run('UPDATE site SET filter = NULL');
    mirror.connect(again);
    await mirror.inStep(again);
    expect([again.journal.id, again.journal.renewed]).toEqual([id, false]);
  },
);

test('it is noticed, too, by a mirror that had been told of more than its cursor says: a part of what it had missed', async () => {
  const { folder, master, mirror, putBack, copyNow } = await backedUp();
  await master.put('page.html', 'one');
  await mirror.inStep(master);
  mirror.cut();
  await master.put('page.html', 'two');
  for (let at = 0; at < MANY; at += 1) await master.mkdir(`a${at}`);
  await copyNow();
  // Of the page only this version is told, after what one message holds.
  await master.put('page.html', 'three');
  cutAfterNext(mirror, 'notify');
  mirror.connect(master);
  await expect.poll(() => mirror.site.state.compared?.seq).toBe(master.journal.head);
  await master.stop();
  await putBack();
  const back = await startAgain(folder);
  expect(mirror.site.state.cursor).toBeLessThan(back.journal.head);
  mirror.connect(back);
  await mirror.inStep(back);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(back.rootFolder));
});

test('it is noticed, too, by a mirror that had been told a part of the change that came next: of a folder that was renamed', async () => {
  const { folder, master, mirror: other, putBack, copyNow } = await backedUp();
  other.cut();
  const mirror = await aMirror('osaka', { exclude: ['none'] });
  mirror.connect(master);
  await master.mkdir('old');
  for (let at = 0; at < MANY; at += 1) await master.mkdir(`old/${at}`);
  await mirror.inStep(master);
  await copyNow();
  const { head } = master.journal;
  cutAfterNext(mirror, 'notify');
  await master.rename('old', 'new');
  await expect.poll(async () => Object.keys(await readTree(mirror.rootFolder)).includes('new/0/')).toBe(true);
  await master.stop();
  await putBack();
  const back = await startAgain(folder);
  expect([mirror.site.state.cursor, back.journal.head]).toEqual([head, head]);
  mirror.connect(back);
  await expect.poll(() => back.journal.renewed).toBe(true);
  await mirror.inStep(back);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(back.rootFolder));
});

test('nothing goes that was told to go by a message that could not be stored, where the master was put back before it', async () => {
  const { folder, master, mirror: other, putBack, copyNow } = await backedUp();
  other.cut();
  const mirror = await aMirror('osaka', { exclude: ['none'] });
  mirror.connect(master);
  await master.mkdir('old');
  for (let at = 0; at < MANY; at += 1) await master.mkdir(`old/${at}`);
  await mirror.inStep(master);
  await copyNow();
  const { head } = master.journal;
  // Of its messages the first tells what goes.
  const transaction = mirror.store.transaction.bind(mirror.store);
  mirror.store.transaction = (work) => {
    mirror.store.transaction = transaction;
    return transaction(() => {
      work();
      throw new AppError('file.disk-full');
    });
  };
  await master.rename('old', 'zzz');
  await expect.poll(() => mirror.store.transaction === transaction).toBe(true);
  await master.stop();
  await putBack();
  const back = await startAgain(folder);
  expect([mirror.site.state.cursor, back.journal.head]).toEqual([head, head]);
  mirror.connect(back);
  await back.put('new.txt', 'another future');
  await mirror.inStep(back);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(back.rootFolder));
});

test('a mirror that was away while the journal was renewed is no reason to renew it again', async () => {
  const { folder, master, mirror } = await backedUp();
  await master.put('one.txt', '1');
  await mirror.inStep(master);
  mirror.cut();
  master.journal.renew();
  const { id } = master.journal;
  await master.stop();
  const again = await startAgain(folder);
  const { snapshotNeeded = 0 } = mirror.heard;
  mirror.connect(again);
  await expect.poll(() => mirror.heard.snapshotNeeded).toBe(snapshotNeeded + 1);
  await mirror.inStep(again);
  expect([again.journal.id, again.journal.renewed]).toEqual([id, false]);
});

test('so does a mirror that is connected already when another one tells of it', async () => {
  const { folder, master, mirror, backUp, putBack } = await backedUp();
  const other = await aMirror('osaka');
  other.connect(master);
  await master.put('before.txt', 'before');
  await mirror.inStep(master);
  await other.inStep(master);
  other.cut();
  await backUp();
  const later = await startAgain(folder);
  mirror.connect(later);
  await later.put('lost.txt', 'after the backup');
  await mirror.inStep(later);
  mirror.cut();
  await later.stop();

  await putBack();
  const back = await startAgain(folder);
  other.connect(back);
  await back.put('new.txt', 'another future');
  await other.inStep(back);
  mirror.connect(back);
  await back.put('newer.txt', 'of the new journal');
  await Promise.all([mirror.inStep(back), other.inStep(back)]);
  for (const { rootFolder } of [mirror, other])
    expect(Object.keys(await readTree(rootFolder))).toEqual(['before.txt', 'new.txt', 'newer.txt']);
});

test('a master that was only stopped, however often, is followed from where the mirror stands', async () => {
  const { folder, master, mirror } = await backedUp();
  await master.put('one.txt', '1');
  await mirror.inStep(master);
  mirror.cut();
  await master.stop();
  const { snapshotNeeded } = mirror.heard;
  for (const round of [1, 2, 3, 4]) {
    const again = await startAgain(folder);
    // In some rounds nothing is changed, in some before the mirror is there.
    if (round === 2) await again.put('early.txt', 'before the mirror came');
    mirror.connect(again);
    await mirror.inStep(again);
    if (round > 2) await again.put(`late-${round}.txt`, 'x');
    await mirror.inStep(again);
    mirror.cut();
    await again.stop();
  }
  expect(mirror.heard.snapshotNeeded).toBe(snapshotNeeded);
  expect(Object.keys(await readTree(mirror.rootFolder))).toEqual(['early.txt', 'late-3.txt', 'late-4.txt', 'one.txt']);
});

test('what a mirror makes up renews the journal once, and compares only that mirror again', async () => {
  const { master, mirror } = await backedUp();
  await master.put('one.txt', '1');
  await mirror.inStep(master);
  const { id } = master.journal;
  const lie = async (): Promise<string> => {
    mirror.store.run("UPDATE site SET term = 'ffffffffffffffff'");
    mirror.site.state.reload();
    const { snapshotNeeded = 0 } = mirror.heard;
    mirror.connect(master);
    await expect.poll(() => mirror.heard.snapshotNeeded).toBe(snapshotNeeded + 1);
    await mirror.inStep(master);
    return master.journal.id;
  };
  const renewed = await lie();
  expect(renewed).not.toBe(id);
  expect(await lie()).toBe(renewed);
});

async function backedUp() {
  const folder = await temporaryFolder();
  const copy = await temporaryFolder();
  const master = await startMaster(folder);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (!stopped) await master.stop();
    stopped = true;
  };
  onTestFinished(stop);
  const mirror = await aMirror();
  mirror.connect(master);
  return {
    folder,
    master: { ...master, stop },
    mirror,
    /** Ends the master, as one does for a copy of its folder. */
    backUp: async (): Promise<void> => {
      mirror.cut();
      await stop();
      await cp(folder, copy, { recursive: true, preserveTimestamps: true });
    },
    /** The same, as `lockstep backup` does it: while the master goes on. */
    copyNow: async (): Promise<void> => {
      master.store.run('VACUUM INTO ?', join(copy, 'lockstep.db'));
      await cp(join(folder, 'site'), join(copy, 'site'), { recursive: true, preserveTimestamps: true });
    },
    putBack: async (): Promise<void> => {
      await rm(folder, { recursive: true });
      await cp(copy, folder, { recursive: true, preserveTimestamps: true });
    },
  };
}

async function startAgain(folder: string) {
  const master = await startMaster(folder);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (!stopped) await master.stop();
    stopped = true;
  };
  onTestFinished(stop);
  return { ...master, stop };
}
