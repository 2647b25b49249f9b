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
