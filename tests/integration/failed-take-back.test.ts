import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AppError } from '../../shared/errors/app-error.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { readTree } from '../support/tree.ts';

test('where a full disk takes neither a file nor that this is taken back, mirrors are told of the rest once it has room, though nothing else is changed', async () => {
  const master = await aMaster();
  await master.put('page.html', 'page');
  const transaction = master.store.transaction.bind(master.store);
  let transactions = 0;
  const store = vi.spyOn(master.store, 'transaction').mockImplementation((work) => {
    transactions += 1;
    // All has been checked by then, and nothing is done yet.
    mkdirSync(join(master.rootFolder, 'other.html', 'in the way'), { recursive: true });
    if (transactions === 2) throw new AppError('file.disk-full');
    return transaction(work);
  });
  onTestFinished(() => store.mockRestore());
  await expect(master.put('other.html', 'other')).rejects.toMatchObject({ code: 'file.is-directory' });
  expect([transactions, master.journal.settled, master.journal.head]).toEqual([2, false, 1]);
  const mirror = await aMirror();
  mirror.connect(master);
  await mirror.inStep(master, 10_000);
  expect(await readTree(mirror.rootFolder)).toMatchObject({ 'page.html': expect.anything() });
  expect(master.journal.settled).toBe(true);
});
