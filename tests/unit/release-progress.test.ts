import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ReleaseProgress } from '../../electron/engine/mirror/release-progress.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { at } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('what is with the publisher of a release that goes on in a newer one meanwhile does not have that one shown', async () => {
  const store = await openStore(join(await temporaryFolder(), 'x.db'));
  onTestFinished(() => store.close());
  const state = new MirrorState(store, 'www');
  state.moveCursor('journal', 7, null);
  const told: string[] = [];
  const progress = new ReleaseProgress({ state, now: () => 1, onRelease: (id, is) => told.push(`${id} ${is}`) });
  state.belonging.noteRelease({ last: 5 });
  progress.handedOver(5, at('a'));
  state.belonging.noteRelease({ last: 7 });
  state.belonging.merge(5, 7);
  const want =
    'INSERT INTO want (site, path, kind, seq, transfer, part, release, forced, state, attempts, since, changed_at)';
  store.run(`${want} VALUES (?, 'b', 'gone', 7, 1, 0, 7, 0, 'queued', 0, 1, 1)`, state.site);
  progress.done(at('a'));
  expect(told).toEqual([]);
  store.run('DELETE FROM want');
  progress.look(() => ({ waiting: 0, ready: 0 }));
  expect(told).toEqual(['5 published', '7 published']);
});
