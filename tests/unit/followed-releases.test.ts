import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Belonging } from '../../electron/engine/store/belonging.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('where a release has gone on that is told of later is known until the newer one is shown', async () => {
  const store = await openStore(join(await temporaryFolder(), 'x.db'));
  const belonging = new Belonging(store, new Journal(store, 'www').site);
  const open = (): number[] => belonging.openReleases().map(({ id }) => id);
  belonging.noteRelease({ last: 5 });
  belonging.goneOn(10, { last: 20 });
  // Shown while the rest of a catch-up is on its way.
  belonging.published(5, 1);
  belonging.noteRelease({ last: 10, together: true });
  expect(open()).toEqual([20]);
  belonging.published(20, 1);
  belonging.noteRelease({ last: 10, together: true });
  expect(open()).toEqual([10]);
});

test('a release that waits with a newer one is not shown with what a catch-up had told as one under its number', async () => {
  const store = await openStore(join(await temporaryFolder(), 'x.db'));
  const belonging = new Belonging(store, new Journal(store, 'www').site);
  belonging.noteRelease({ last: 217 });
  belonging.noteRelease({ last: 308 });
  belonging.merge(217, 308);
  belonging.noteRelease({ last: 301, together: true });
  expect(belonging.moveOut(308, { release: 217, paths: [] }, 301)).toEqual([]);
  expect(belonging.published(308, 1)).toEqual([308]);
  expect(belonging.published(301, 1)).toEqual([217, 301]);
});
